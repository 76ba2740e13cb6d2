rule-title = Auth rules

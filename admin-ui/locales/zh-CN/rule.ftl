rule-title = 认证规则

sms-title = SMS templates

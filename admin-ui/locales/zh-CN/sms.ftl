sms-title = 短信模板

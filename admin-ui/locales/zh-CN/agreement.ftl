agreement-title = 协议

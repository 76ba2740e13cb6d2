stuck-title = 待处理

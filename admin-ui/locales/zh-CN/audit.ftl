audit-title = 审计

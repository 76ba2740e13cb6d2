staff-title = 员工

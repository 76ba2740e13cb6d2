staff-title = Staff

stuck-title = Stuck work

flow-title = Sign flows

agreement-title = Agreements

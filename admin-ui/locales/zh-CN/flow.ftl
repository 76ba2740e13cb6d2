flow-title = 签约流程

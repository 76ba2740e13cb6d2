// Every word that stands for a name of the API, and the page's own sentences.

export const STATUS = {
  CREATED: ["已创建", "idle"], PENDING_SIGN: ["待签署", "wait"], PENDING_AUTH: ["待认证", "wait"],
  AUTHENTICATING: ["认证处理中", "busy"], SEALING: ["签章处理中", "busy"], COMPLETED: ["已完成", "done"],
  FAILED: ["已失败", "fail"], TIMED_OUT: ["已超时", "warn"], CANCELLED: ["已撤销", "idle"],
};
export const TERMINAL = ["COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"];
export const EVENT = {
  STARTED: "已创建", START_FAILED: "没能发起", SMS_ACCEPTED: "短信已受理", SMS_EXHAUSTED: "短信未送达", SMS_RESENT: "短信已重发",
  LINK_OPENED: "打开了链接", LINK_COPIED: "工作人员复制了链接", READ: "读了协议", CONSENTED: "表示同意", SIGNED: "已签署", SIGN_FAILED: "没能签署", DECLINED: "已拒签",
  AUTH_REQUESTED: "要求核验", CHALLENGE_CREATED: "核验已发起", CHALLENGE_FAILED: "核验没能发起", MATERIAL_SUBMITTED: "已提交核验",
  MATERIAL_REFUSED: "金额不对", AUTH_PASSED: "核验通过", AUTH_REJECTED: "核验未通过", CHALLENGE_EXPIRED: "核验已过期",
  SEALED: "已盖章", SEAL_FAILED: "盖章失败，会再试", SEAL_ABANDONED: "放弃盖章", SESSION_EXPIRED: "已过签署期限", CANCELLED: "已撤销",
};
export const AUTH = { PAYMENT_VERIFICATION: "打款验证", FACE_VERIFICATION: "人脸验证" };
export const SEAL = { PENDING: "待签", SIGNED: "已签署，待盖章", SEALED: "已盖章", FAILED: "盖章失败" };
export const VERDICT = {
  verified: "签名已核对", unchecked: "没有密钥可核对", missing_headers: "缺少签名头", stale: "时间相差太多", bad_signature: "签名不对",
};
export const CODE = {
  INVALID_ARGUMENT: "有字段要改", IDEMPOTENCY_CONFLICT: "流水号已用过，内容不同", AGREEMENT_TYPE_NOT_SUPPORTED: "这个场景不支持这种协议",
  AUTH_RULE_NOT_FOUND: "没有匹配的认证规则", SMS_TEMPLATE_NOT_FOUND: "没有匹配的短信模板", RATE_LIMITED: "请求太密，请稍后再试",
  UNAUTHENTICATED: "没有通过身份认证", UNREACHABLE: "平台没有应答", NO_CREDENTIALS: "还没有演示凭证",
};
export const SAY = {
  starting: "正在发起…", start: "发起签约", replayed: "这是同一笔流程：没有新建，也没有再发短信",
  unreachable: "请确认平台正在运行，再试一次。", noCredentials: "平台第一次启动后会写好演示客户端的凭证；启动后刷新这一页。",
  live: "实时", offline: "连接中断，正在重连", waitingSms: "短信会出现在这里。先在左边发起一次签约。",
  elsewhere: "签约页只能在平台自己的地址里打开。请改用",
};

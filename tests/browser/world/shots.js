// What there is to be photographed: every page of the console, and the shapes that its pages take.

const settled = (page, selector) => page.locator(selector).first().waitFor();
const follow = (selector) => async (page) => {
  await page.locator(selector).first().click();
  await page.waitForLoadState("load");
};
const ask = (selector) => async (page) => {
  await page.locator(selector).first().click();
  await settled(page, "dialog[open] h1");
};
const fill = (values) => async (page) => {
  for (const [selector, value] of Object.entries(values)) await page.fill(selector, value);
};
const FIRST = "table[data-list] tbody a, table tbody a";
const drawn = (page) => settled(page, "#agreement-pages img");

async function changeRule(page) {
  await page.selectOption('[id="authType"]', "FACE_VERIFICATION");
  await settled(page, "#preview .chg");
}

/** `[name, 中文, English, path, what is done there]`; `as` says who sits at the desk. */
export function shots({ flows, made }) {
  const flow = (name) => `/admin/flows/${flows[name]}`;
  const own = "/admin/agreements/SETTLEMENT_MANDATE";
  const pages = [
    ["overview", "概览", "Overview", "/admin"],
    ["flows", "签约流程", "Sign flows", "/admin/flows"],
    ["flow", "一条已完成的流程", "A completed flow", flow("paid")],
    ["stuck", "待处理", "Stuck work", "/admin/stuck"],
    ["sms-templates", "短信模板", "SMS templates", "/admin/sms-templates"],
    ["sms-template", "一个模板和它的版本", "A template and its versions", made.template],
    ["sms-editor", "边写边看的短信编辑", "The SMS editor, with phone and lint", `${made.template}/edit`],
    ["rules", "认证规则和决定矩阵", "Auth rules and the decision matrix", "/admin/rules"],
    ["rule-editor", "改规则前先看会变的格子", "The cells a change would alter", "/admin/rules", follow('a.rule-link:has-text("批量付款 · 对公"), a.rule-link:has-text("Batch payment · Company")'),
      follow('a[href$="/edit"]'), changeRule],
    ["agreements", "协议", "Agreements", "/admin/agreements"],
    ["agreement", "一种协议", "An agreement type", own],
    ["agreement-editor", "正文和实时页面", "The text beside its pages", own, follow('main a[href*="/text?"]'), drawn],
    ["clients", "上游系统", "Upstream systems", "/admin/clients"],
    ["client", "一个上游系统", "An upstream system", made.client],
    ["audit", "审计", "Audit", "/admin/audit"],
    ["audit-entry", "一次改动的前后", "What a change altered", "/admin/audit?action=updateClient", follow(FIRST)],
    ["staff", "员工", "Staff", "/admin/staff"],
    ["member", "一位员工和他的会话", "A colleague, and where they are signed in", "/admin/staff", follow('table tbody a:has-text("mei")')],
    ["account", "我的账户", "My account", "/admin/account"],
  ];
  const shapes = [
    ["flow-unsealed", "盖不了章的流程", "A flow that can't be sealed", flow("unsealed")],
    ["flow-waiting", "等待打款验证的流程", "A flow that waits for its transfer", flow("waiting")],
    ["flow-failed", "认证没有通过的流程", "A flow whose signer was not recognised", flow("failed")],
    ["flow-cancel", "撤销前的确认", "Asked before it is cancelled", flow("waiting"), ask('a[data-dialog][href*="/cancel"]')],
    ["flows-found", "筛选过的列表", "A filtered list", "/admin/flows?status=PENDING_SIGN&scene=MEMBER_SETTLEMENT"],
    ["flows-none", "没有符合条件的", "Nothing found", "/admin/flows?number=NOTHING-1"],
    ["proof", "敏感操作前再确认身份", "The password again", "/admin/proof?back=/admin"],
    ["sms-compare", "两个版本的差别", "What differs between versions", `${made.template}/comparison?from=1&to=2`],
    ["sms-enable", "启用前先看影响", "What enabling would change", "/admin/sms-templates", follow('table a:has-text("归集旧版通知")'),
      ask('a[data-dialog][href*="/status"]')],
    ["sms-wrong", "写错的变量和违规的文字", "An unknown variable, a forbidden word", "/admin/sms-templates/new", fill({
      "#name": "会员结算催签", "#body": "【云帆】尊敬的客户，点击 {{ publicUrl }}/s/{{ linkCod }} 签约即可贷款。" }), (page) => settled(page, "#sms-lint li")],
    ["rule-new", "给空缺补规则", "A rule for a hole", "/admin/rules", follow('.mx a[href*="/admin/rules/new"]')],
    ["rule-trial", "试算", "What-if", "/admin/rules?scene=BATCH_PAYMENT&subject=INDIVIDUAL&agreement=PAYMENT_AGENCY_AGREEMENT"],
    ["agreement-compare", "两个版本的差别", "What differs between versions", own, follow('main a[href*="/comparison"]')],
    ["agreement-new", "新的协议类型", "A new agreement type", "/admin/agreements/new"],
    ["client-new", "接入新的上游", "A new upstream system", "/admin/clients/new"],
    ["client-edit", "上游系统的设置", "An upstream system's settings", `${made.client}/edit`],
    ["client-secret", "轮换密钥前的确认", "Asked before a secret is rotated", `${made.client}`, ask('a[data-dialog][href$="/secret"]')],
    ["staff-new", "新员工", "A new colleague", "/admin/staff/new"],
    ["authenticator", "设置身份验证器", "Setting up an authenticator", "/admin/account/authenticator"],
    ["missing", "没有这一页", "No such page", "/admin/flows/nothing"],
  ];
  const narrow = ["overview", "flows", "flow", "stuck", "sms-editor", "rules", "agreement-editor", "audit"];
  const shot = ([name, zh, en, path, ...steps]) => ({ name, zh, en, path, steps });
  return { pages: pages.map(shot), shapes: shapes.map(shot), narrow: pages.map(shot).filter(({ name }) => narrow.includes(name)) };
}

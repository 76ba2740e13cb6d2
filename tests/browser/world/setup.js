// What staff have set up: rules with a hole and one that others cover, SMS templates in every state, a text in its second
// version, upstream systems, colleagues of each role, one of them with an authenticator.

import { addStaff, force, openDesk, submit } from "./desk.js";
import { codeOf } from "./totp.js";

const SMS = "{{ clientName }}请您就「{{ sceneName }}」签署《{{ agreementName }}》，请在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 办理。";

/** Sets it all up; gives the accounts by role, and the addresses of what was made. */
export async function office(world) {
  const staff = { admin: addStaff(world, "lan", "admin"), operator: addStaff(world, "mei", "operator"),
    auditor: addStaff(world, "zhou", "auditor"), left: addStaff(world, "tang", "operator") };
  const desk = await openDesk(world, staff.admin);
  await desk.page.goto(`${world.url}/admin/account`);
  await rules(desk, world);
  const made = { template: await templates(desk), client: await clients(desk, world) };
  await agreements(desk, world);
  await leave(desk, world, staff.left);
  staff.newcomer = await welcome(desk, world, "xu.ning");
  await desk.close();
  staff.operator.secret = await enrol(world, staff.operator);
  return { staff, made };
}

/** Companies' payments are decided by agreement, so one agreement has no rule; two rules of one scene cover a third. */
async function rules(desk, world) {
  const rule = (scene, subjectType, agreementType, authType, note = "") => submit(desk, "/admin/rules", {
    "selector.scene": scene, "selector.subjectType": subjectType, "selector.agreementType": agreementType,
    authType, note, enabled: "on",
  });
  await rule("BATCH_PAYMENT", "", "", "PAYMENT_VERIFICATION", "批量付款一律打款验证，个人除外");
  await rule("BATCH_PAYMENT", "CORPORATE", "", "PAYMENT_VERIFICATION");
  await rule("BATCH_PAYMENT", "INDIVIDUAL", "", "FACE_VERIFICATION");
  await rule("COLLECTION", "CORPORATE", "", "PAYMENT_VERIFICATION");
  await rule("MEMBER_SETTLEMENT", "CORPORATE", "SETTLEMENT_MANDATE", "PAYMENT_VERIFICATION", "结算账户须与打款账户一致");
  await rule("MEMBER_SETTLEMENT", "CORPORATE", "PAYMENT_AGENCY_AGREEMENT", "FACE_VERIFICATION");
  await desk.page.goto(`${world.url}/admin/rules`);
  const general = desk.page.locator("a.rule-link", { hasText: /任意场景 · 对公 · 任意协议/ });
  const path = new URL(await general.getAttribute("href"), world.url).pathname;
  await submit(desk, path, { version: "1", "selector.scene": "", "selector.subjectType": "CORPORATE", "selector.agreementType": "",
    authType: "PAYMENT_VERIFICATION", note: "改为按场景决定" });
}

/** Gives the address of the one with the most versions. */
async function templates(desk) {
  const template = (name, scene, subjectType, body) => ({ name, scene, subjectType, agreementType: "", body, signName: "",
    gateway: "sandbox", code: "", review: "APPROVED", note: "" });
  const make = (...of) => submit(desk, "/admin/sms-templates", template(...of));
  const settlement = await make("会员结算对公通知", "MEMBER_SETTLEMENT", "CORPORATE", SMS);
  const body = SMS.replace("办理。", "阅读、签字并完成打款验证，如有疑问请联系对接人。");
  await submit(desk, settlement, { ...template("会员结算对公通知", "MEMBER_SETTLEMENT", "CORPORATE", body), version: "1" });
  await submit(desk, `${settlement}/status`, { to: "ENABLED", version: "2" });
  const payroll = await make("批量付款对私通知", "BATCH_PAYMENT", "INDIVIDUAL", SMS.replace("办理。", "刷脸办理。"));
  await submit(desk, `${payroll}/status`, { to: "ENABLED", version: "1" });
  const old = await make("归集旧版通知", "COLLECTION", "CORPORATE", SMS);
  await submit(desk, `${old}/status`, { to: "ENABLED", version: "1" });
  await submit(desk, `${old}/status`, { to: "DISABLED", version: "2" });
  await make("归集签约邀请", "COLLECTION", "", SMS.replace("{{ expiresAt }}", "{{ expireAt }}"));
  return settlement;
}

/** The mandate's second version, and a type that has no text yet. */
async function agreements(desk, world) {
  const own = "/admin/agreements/SETTLEMENT_MANDATE";
  await desk.page.goto(world.url + own);
  await desk.page.locator(`a[href*="/text?"]`).first().click();
  await desk.page.locator("#source").waitFor();
  const field = (id) => desk.page.locator(`#${id}`).inputValue();
  const source = (await field("source")).replace("[示范文本]", "[2026 年修订]").replaceAll("五个工作日", "三个工作日");
  await submit(desk, `${own}/text/publication`, { document: await field("document"), position: await field("position"),
    base: "1", subjectType: "CORPORATE", source });
  await submit(desk, "/admin/agreements", { code: "MEMBER_ADMISSION", name: "会员入驻协议", scene: "MEMBER_SETTLEMENT",
    subjectType: ["CORPORATE", "INDIVIDUAL"] });
}

async function clients(desk, world) {
  await submit(desk, "/admin/clients", { code: "shop-pos", name: "门店收银平台", scope: ["flows:read", "flows:write"] });
  await desk.page.goto(`${world.url}/admin/clients`);
  const path = await desk.page.locator("table a", { hasText: "shop-pos" }).first().getAttribute("href");
  await submit(desk, path, { version: "1", name: "门店收银平台", scope: ["flows:read", "flows:write"],
    returnUrlOrigins: "https://pos.example.com", webhookUrl: "https://pos.example.com/hooks/sign",
    event: ["sign_flow.completed", "sign_flow.failed"], "settings.authAttempts": "3" });
  return path;
}

/** What colleagues do at flows day by day, and what one of them may not. */
export async function deeds(world, { admin, operator, auditor }, flows) {
  const at = async (account, act) => {
    const desk = await openDesk(world, account);
    await desk.page.goto(`${world.url}/admin/account`);
    await act(desk);
    await desk.close();
  };
  await at(admin, async (desk) => {
    await submit(desk, `/admin/flows/${flows.waiting}/reveal`, { field: "mobile", reason: "商户来电核对号码" });
    await submit(desk, `/admin/flows/${flows.unsigned}/link`, {});
  });
  await at(operator, (desk) => submit(desk, `/admin/flows/${flows.withdrawn}/cancellation`, { reason: "商户已解约" }));
  await at(auditor, (desk) => force(desk, `/admin/flows/${flows.waiting}/cancellation`));
}

/** Somebody who works here no longer. */
async function leave(desk, world, { name }) {
  await desk.page.goto(`${world.url}/admin/staff`);
  const path = await desk.page.locator("table a", { hasText: name }).first().getAttribute("href");
  await submit(desk, `${path}/suspension`, { version: "1" });
}

/** Somebody on their first day: the admin knows their password. */
async function welcome({ page }, world, name) {
  await page.goto(`${world.url}/admin/staff/new`);
  await page.fill("#name", name);
  await page.check("input[value=operator]");
  await page.click("main .acts button[type=submit]");
  return { name, password: await page.locator(".secret code").innerText() };
}

/** Sets up an authenticator; gives its key. */
async function enrol(world, account) {
  const desk = await openDesk(world, account);
  await desk.page.goto(`${world.url}/admin/account/authenticator`);
  const secret = (await desk.page.locator(".secret code").textContent()).replaceAll(" ", "");
  await submit(desk, "/admin/account/authenticator", { code: codeOf(secret), back: "" });
  await desk.close();
  return secret;
}

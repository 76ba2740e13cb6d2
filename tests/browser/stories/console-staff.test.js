// Accounts of staff, kept by an admin: what is done to one is felt at its desk at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { enrol } from "../world/authenticator.js";
import { signIn } from "../world/desk.js";
import { officeOf } from "../world/office.js";
import { ask, follow, press, said, send, shows, word } from "../world/press.js";

const office = officeOf("staff");
const LIST = "/admin/staff";

for (const scripts of [true, false]) {
  test(`an admin ${scripts ? "with" : "without"} scripts keeps an account from its first day to its last`, async () => {
    const desk = await office.sit("admin", scripts);
    const { page } = desk;
    const name = `li.wei.${scripts ? "a" : "b"}`;
    await page.goto(office.url + LIST);
    const question = await ask(desk, `${LIST}/new`);
    await send(desk, question, { name, role: "auditor" });
    const first = { name, password: await shown(desk) };
    await follow(desk, "a.btn-primary");
    assert.equal((await page.content()).includes(first.password), false, "it is shown once");

    const theirs = await office.sit("auditor", scripts, { account: first });
    await press(desk, "/role", { role: "operator" });
    await said(desk, "done-staff-role");
    await isOut(theirs);
    await comeIn(theirs, first);
    await enrol(theirs);
    await page.reload();
    await press(desk, "/authenticator");
    await said(desk, "done-staff-authenticator");
    await isOut(theirs);
    await comeIn(theirs, first);

    await page.reload();
    await press(desk, "a[href*='/sessions/']");
    await said(desk, "done-staff-one-session");
    await isOut(theirs);
    await comeIn(theirs, first);
    await page.reload();
    await press(desk, "/session-end");
    await said(desk, "done-staff-session-end");
    await isOut(theirs);
    await shows(desk, "main", word("session-none"));

    await press(desk, "/password");
    const second = { name, password: await shown(desk) };
    await follow(desk, "a.btn-primary");
    await refuses(theirs, first);
    await comeIn(theirs, second);
    await press(desk, "/suspension");
    await said(desk, "done-staff-suspension");
    await isOut(theirs);
    await refuses(theirs, second);
    await press(desk, "/reinstatement");
    await said(desk, "done-staff-reinstatement");
    await comeIn(theirs, second);

    await page.goto(office.url + LIST);
    await shows(desk, "table[data-list] tr", name);
    await theirs.leave(/status of 422/);
    await desk.leave();
  });
}

/** The password on the page that shows it this once. */
async function shown(desk) {
  await shows(desk, "main .banner.warn", word("staff-password-once"));
  return desk.page.locator(".secret code").innerText();
}

const isOut = async ({ page }) => {
  await page.goto(`${office.url}/admin/flows`);
  assert.match(page.url(), /\/admin\/sign-in\?note=ended/);
};

/** Signs in on the page that asks for it, which leads back to where one wanted to go. */
async function comeIn(desk, account) {
  if (!/sign-in/.test(desk.page.url())) await desk.page.goto(`${office.url}/admin/sign-in`);
  await signIn(desk, account);
  await desk.page.locator("nav.side").waitFor();
}

async function refuses(desk, account) {
  await desk.page.goto(`${office.url}/admin/sign-in`);
  await signIn(desk, account);
  await shows(desk, "[role=alert]", word("sign-in-wrong"));
}

test("the last admin stays", async () => {
  const desk = await office.sit("admin");
  for (const name of [office.platform.credentials.staff.name, "admin.one"]) {
    await desk.page.goto(office.url + LIST);
    await follow(desk, `a:text-is("${name}")`);
    await press(desk, "/suspension");
  }
  await shows(desk, "main [role=alert]", "最后一个管理员");
  await desk.leave(/status of 422/);
});

office.everythingWasPressed();

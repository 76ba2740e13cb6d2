// Oneself: how one gets in and out, one's password, authenticator, recovery codes and sessions; language and theme.

import assert from "node:assert/strict";
import { test } from "node:test";
import { enrol } from "../world/authenticator.js";
import { addStaff, signIn } from "../world/desk.js";
import { agePassword, EVERYBODY, officeOf } from "../world/office.js";
import { ask, follow, link, press, said, send, shows, turn, word } from "../world/press.js";
import { codeOf } from "../world/totp.js";

const office = officeOf("account");
const ACCOUNT = "/admin/account";
const NEW = "another horse, another battery";

for (const [role, scripts] of EVERYBODY) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts keeps their account`, async () => {
    const account = addStaff(office, `own.${role}.${scripts ? "a" : "b"}`, role);
    const desk = await office.sit(role, scripts, { account });
    const { page } = desk;
    await page.goto(office.url + ACCOUNT);
    const question = await ask(desk, "/password");
    await send(desk, question, { oldPassword: account.password, password: NEW, again: "something else" });
    await shows(desk, "main .problem", word("account-password-differs"));
    await send(desk, page.locator("main form"), { oldPassword: account.password, password: NEW, again: NEW });
    await said(desk, "done-account-password");

    const { key, codes } = await enrol(desk);
    assert.equal(codes.length, 10);
    await shows(desk, "main", word("staff-totp-on"));
    const elsewhere = await office.sit(role, scripts, { account: { ...account, password: NEW }, then: showing(codeOf(key, 1)) });
    await page.reload();
    await press(desk, "a[href*='/account/sessions/']");
    await said(desk, "done-staff-one-session");
    await elsewhere.page.goto(`${office.url}/admin/flows`);
    await shows(elsewhere, "[role=status]", word("sign-in-ended"));

    await signIn(elsewhere, { ...account, password: NEW });
    await showing("000000")(elsewhere);
    await shows(elsewhere, "[role=alert]", word("sign-in-code-wrong"));
    await showing(codes[0])(elsewhere);
    await shows(elsewhere, "main .banner.warn", "9");

    // Long after the password was given it is asked for again, and so is the code.
    agePassword(office, account.name);
    await follow(desk, "/recovery-codes");
    await send(desk, page.locator("main form"), { password: "a wrong one", code: codes[1] });
    await shows(desk, "main [role=alert]", word("proof-wrong"));
    await send(desk, page.locator("main form"), { password: NEW, code: codes[2] });
    await send(desk, page.locator("main form[action$='/recovery-codes']"));
    await page.locator("ol.codes li").nth(9).waitFor();
    assert.equal((await page.content()).includes(codes[5]), false, "they are others");
    await turn(desk, () => page.locator("main > section > a.btn-primary").click());
    await press(desk, "/removal");
    await said(desk, "done-account-removal");
    await link(desk, "/account/authenticator").waitFor();

    await turn(desk, () => page.locator("form[action$='/account/session-end'] button").click());
    await shows(desk, "[role=status]", word("sign-in-out"));
    await elsewhere.page.goto(`${office.url}/admin/flows`);
    assert.match(elsewhere.page.url(), /sign-in/);
    await signIn(desk, { ...account, password: NEW });
    await turn(desk, () => page.locator("form[action$='/sign-out'] button").click());
    await shows(desk, "[role=status]", word("sign-in-out"));
    await page.goto(`${office.url}/admin/flows`);
    assert.match(page.url(), /sign-in/);
    for (const one of [desk, elsewhere]) await one.leave(/status of 422/);
  });
}

/** Types the code that is asked for after the password. */
const showing = (code) => (desk) => send(desk, desk.page.locator("form:has(#code)"), { code }, "button");

test("after some wrong passwords nobody of that name is listened to", async () => {
  const account = addStaff(office, "locked.out", "operator");
  const desk = await office.sit("auditor");
  await turn(desk, () => desk.page.locator("form[action$='/sign-out'] button").click());
  for (let tries = 0; tries < 5; tries += 1) await turn(desk, () => signIn(desk, { ...account, password: "a wrong one" }));
  await shows(desk, "[role=alert]", word("sign-in-wrong"));
  await turn(desk, () => signIn(desk, account));
  await shows(desk, "[role=alert]", "秒后再试");
  await desk.leave(/status of 4(22|29)/);
});

for (const scripts of [true, false]) {
  test(`language and theme stay as they were chosen, ${scripts ? "with" : "without"} scripts`, async () => {
    const desk = await office.sit("auditor", scripts);
    const { page } = desk;
    await page.goto(`${office.url}/admin/clients`);
    const html = page.locator("html");
    await turn(desk, () => page.locator(".me [data-theme-link]").click());
    assert.equal(await html.getAttribute("data-theme"), "dark");
    await turn(desk, () => page.locator(".me [hreflang=en]").click());
    assert.equal(await html.getAttribute("lang"), "en");
    await page.goto(`${office.url}/admin/rules`);
    assert.deepEqual([await html.getAttribute("lang"), await html.getAttribute("data-theme")], ["en", "dark"]);
    await turn(desk, () => page.locator(".me [data-theme-link]").click());
    await turn(desk, () => page.locator(".me [hreflang^=zh]").click());
    assert.equal(await html.getAttribute("data-theme"), "light");
    await shows(desk, "h1", word("rule-title"));
    await desk.leave();
  });
}

office.everythingWasPressed();

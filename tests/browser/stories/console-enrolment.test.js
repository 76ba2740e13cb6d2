// Where the house asks for an authenticator, whoever has none sets one up before anything else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, confirm } from "../world/authenticator.js";
import { addStaff } from "../world/desk.js";
import { officeOf } from "../world/office.js";
import { send, shows, turn, word } from "../world/press.js";

const office = officeOf("enrolment", { ESIGN__STAFF__TOTP_REQUIRED: '["operator"]' });

for (const scripts of [true, false]) {
  test(`an operator ${scripts ? "with" : "without"} scripts sets up an authenticator at the first sign-in`, async () => {
    const account = addStaff(office, `first.day.${scripts ? "a" : "b"}`, "operator");
    let app;
    const setUp = async (desk) => {
      await shows(desk, "main", word("set-up-required"));
      await desk.page.goto(`${office.url}/admin/flows`);
      assert.match(desk.page.url(), /\/admin\/sign-in/, "nothing else is open before");
      await desk.page.goto(`${office.url}/admin/sign-in/authenticator`);
      app = await confirm(desk);
    };
    const desk = await office.sit("operator", scripts, { account, then: setUp });
    const { page } = desk;
    await page.goto(`${office.url}/admin/account`);
    await shows(desk, "main .hint", word("account-totp-required"));
    assert.equal(await page.locator("a[href$='/removal']").count(), 0);
    await turn(desk, () => page.locator("form[action$='/sign-out'] button").click());
    const asked = async (again) => {
      await shows(again, "h1", word("sign-in-code-head"));
      await send(again, again.page.locator("form:has(#code)"), { code: codeOf(app.key, 1) }, "button");
    };
    await (await office.sit("operator", scripts, { account, then: asked })).leave();
    await desk.leave();
  });
}

office.everythingWasPressed();

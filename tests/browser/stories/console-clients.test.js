// Upstream systems: made, given secrets that are shown once and work at once, switched off and on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../world/api.js";
import { officeOf } from "../world/office.js";
import { ask, follow, press, said, send, shows, word } from "../world/press.js";

const office = officeOf("clients");
const LIST = "/admin/clients";
const ORIGIN = "https://shop.example.cn";

for (const scripts of [true, false]) {
  test(`an admin ${scripts ? "with" : "without"} scripts makes a system, changes it, and renews its secrets`, async () => {
    const desk = await office.sit("admin", scripts);
    const { page } = desk;
    const id = `mall-${scripts ? "a" : "b"}`;
    await page.goto(office.url + LIST);
    const question = await ask(desk, `${LIST}/new`);
    await send(desk, question, { code: id, name: "商城", scope: ["flows:read", "flows:write"] });
    const first = await shown(desk);
    await connect(office.url, { id, secret: first });
    await follow(desk, "a.btn-primary");
    assert.equal((await page.content()).includes(first), false, "it is shown once");
    const here = page.url();

    await follow(desk, "/edit");
    const webhookUrl = `${office.url}/sandbox/webhooks/${id}`;
    await send(desk, page.locator("main form"), { name: "新商城", returnUrlOrigins: ORIGIN, webhookUrl, "settings.resendMax": "2" });
    await said(desk, "done-client-changed");
    for (const told of [ORIGIN, `/sandbox/webhooks/${id}`, "新商城"]) await shows(desk, "main", told);

    await press(desk, "/secret", { hours: "0" });
    const second = await shown(desk);
    await assert.rejects(connect(office.url, { id, secret: first }), /no token/, "the old one is none any more");
    await connect(office.url, { id, secret: second });
    await page.goto(here);
    await press(desk, "/webhook-secret", { hours: "24" });
    assert.match(await shown(desk), /^whsec_/);
    await follow(desk, "a.btn-primary");

    const warning = await ask(desk, "/disabling");
    await send(desk, warning, { typed: "another" });
    await page.locator("main .problem").waitFor();
    await send(desk, page.locator("main form"), { typed: id });
    await said(desk, "done-client-disabled");
    await assert.rejects(connect(office.url, { id, secret: second }), /no token/);
    await press(desk, "/enabling");
    await said(desk, "done-client-enabled");
    await connect(office.url, { id, secret: second });
    for (const act of ["create", "update", "secret", "webhook-secret"]) await shows(desk, "ol.tl b", word(`client-act-${act}`));
    await page.goto(office.url + LIST);
    await shows(desk, "table[data-list] tbody tr", id);
    await desk.leave(/status of 422/);
  });
}

/** The secret on the page that shows it this once. */
async function shown(desk) {
  await shows(desk, "main .banner.warn", word("client-secret-once"));
  const secret = await desk.page.locator(".secret code").innerText();
  if (desk.scripts) {
    await desk.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await desk.page.locator("[data-copy]").click();
    await shows(desk, "#toasts", word("js-copied"));
    assert.equal(await desk.page.evaluate(() => navigator.clipboard.readText()), secret);
  }
  return secret;
}

office.everythingWasPressed();

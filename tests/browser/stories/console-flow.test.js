// One flow at a desk: what is done about it, each act asked about first; what happens to it meanwhile shows by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { agePassword, officeOf, WRITERS } from "../world/office.js";
import { company } from "../world/party.js";
import { ask, follow, link, press, said, save, send, shows, turn, word } from "../world/press.js";
import { until } from "../world/world.js";

// Nobody waits here between two messages.
const office = officeOf("flow", { ESIGN__SMS__RESEND_GAP_SECONDS: "0", ESIGN__SMS__MOBILE_GAP_SECONDS: "0" });

async function begun(desk) {
  const started = await office.begin(company());
  await desk.page.goto(`${office.url}/admin/flows/${started.id}`);
  return started;
}

for (const [role, scripts] of WRITERS) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts sends the link again, passes it on, and withdraws the flow`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const { id, link: address, input } = await begun(desk);
    await press(desk, "/resend");
    await said(desk, "done-resend");
    await until(async () => (await office.api.messages(input.subject.mobile)).length === 2);

    await press(desk, "/link");
    await shows(desk, ".secret code", address);
    await turn(desk, () => page.locator("main .acts a").click());
    await shows(desk, "#flow-timeline", word("told-LINK_COPIED"));

    const question = await ask(desk, "/cancellation");
    await question.locator("[data-leave]").click();
    await link(desk, "/cancellation").waitFor();
    await press(desk, "/cancellation", { reason: "资料有误" });
    await said(desk, "done-cancellation");
    await shows(desk, "#flow-pill", word("status-CANCELLED"));
    await shows(desk, "#flow-timeline .note", "资料有误");
    await shows(desk, "#flow-claims", "CANCELLED");
    assert.equal(await page.locator("#flow-acts a").count(), 0);
    assert.equal((await office.api.flow(id)).status, "CANCELLED");
    await follow(desk, "?all=1");
    await shows(desk, "#flow-timeline", word("told-SmsAccepted"));
    await desk.leave();
  });
}

test("of two who act the second is told what has happened", async () => {
  const desk = await office.sit("operator");
  const { id } = await begun(desk);
  const question = await ask(desk, "/cancellation");
  await office.api.cancel(id, "对方已解约");
  await send(desk, question, { reason: "慢了一步" });
  await shows(desk, "main h1", word("status-CANCELLED"));
  await turn(desk, () => desk.page.locator("main .acts a").click());
  await shows(desk, "#flow-timeline", "对方已解约");
  await desk.leave(/status of 409/);
});

for (const scripts of [true, false]) {
  test(`an admin ${scripts ? "with" : "without"} scripts sees a hidden value for a reason, and the documents`, async () => {
    const desk = await office.sit("admin", scripts);
    const { page } = desk;
    const { input } = await begun(desk);
    const { mobile } = input.subject;
    assert.equal((await page.content()).includes(mobile), false);
    agePassword(office, "admin.one");
    await follow(desk, "/reveal?field=mobile");
    await send(desk, page.locator("main form"), { password: desk.account.password });
    await send(desk, page.locator("main form"), { reason: "来电核对" });
    await shows(desk, ".secret code", mobile);
    await turn(desk, () => page.locator("main .acts a").click());
    await press(desk, "/reveal?field=idNumber", { reason: "核对证件" });
    await shows(desk, ".secret code", input.subject.idDocument.number);
    await turn(desk, () => page.locator("main .acts a").click());
    assert.equal((await page.content()).includes(mobile), false);
    await follow(desk, "?all=1");
    await shows(desk, "#flow-timeline", "来电核对");

    const here = page.url();
    await follow(desk, "/documents/1");
    await page.locator("img.leaf").first().evaluate((leaf) => leaf.decode());
    const file = await save(desk, link(desk, "/documents/1.pdf"));
    assert.equal(file.bytes.subarray(0, 5).toString(), "%PDF-");
    await page.goto(here);
    await shows(desk, "#flow-timeline", word("told-readDocument"));
    await desk.leave();
  });
}

test("what happens to a flow shows at the desk by itself, and is said once", async () => {
  const desk = await office.sit("auditor");
  const { page } = desk;
  const { id } = await begun(desk);
  await shows(desk, "span[data-live]", word("js-live"));
  await page.evaluate(() => (window.stayed = true));
  await office.api.cancel(id, "资料有误");
  await shows(desk, "#flow-pill", word("status-CANCELLED"));
  await shows(desk, "#flow-timeline li.fresh", word("told-CANCELLED"));
  await shows(desk, "#flow-news", word("told-CANCELLED"));
  assert.equal(await page.evaluate(() => window.stayed), true, "it is the same page");
  await desk.leave();
});

office.everythingWasPressed();

// SMS templates, from the first word into use and out of it; what scripts show while somebody types.

import assert from "node:assert/strict";
import { test } from "node:test";
import { officeOf, WRITERS } from "../world/office.js";
import { person } from "../world/party.js";
import { ask, fill, follow, link, press, said, send, shows, turn, word } from "../world/press.js";

const office = officeOf("sms");
const REST = "在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 签署";
const SCENES = { admin: "COLLECTION", operator: "BATCH_PAYMENT" };
const LIST = "/admin/sms-templates";

for (const [role, scripts] of WRITERS) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts brings a template into use and out of it`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const name = `邀请 ${role}`;
    await page.goto(office.url + LIST);
    await follow(desk, `${LIST}/new`);
    await fill(page.locator("main"), { name, scene: SCENES[role], body: `{{ subjectNam }}请${REST}` });
    await look(desk);
    await shows(desk, "#sms-lint", "subjectNam");
    await shows(desk, "#sms-bubble .bad", "subjectNam");
    await fill(page.locator("main"), { body: `请${REST}` });
    await look(desk);
    await shows(desk, "#sms-lint", "sandbox：没有问题");
    await send(desk, page.locator("main form:has(#body)"), {}, BUTTON);
    await said(desk, "done-sms-made");
    await shows(desk, ".head", "v1");

    await follow(desk, "/edit");
    await fill(page.locator("main"), { body: `务必${REST}` });
    await look(desk);
    await shows(desk, "#sms-bubble .usual", "务必");
    await send(desk, page.locator("main form:has(#body)"), {}, BUTTON);
    await said(desk, "done-sms-saved");
    await shows(desk, ".head", "v2");
    await follow(desk, "/comparison");
    await shows(desk, "ins", "务必");
    await fill(page.locator("form.filters"), { from: "2", to: "2" });
    await send(desk, page.locator("form.filters"), {}, "button");
    await shows(desk, "main", word("sms-same"));

    await page.goto(office.url + LIST);
    await follow(desk, `a:text-is("${name}")`);
    const question = await ask(desk, "/status?to=ENABLED");
    await question.locator("table tbody tr").first().waitFor();
    await send(desk, question);
    await said(desk, "done-sms-enabled");
    await shows(desk, ".head .tag", word("state-ENABLED"));
    const { mobile } = person().subject;
    await press(desk, "/test", { mobile });
    await said(desk, "done-sms-test");
    assert.match((await office.api.messages(mobile))[0].text, /务必在/);
    await press(desk, "/test", { mobile });
    await shows(desk, "main .hint", "秒后可以再试");
    await page.locator("main [data-leave]").click();
    await press(desk, "/status?to=DISABLED");
    await said(desk, "done-sms-disabled");

    await page.goto(office.url + LIST);
    await turn(desk, () => page.locator(".tabs a", { hasText: word("state-DISABLED") }).click());
    await send(desk, page.locator("form.filters"), { q: name, scene: SCENES[role] }, "button");
    assert.equal(await page.locator("table[data-list] tbody tr").count(), 1);
    await fill(page.locator("form.filters"), { scene: "any" });
    await send(desk, page.locator("form.filters"), {}, "button");
    await follow(desk, `main .empty-state a[href="${LIST}"]`);
    await link(desk, `a:text-is("${name}")`).waitFor();
    await desk.leave(/status of 4(22|29)/);
  });
}

const BUTTON = ".acts.bar .btn-primary";

/** What was typed is looked at: scripts do it by themselves, without them there is a button. */
async function look(desk) {
  if (!desk.scripts) await turn(desk, () => desk.page.locator("button[formaction$='/preview']").click());
}

test("what is typed is marked, counted and judged at once", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await page.goto(`${office.url}${LIST}/new`);
  await page.locator("#body").pressSequentially("{{ subjectNam }}您好");
  await page.locator(".mirror .v.bad", { hasText: "subjectNam" }).waitFor();
  await page.locator("#sms-lint [data-mend]").click();
  assert.equal(await page.locator("#body").inputValue(), "{{ subjectName }}您好");
  await page.locator(".mirror .v:not(.bad)", { hasText: "subjectName" }).waitFor();
  await page.locator("#body").press("End");
  await page.locator("[data-insert*=linkCode]").click();
  assert.equal(await page.locator("#body").inputValue(), "{{ subjectName }}您好{{ linkCode }}");
  await shows(desk, "#sms-count", "1 条计费");
  await page.locator("#body").fill("字".repeat(71));
  await shows(desk, "#sms-count", "2 条计费");
  await page.locator("label[for=shown-longest]").click();
  await page.locator("#sms-bubble .longest:visible").waitFor();
  await desk.leave();
});

test("a question is a dialog that Escape, its button and the page behind it close, and the link has the focus again", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await page.goto(office.url + LIST);
  await follow(desk, "a[href*='/admin/sms-templates/smstpl']");
  const dialog = page.locator("dialog[open]");
  const closes = [() => page.keyboard.press("Escape"), () => dialog.locator("[data-leave]").click(), () => page.mouse.click(5, 5)];
  for (const close of closes) {
    const question = await ask(desk, "/test");
    assert.equal(await question.locator("#mobile").evaluate((field) => field === document.activeElement), true);
    await close();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await link(desk, "/test").evaluate((at) => at === document.activeElement), true);
  }
  await desk.leave();
});

office.everythingWasPressed();

// Agreements, from a type's name to a second version of its text; the pages beside it while somebody writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { officeOf, WRITERS } from "../world/office.js";
import { fill, follow, link, press, said, save, send, shows, turn, word } from "../world/press.js";

const office = officeOf("agreements");
const LIST = "/admin/agreements";
const SIGN = "#box(width: 76mm, height: 30mm) <sign_signatory>";
const text = (says) => `#let d = json("/data.json")\n${says}\n${SIGN}`;
const NAME = "合作协议";
const PUBLISH = ".head .btn-primary";
const editor = (page) => page.locator("form[action$='/text/confirmation']");

for (const [role, scripts] of WRITERS) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts brings an agreement from its name to its second version`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const code = `STORE_${role.toUpperCase()}`;
    await page.goto(office.url + LIST);
    await press(desk, `${LIST}/new`, { code, name: `门店协议 ${role}`, scene: ["COLLECTION"], subjectType: "INDIVIDUAL" });
    await said(desk, "done-agreement-made");

    await follow(desk, "/text");
    await fill(editor(page), { document: NAME, source: text("费率 #d.variables.rate\n#没有这个()") });
    await look(desk);
    await shows(desk, "#agreement-problems a[data-line='3']", "第 3 行");
    await fill(editor(page), { source: text("费率 #d.variables.rate") });
    await look(desk);
    await shows(desk, "#agreement-problems", word("agreement-fine"));
    await page.locator("#agreement-pages img").first().waitFor();
    await fill(editor(page), { value: "千分之六" });
    const file = await save(desk, page.locator("button[formaction$='/text/pdf']"));
    assert.deepEqual([file.name, file.bytes.subarray(0, 5).toString()], [`${NAME}.pdf`, "%PDF-"]);
    await publish(desk, word("agreement-first"));
    await shows(desk, "main table", "v1");
    await shows(desk, "main .v", "rate");

    await follow(desk, `a[href*="/text?document="]`);
    await fill(editor(page), { source: text("新费率 #d.variables.rate") });
    await publish(desk, "v1");
    await follow(desk, "a[href*='/comparison']");
    await shows(desk, "main ins", "新");
    await page.goto(`${office.url}${LIST}/${code}`);
    await follow(desk, "a[href*='/versions/']");
    await shows(desk, ".code-lines", "新费率");

    await page.goto(`${office.url}${LIST}/${code}`);
    await press(desk, "/edit", { name: `门店新协议 ${role}`, scene: ["COLLECTION", "BATCH_PAYMENT"] });
    await said(desk, "done-agreement-saved");
    await press(desk, "/status?to=off");
    await said(desk, "done-agreement-disabled");
    await page.goto(office.url + LIST);
    await send(desk, page.locator("form.filters"), { q: code, state: "disabled" }, "button");
    await follow(desk, `/${code}`);
    await press(desk, "/status?to=on");
    await said(desk, "done-agreement-enabled");
    await shows(desk, "h1", `门店新协议 ${role}`);
    await desk.leave();
  });
}

/** What was typed is laid out: scripts do it by themselves, without them there is a button. */
async function look(desk) {
  if (!desk.scripts) await turn(desk, () => desk.page.locator("button[formaction$='/text/preview']").click());
}

/** Publishes what stands in the editor; before that it is shown against what is there. */
async function publish(desk, against) {
  await send(desk, editor(desk.page), {}, PUBLISH);
  await shows(desk, "main h2", against);
  await send(desk, desk.page.locator("form[action$='/text/publication']"), {}, ".acts .btn-primary");
  await said(desk, "done-agreement-published");
}

test("a line that is wrong is marked, and its number leads into the text", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await page.goto(`${office.url}${LIST}/SETTLEMENT_MANDATE/text`);
  const source = page.locator("#source");
  const first = await source.inputValue();
  await source.fill(text("第一行\n#没有这个()"));
  await page.locator("#agreement-problems a[data-line='3']").click();
  const lines = (area) => document.activeElement === area && area.value.slice(0, area.selectionStart).split("\n").length;
  assert.equal(await source.evaluate(lines), 3);
  await page.locator(".code-mirror .ln.bad", { hasText: "没有这个" }).waitFor();

  // What isn't published is kept in this browser.
  await source.fill(text("没有发布的一行"));
  await page.reload();
  assert.equal(await source.inputValue(), first);
  await page.locator("#agreement-kept [data-kept=take]").click();
  assert.equal(await source.inputValue(), text("没有发布的一行"));
  await page.reload();
  await page.locator("#agreement-kept [data-kept=drop]").click();
  await page.reload();
  await link(desk, LIST).waitFor();
  assert.equal(await page.locator("#agreement-kept").isHidden(), true);
  await desk.leave();
});

office.everythingWasPressed();

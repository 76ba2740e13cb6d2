// Auth rules: a change is seen in the matrix before it is saved, then saved, tried and taken back; the matrix by keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { officeOf, WRITERS } from "../world/office.js";
import { fill, follow, link, said, send, shows, turn, word } from "../world/press.js";

const office = officeOf("rules");
const LIST = "/admin/rules";
const SUBJECTS = { admin: "CORPORATE", operator: "INDIVIDUAL" };
const OTHER = { CORPORATE: "FACE_VERIFICATION", INDIVIDUAL: "PAYMENT_VERIFICATION" };
const USUAL = { CORPORATE: "PAYMENT_VERIFICATION", INDIVIDUAL: "FACE_VERIFICATION" };
const changed = (page) => page.locator("#preview td.chg");

for (const [role, scripts] of WRITERS) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts makes a rule, changes it and takes it back`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const [subject, note] = [SUBJECTS[role], `为了 ${role}`];
    await page.goto(office.url + LIST);
    await follow(desk, `${LIST}/new`);
    await preview(desk, { "selector.scene": "COLLECTION", "selector.subjectType": subject, authType: USUAL[subject], note, enabled: "on" });
    await shows(desk, "#preview .banner", word("rule-preview-none"));
    await preview(desk, { authType: OTHER[subject] });
    const many = await changed(page).count();
    assert.ok(many > 0);
    await shows(desk, "#preview .banner", `${many} 个格子`);
    await send(desk, page.locator("#preview form"), {}, "button");
    await said(desk, "done-rule-made");
    assert.match(await page.locator("li.rule", { hasText: note }).innerText(), new RegExp(`决定 ${many} 格`));

    await tryOut(desk, { scene: "COLLECTION", subject });
    const verdict = page.locator("#trial-answer .won").first();
    await verdict.filter({ hasText: word(`rule-type-${OTHER[subject]}`) }).waitFor();
    await turn(desk, () => verdict.locator("a").click());
    await follow(desk, "/edit");
    await preview(desk, { authType: USUAL[subject] });
    assert.equal(await changed(page).count(), many);
    await send(desk, page.locator("#preview form"), {}, "button");
    await said(desk, "done-rule-changed");
    await turn(desk, () => page.locator("li.rule", { hasText: note }).locator("a").click());
    await shows(desk, "dl.facts", word(`rule-type-${USUAL[subject]}`));

    await follow(desk, "/deletion");
    await turn(desk, () => page.locator("form[action$='/deletion'] button").click());
    await said(desk, "done-rule-deleted");
    assert.equal(await page.locator("li.rule", { hasText: note }).count(), 0);
    await desk.leave();
  });
}

/** Sets fields, and has the change shown: scripts do it by themselves, without them there is a button. */
async function see(desk, fields) {
  const form = desk.page.locator("form[data-rule-form]");
  await fill(form, fields);
  if (!desk.scripts) await turn(desk, () => form.locator("button[type=submit]").click());
}

/** The same, until what would be saved is what was chosen. */
async function preview(desk, fields) {
  await see(desk, fields);
  const held = Object.entries(fields).map(([name, value]) => `:has(input[name="${name}"][value="${value}"])`);
  await desk.page.locator(`#preview form${held.join("")}`).waitFor();
}

async function tryOut(desk, fields) {
  const form = desk.page.locator("#trial form");
  await fill(form, fields);
  if (!desk.scripts) await turn(desk, () => form.locator("button").click());
}

test("of two rules with one selector the second can't be saved, and leads to the first", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await page.goto(`${office.url}${LIST}/new`);
  await see(desk, { "selector.subjectType": "CORPORATE", authType: "PAYMENT_VERIFICATION", enabled: "on" });
  await shows(desk, "#preview .banner.fail", word("rule-taken"));
  assert.equal(await page.locator("#preview form").count(), 0);
  await turn(desk, () => page.locator("#preview .banner a").click());
  await shows(desk, "h1", word("subject-CORPORATE"));
  await desk.leave();
});

test("the arrows go from cell to cell, Enter opens the rule that decides", async () => {
  const desk = await office.sit("auditor");
  const { page } = desk;
  await page.goto(office.url + LIST);
  const cells = page.locator("[data-matrix] a");
  assert.equal(await page.locator("[data-matrix] a[tabindex='0']").count(), 1, "one of them is in the way of Tab");
  const place = () => cells.evaluateAll((all) => all.indexOf(document.activeElement));
  await cells.first().focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await place(), 1);
  await page.keyboard.press("ArrowDown");
  assert.ok((await place()) > 1, "a row further down");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await place(), 0);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await place(), 0, "there is none further left");
  const to = await cells.first().getAttribute("href");
  await turn(desk, () => page.keyboard.press("Enter"));
  assert.match(page.url(), new RegExp(`${to.replace("?", "\\?")}`));
  await link(desk, LIST).waitFor();
  await desk.leave();
});

office.everythingWasPressed();

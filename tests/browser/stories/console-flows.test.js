// The list of flows: found, narrowed, ordered, turned over, taken away; new ones wait behind a button.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYBODY, officeOf } from "../world/office.js";
import { company, person } from "../world/party.js";
import { link, save, shows, turn, word } from "../world/press.js";

const LIST = "/admin/flows";
const MANY = 22;
let wanted;
const office = officeOf("flows", {}, async () => {
  for (let made = 0; made < MANY; made += 1) await office.api.start(company());
  wanted = await office.begin(person());
});
const rows = (page) => page.locator("#flow-rows tbody tr");

for (const [role, scripts] of EVERYBODY) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts finds flows`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    await page.goto(office.url + LIST);
    await search(desk, wanted.input.subject.mobile);
    await stands(desk, [wanted.input.flowNo]);
    assert.equal(page.url().includes(wanted.input.subject.mobile), false, "what is personal stands in no address");
    await step(desk, () => page.locator(".chip-box .chip-x").click());
    await shows(desk, "#flow-rows", `共 ${MANY + 1} 条`);

    await step(desk, () => page.locator("#flow-rows a[rel=next]").click());
    await shows(desk, "#flow-rows", `第 21–${MANY + 1} 条`);
    await step(desk, () => page.locator("#flow-rows a[rel=prev]").click());
    await shows(desk, "#flow-rows", "第 1–20 条");
    await step(desk, () => page.locator("th a.order[href*='started-first'], th[aria-sort] a.order").first().click());
    await page.locator("th[aria-sort=ascending]").waitFor();

    await choose(desk, word("flows-by-scene"), "BATCH_PAYMENT");
    await stands(desk, [wanted.input.flowNo]);
    const file = await save(desk, page.locator("#flows-export"));
    assert.match(file.name, /^flows-.*\.csv$/);
    assert.equal(file.bytes.toString().trim().split("\n").length, 2);
    await choose(desk, word("flows-by-status"), "CANCELLED");
    await step(desk, () => page.locator("#flow-rows .empty-state a").click());
    await shows(desk, "#flow-rows", `共 ${MANY + 1} 条`);
    await step(desk, () => page.locator("#flow-tabs a", { hasText: word("flows-unfinished") }).click());
    await shows(desk, "#flow-rows", word("flows-nothing"));
    await step(desk, () => page.locator("#flow-rows .empty-state a").click());
    await shows(desk, "#flow-rows", `共 ${MANY + 1} 条`);

    await search(desk, "BR");
    await page.locator("#search[aria-invalid=true]").waitFor();
    await turn(desk, () => page.locator(".me [hreflang=en]").click());
    await turn(desk, () => page.locator(".me [hreflang^=zh]").click());
    await shows(desk, "#flow-rows", `共 ${MANY + 1} 条`);
    await search(desk, wanted.input.flowNo);
    await stands(desk, [wanted.input.flowNo]);
    await turn(desk, () => link(desk, `a:text-is("${wanted.input.flowNo}")`).click());
    await shows(desk, "h1", wanted.input.flowNo);
    await desk.leave(/status of 422/);
  });
}

/** With scripts only a part of the page is set in anew; without them it is another page. */
const step = (desk, act) => (desk.scripts ? act() : turn(desk, act));

async function search(desk, text) {
  await desk.page.fill("#search", text);
  await step(desk, () => desk.page.locator("#search").press("Enter"));
}

async function choose(desk, filter, value) {
  const box = desk.page.locator(".chip-box", { hasText: filter });
  await box.locator("summary").click();
  await box.locator(`input[value="${value}"]`).check();
  await step(desk, () => box.locator("button[type=submit]").click());
  await desk.page.locator(".chip.on", { hasText: filter }).waitFor();
}

/** Waits until these flows stand in the list, and no others. */
async function stands({ page }, numbers) {
  await rows(page).filter({ hasText: numbers[0] }).waitFor();
  await page.locator("#flow-rows .tfoot", { hasText: `共 ${numbers.length} 条` }).waitFor();
}

test("by keyboard: to the search, from row to row, into a flow", async () => {
  const desk = await office.sit("auditor");
  const { page } = desk;
  await page.goto(office.url + LIST);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.press("Escape");
  await page.locator("h1").click();
  const at = () => rows(page).evaluateAll((all) => all.findIndex((row) => row.matches(".sel") && row.contains(document.activeElement)));
  for (const [key, place] of [["j", 0], ["j", 1], ["j", 2], ["k", 1], ["ArrowDown", 2], ["ArrowUp", 1]]) {
    await page.keyboard.press(key);
    assert.equal(await at(), place, key);
  }
  const number = await rows(page).nth(1).locator("a").innerText();
  await turn(desk, () => page.keyboard.press("Enter"));
  await shows(desk, "h1", number);
  await desk.leave();
});

test("new flows wait behind a button, and those that stand there change where they stand", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await page.goto(office.url + LIST);
  await shows(desk, "span[data-live]", word("js-live"));
  const first = await rows(page).first().getAttribute("data-id");
  const [one, two] = [await office.begin(person()), await office.begin(person())];
  const news = page.locator("#flow-news button", { hasText: "2 条新流程" });
  await news.waitFor();
  assert.equal(await rows(page).first().getAttribute("data-id"), first, "no row has moved");
  await office.api.cancel(first, "资料有误");
  await rows(page).first().filter({ hasText: word("status-CANCELLED") }).waitFor();
  await news.click();
  await rows(page).filter({ hasText: one.input.flowNo }).waitFor();
  await rows(page).filter({ hasText: two.input.flowNo }).waitFor();
  await desk.leave();
});

office.everythingWasPressed();

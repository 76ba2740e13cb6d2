// The overview: its figures change by themselves, its charts are tables too, and it is seen of a client, of a week.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYBODY, officeOf } from "../world/office.js";
import { company } from "../world/party.js";
import { send, shows, turn, word } from "../world/press.js";

const office = officeOf("overview", {}, () => office.begin(company()));
const started = ({ page }) => page.locator("#overview-figures .fig").first();

test("what happens shows in figures, funnel, tables and charts by itself", async () => {
  const desk = await office.sit("operator");
  const { page } = desk;
  await shows(desk, "span[data-live]", word("js-live"));
  const before = Number(await started(desk).innerText());
  const tables = page.locator("details.data:has(#started-table)");
  await tables.locator("summary").click();
  const sum = () => tables.locator("tbody td").evaluateAll((cells) => cells.reduce((all, cell) => all + Number(cell.textContent), 0));
  assert.equal(await sum(), before, "chart and figure tell the same");
  await page.locator("[data-chart=started-table] canvas").waitFor();
  await office.begin(company());
  await started(desk).filter({ hasText: String(before + 1) }).waitFor();
  assert.equal(await sum(), before + 1);
  await page.locator("[data-chart=started-table] canvas").waitFor();
  await shows(desk, "#overview-funnel .n", String(before + 1));
  await desk.leave();
});

for (const [role, scripts] of EVERYBODY) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts looks at a week, a client, a status`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    await page.locator("#overview-funnel summary").click();
    await page.locator("#overview-funnel table tbody tr").nth(5).waitFor();
    await turn(desk, () => page.locator("nav.sw a", { hasText: word("overview-week") }).click());
    await shows(desk, ".kpi h2", word("overview-started-week"));
    const client = { client: { index: 1 } };
    const pick = page.locator("form.pick");
    if (scripts) await turn(desk, () => pick.locator("select").selectOption(client.client));
    else await send(desk, pick, client, "button");
    assert.match(page.url(), /span=week&client=client_/);
    assert.ok(Number(await started(desk).innerText()) > 0);
    await turn(desk, () => page.locator("#overview-statuses a", { hasText: word("status-PENDING_SIGN") }).click());
    await shows(desk, ".chip.on", word("status-PENDING_SIGN"));
    await desk.leave();
  });
}

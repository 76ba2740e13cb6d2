// The audit log: narrowed, read entry by entry, taken away, by whoever may look.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYBODY, officeOf } from "../world/office.js";
import { follow, link, press, save, send, shows, turn, word } from "../world/press.js";

const office = officeOf("audit", {}, async () => {
  const desk = await office.sit("admin");
  await desk.page.goto(`${office.url}/admin/clients`);
  await press(desk, "/admin/clients/new", { code: "mall", name: "<b>商城</b>", scope: ["flows:read"] });
  await follow(desk, "a.btn-primary");
  await follow(desk, "/edit");
  await send(desk, desk.page.locator("main form"), { name: "<b>新商城</b>" });
  await desk.leave();
});
const filters = ({ page }) => page.locator("form.filters");

for (const [role, scripts] of EVERYBODY) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts finds out who did what`, async () => {
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const rows = page.locator("table[data-list] tbody tr");
    await page.goto(`${office.url}/admin/audit`);
    await send(desk, filters(desk), { actor: "admin.one", action: "updateClient" }, "button");
    assert.equal(await rows.count(), 1);
    await shows(desk, "table[data-list]", word("act-updateClient"));
    const file = await save(desk, page.locator("a[download]"));
    assert.equal(file.bytes.toString().trim().split("\n").length, 2);

    if (scripts) {
      await page.keyboard.press("j");
      await turn(desk, () => page.keyboard.press("Enter"));
    } else await turn(desk, () => rows.locator("a").first().click());
    await shows(desk, ".diff del", "<b>商城</b>");
    await shows(desk, ".diff ins", "<b>新商城</b>");
    await turn(desk, () => page.locator("a.xs", { hasText: word("audit-all-of") }).click());
    assert.equal(await rows.count(), 2, "made and changed");

    await send(desk, filters(desk), { from: "2020-01-01T00:00", to: "2020-01-02T00:00" }, "button");
    await shows(desk, "main", word("audit-none"));
    await turn(desk, () => page.locator(".empty-state a").click());
    assert.ok((await rows.count()) > 2);
    await turn(desk, () => link(desk, "table[data-list] .target a").click());
    await desk.leave();
  });
}

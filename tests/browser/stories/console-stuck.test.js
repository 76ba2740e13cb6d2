// What the system gave up or can't end by itself: a seal that fails because a file is damaged, evidence that the auth
// system has lost; tried again, given up, put away.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openBetween } from "../world/between.js";
import { officeOf, WRITERS } from "../world/office.js";
import { company } from "../world/party.js";
import { press, said, shows, word } from "../world/press.js";
import { at, pay, read, sign } from "../world/signer.js";
import { until } from "../world/world.js";

const between = await openBetween();
const SETTINGS = {
  ESIGN__AUTH__BASE_URL: `${between.url}/sandbox/auth-system`,
  ESIGN__FLOW__SEAL_RETRY_SECONDS: "[3600]",
  ESIGN__FLOW__READING_SECONDS_PER_DOCUMENT: "0",
};
const office = officeOf("stuck", SETTINGS, () => (between.to = office.url));
const STUCK = "/admin/stuck";

for (const [role, scripts] of WRITERS) {
  test(`an ${role} ${scripts ? "with" : "without"} scripts ends what is stuck`, async () => {
    between.lost = true;
    const desk = await office.sit(role, scripts);
    const { page } = desk;
    const [one, two] = [await signed(), await signed()];
    await page.goto(`${office.url}/admin/flows/${one.id}`);
    await press(desk, "/poll");
    await said(desk, "done-poll");
    for (const flow of [one, two]) await paid(flow);

    await page.goto(office.url + STUCK);
    await shows(desk, "nav.side a[href='/admin/stuck'] .n", /\d/);
    await press(desk, `${row(one)} a[href*='/seal-retry']`);
    await said(desk, "done-seal-retry");
    await office.events.typeOf(one.id, "SEAL_FAILED", 2);
    one.mend();
    await page.goto(`${office.url}/admin/flows/${one.id}`);
    await press(desk, "/seal-retry");
    await office.events.end(one.id);
    if (!scripts) await page.reload();
    await shows(desk, "#flow-pill", word("status-COMPLETED"));
    await page.goto(office.url + STUCK);
    await press(desk, `${row(two)} a[href*='/abandonment']`, { reason: "文件已损坏" });
    await said(desk, "done-abandonment");
    assert.equal((await office.api.flow(two.id)).failure.code, "SIGN_FAILED");

    const [first, other] = [await given(desk, one), await given(desk, two)];
    await press(desk, `a[href="${first}"]`);
    await said(desk, "done-run");
    const second = await given(desk, one, first);
    await press(desk, "/admin/stuck/runs");
    await said(desk, "done-run-all");
    const [third, last] = [await given(desk, one, second), await given(desk, two, other)];
    between.lost = false;
    await press(desk, `a[href="${third}"]`);
    await said(desk, "done-run");
    await press(desk, last.replace(/run$/, "dismissal"), { reason: "已线下取得" });
    await said(desk, "done-dismissal");
    await shows(desk, "main", word("stuck-empty"));
    await desk.leave();
  });
}

/** A flow whose signer has signed, and whose paper is damaged since. */
async function signed() {
  const started = await office.begin(company());
  const phone = await office.phone();
  await phone.page.goto(started.link);
  await read(phone.page);
  await sign(phone.page, phone.page);
  await at(phone.page, "auth-payment");
  const folder = join(office.platform.dataDir, "blobs");
  const [name] = readdirSync(folder, { recursive: true }).filter((name) => name.includes(started.id) && name.endsWith("base.pdf"));
  const [file, whole] = [join(folder, name), readFileSync(join(folder, name))];
  writeFileSync(file, whole.subarray(0, 99));
  return { ...started, phone, mend: () => writeFileSync(file, whole) };
}

/** Its signer pays, and the seal fails. */
async function paid({ id, input, phone }) {
  await pay(phone.page, await office.transferred(input.flowNo));
  await office.events.typeOf(id, "SEAL_FAILED");
  phone.assertQuiet();
  await phone.close();
}

const row = ({ input }) => `#seal_fails li:has-text("${input.flowNo}")`;

/** Where the flow's job that was given up is run again; another one than `known`. */
async function given({ page }, { input }, known) {
  const way = page.locator(`#job_discarded li:has-text("${input.flowNo}") a[href$='/run']`);
  return until(async () => {
    await page.goto(office.url + STUCK);
    const address = (await way.count()) && (await way.getAttribute("href"));
    return address !== known && address;
  });
}

office.everythingWasPressed();

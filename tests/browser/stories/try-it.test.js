// The sandbox's page: a newcomer starts a flow, opens its SMS on the phone in the page, and sees it through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../world/look.js";
import { DESK, TALL } from "../world/phone.js";
import { at, control, face, pay, read, sign, tap } from "../world/signer.js";
import { worldOf } from "../world/world.js";

const world = worldOf("try-it");

async function tryIt(viewport, kind) {
  const phone = await world.phone({ viewport });
  const { page } = phone;
  await page.goto(`${world.url}/sandbox`);
  if (kind) await page.getByText(kind, { exact: true }).tap();
  await page.locator("#plan").filter({ hasText: "短信模板" }).waitFor();
  await look(phone, world.story, "form");
  await tap(page, "start");
  await tap(page, "open-link");
  const frame = page.frameLocator("iframe");
  await at(frame, "read");
  await look(phone, world.story, "phone");
  await read(frame);
  await sign(page, frame);
  return { phone, page, frame };
}

async function seesTheEnd({ phone, page, frame }) {
  await at(frame, "done");
  await page.locator('#status[data-status="COMPLETED"]').waitFor();
  await page.locator("#result a[href*='/d/']").first().waitFor();
  await page.locator("#timeline li").first().scrollIntoViewIfNeeded();
  await look(phone, world.story, "done");
  const steps = await page.locator("#timeline li").count();
  assert.ok(steps >= 9, `${steps} events are shown`);
  phone.assertQuiet();
  await phone.close();
}

test("a company, at a desk", async () => {
  const { phone, page, frame } = await tryIt(DESK);
  await at(frame, "auth-payment");
  const shown = page.locator("#bank [data-amount]");
  await shown.waitFor();
  await pay(frame, Math.round(Number(await shown.getAttribute("data-amount")) * 100));
  await seesTheEnd({ phone, page, frame });
});

test("a person, on a phone", async () => {
  const { phone, page, frame } = await tryIt(TALL, "对私");
  await face(frame);
  await control(frame, "pass").tap();
  await seesTheEnd({ phone, page, frame });
});

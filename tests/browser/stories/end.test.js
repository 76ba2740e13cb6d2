// Ends that are not the signer's wish, or are: declined, withdrawn by upstream meanwhile, out of time, no such link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../world/look.js";
import { company, person } from "../world/party.js";
import { at, control, press, read, sign, tap, write } from "../world/signer.js";
import { count, worldOf } from "../world/world.js";

const world = worldOf("end");

async function opened(input, locale) {
  const started = await world.begin(input);
  const phone = await world.phone({ locale });
  await phone.page.goto(started.link);
  await at(phone.page, "read");
  return { ...started, phone, page: phone.page };
}

test("declined, with a reason, asked twice", async () => {
  const { id, phone, page } = await opened(company({ returnUrl: `${world.url}/verify` }), "en-GB");
  await tap(page, "decline");
  await control(page, "back").waitFor();
  await press(page, "decline");
  await page.locator('[role="alert"]:visible').first().waitFor();
  await page.getByRole("radio").nth(1).check();
  await control(page, "decline").dblclick();
  await look(phone, world.story, "declining");
  assert.equal(count(await world.types(id), "DECLINED"), 0, "a double tap is one answer");
  // The second question wants a thought: more than half a second.
  const asked = await page.evaluate(() => performance.now());
  await page.waitForFunction((since) => performance.now() - since > 700, asked);
  await tap(page, "decline");
  await at(page, "failed");
  await look(phone, world.story, "declined");
  const { failure, restartable } = await world.api.flow(id);
  assert.deepEqual([failure.code, restartable], ["SIGN_DECLINED", false]);
  await tap(page, "finish");
  await page.waitForURL(`${world.url}/verify?flowId=${id}&status=FAILED`);
  phone.assertQuiet();
  await phone.close();
});

test("declined on a phone that runs no script", async () => {
  const { id, link } = await world.begin(person());
  const phone = await world.phone({ scripts: false });
  const { page } = phone;
  await page.goto(link);
  await at(page, "read");
  await tap(page, "decline");
  await page.getByRole("radio").first().check();
  await tap(page, "decline");
  await page.locator('[role="alert"]:visible').first().waitFor();
  assert.equal(count(await world.types(id), "DECLINED"), 0);
  await tap(page, "decline");
  await at(page, "failed");
  assert.equal((await world.api.flow(id)).failure.code, "SIGN_DECLINED");
  phone.assertQuiet();
  await phone.close();
});

test("withdrawn while the signer writes", async () => {
  const { id, phone, page } = await opened(person());
  await read(page);
  await at(page, "sign");
  await write(page, page);
  await control(page, "consent").check();
  await world.api.cancel(id, "订单已取消");
  await tap(page, "sign");
  await at(page, "cancelled");
  await look(phone, world.story, "cancelled");
  assert.equal(count(await world.types(id), "SIGNED"), 0);
  phone.assertQuiet();
  await phone.close();
});

test("withdrawn while the signer waits for the transfer: the page says so by itself", async () => {
  const { id, phone, page } = await opened(company());
  await read(page);
  await sign(page, page);
  await at(page, "auth-payment");
  await page.evaluate(() => (window.sameDocument = true));
  await world.api.cancel(id, "订单已取消");
  await at(page, "cancelled");
  assert.ok(await page.evaluate(() => window.sameDocument), "without a reload");
  phone.assertQuiet();
  await phone.close();
});

test("out of time while reading", async () => {
  const { id, link, phone, page } = await opened(company({ expiresInSeconds: 6 }));
  const { node } = await world.events.end(id);
  assert.deepEqual([node.type, node.toStatus], ["SESSION_EXPIRED", "TIMED_OUT"]);
  const reply = await page.goto(link);
  assert.equal(reply.status(), 404);
  await at(page, "invalid");
  // An address that never was and one that is over look the same, byte for byte.
  const [over, never] = await Promise.all([link, `${world.url}/s/AAAAAAAAAAAAAAAAAAAAAA`].map(async (address) => {
    const answer = await fetch(address, { headers: { "accept-language": "zh-CN" } });
    return [answer.status, await answer.text()];
  }));
  assert.deepEqual(over, never);
  phone.assertQuiet(/status of 404/);
  await phone.close();
});

test("out of time while writing", async () => {
  const { id, phone, page } = await opened(person({ expiresInSeconds: 15 }));
  await read(page);
  await at(page, "sign");
  await write(page, page);
  await control(page, "consent").check();
  await world.events.end(id);
  await tap(page, "sign");
  await at(page, "invalid");
  phone.assertQuiet(/status of 404/);
  await phone.close();
});

test("no such link", async () => {
  const phone = await world.phone();
  for (const code of ["AAAAAAAAAAAAAAAAAAAAAA", "short", "%00", "..%2f..", "a".repeat(500)]) {
    const reply = await phone.page.goto(`${world.url}/s/${code}`);
    assert.equal(reply.status(), 404, code);
    await at(phone.page, "invalid");
  }
  await look(phone, world.story, "invalid");
  assert.equal(await phone.page.locator("a[href*='/s/AAAA']").count(), 0);
  phone.assertQuiet(/status of 404/);
  await phone.close();
});

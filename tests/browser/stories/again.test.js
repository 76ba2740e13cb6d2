// Whatever is done twice counts once: reload, back, double taps, a lost reply, another phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { company } from "../world/party.js";
import { at, control, pay, press, read, ready, scrollUntilRead, sign, tap, write } from "../world/signer.js";
import { count, worldOf } from "../world/world.js";

const world = worldOf("again");

async function opened() {
  const started = await world.begin(company());
  const phone = await world.phone();
  await phone.page.goto(started.link);
  await at(phone.page, "read");
  return { ...started, phone, page: phone.page };
}

async function twice(view, action) {
  const target = ready(view, action).first();
  const box = await target.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await Promise.all([view.touchscreen.tap(x, y), view.touchscreen.tap(x, y)]);
}

test("reload and back do no harm", async () => {
  const { id, link, phone, page } = await opened();
  await page.reload();
  await read(page);
  await at(page, "sign");
  await page.reload();
  await at(page, "sign");
  await tap(page, "decline");
  await control(page, "back").waitFor();
  await page.goBack();
  await at(page, "sign");
  await page.goForward();
  await control(page, "back").tap();
  await sign(page, page);
  await at(page, "auth-payment");
  const before = await world.types(id);
  await page.reload();
  await at(page, "auth-payment");
  await page.goBack();
  await page.goto(link);
  await at(page, "auth-payment");
  assert.deepEqual(await world.types(id), before);
  phone.assertQuiet();
  await phone.close();
});

test("a double tap acts once, at every step", async () => {
  const { id, input, phone, page } = await opened();
  await scrollUntilRead(page);
  await twice(page, "read-done");
  await at(page, "sign");
  await write(page, page);
  await control(page, "consent").check();
  await twice(page, "sign");
  await at(page, "auth-payment");
  const fen = await world.transferred(input.flowNo);
  await page.getByRole("textbox").fill((fen / 100).toFixed(2));
  await twice(page, "submit-amount");
  await at(page, "done");
  const types = await world.types(id);
  for (const type of ["READ", "SIGNED", "MATERIAL_SUBMITTED", "AUTH_PASSED", "SEALED"]) assert.equal(count(types, type), 1, type);
  for (const act of ["signature", "amount"]) {
    assert.equal(phone.posts.filter((path) => path.endsWith(`/${act}`)).length, 1, act);
  }
  phone.assertQuiet();
  await phone.close();
});

test("a lost reply may be sent again", async () => {
  const { id, input, phone, page } = await opened();
  await read(page);
  await at(page, "sign");
  await write(page, page);
  await control(page, "consent").check();
  await loseOneReply(page, "signature");
  await tap(page, "sign");
  await page.locator('[role="alert"]:visible').first().waitFor();
  await tap(page, "sign");
  await at(page, "auth-payment");
  await loseOneReply(page, "amount");
  await pay(page, await world.transferred(input.flowNo));
  // The page may learn the outcome by itself before the signer sends again.
  await page.locator('[role="alert"]:visible, main:not([data-step="auth-payment"])').first().waitFor();
  if (await control(page, "submit-amount").count()) await press(page, "submit-amount").catch(() => {});
  await at(page, "done");
  const types = await world.types(id);
  for (const type of ["SIGNED", "MATERIAL_SUBMITTED", "AUTH_PASSED"]) assert.equal(count(types, type), 1, type);
  phone.assertQuiet(/ERR_INTERNET_DISCONNECTED/);
  await phone.close();
});

// The work is done, its answer never arrives.
async function loseOneReply(page, act) {
  await page.route(`**/${act}`, async (route) => {
    await route.fetch({ maxRedirects: 0 });
    await route.abort("internetdisconnected");
  }, { times: 1 });
}

test("another phone goes on where the first one was", async () => {
  const { id, link, input, phone, page } = await opened();
  await read(page);
  await at(page, "sign");
  const other = await world.phone();
  await other.page.goto(link);
  await sign(other.page, other.page);
  await at(other.page, "auth-payment");
  // The first phone signs too, too late: it is shown where the flow stands.
  await write(page, page);
  await control(page, "consent").check();
  await tap(page, "sign");
  await at(page, "auth-payment");
  await pay(page, await world.transferred(input.flowNo));
  await Promise.all([at(page, "done"), at(other.page, "done")]);
  assert.equal(count(await world.types(id), "SIGNED"), 1);
  phone.assertQuiet();
  other.assertQuiet();
  await Promise.all([phone.close(), other.close()]);
});

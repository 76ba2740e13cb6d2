// The amount: nonsense is stopped on the phone, a wrong amount is counted, and after three there is another transfer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../world/look.js";
import { company } from "../world/party.js";
import { at, control, pay, press, read, sign, tap } from "../world/signer.js";
import { count, worldOf } from "../world/world.js";

const world = worldOf("payment");
const wrong = (fen) => (fen === 50 ? 51 : 50);

async function signed() {
  const started = await world.begin(company());
  const phone = await world.phone();
  await phone.page.goto(started.link);
  await read(phone.page);
  await sign(phone.page, phone.page);
  await at(phone.page, "auth-payment");
  return { ...started, phone, page: phone.page };
}

test("what is no amount is not sent", async () => {
  const { id, phone, page } = await signed();
  const field = page.getByRole("textbox");
  for (const nonsense of ["abc", "0", "100000", "0.123", "-0.5"]) {
    await field.fill(nonsense);
    await press(page, "submit-amount");
    await page.locator('[role="alert"]:visible').first().waitFor();
    await field.and(page.locator('[aria-invalid="true"]')).waitFor();
  }
  await look(phone, world.story, "nonsense");
  assert.equal(count(await world.types(id), "MATERIAL_SUBMITTED"), 0);
  assert.equal(phone.posts.filter((path) => path.endsWith("/amount")).length, 0);
  phone.assertQuiet();
  await phone.close();
});

test("a wrong amount may be mended", async () => {
  const { id, input, phone, page } = await signed();
  const fen = await world.transferred(input.flowNo);
  await pay(page, wrong(fen));
  await world.events.typeOf(id, "MATERIAL_REFUSED");
  await page.locator('main[data-step="auth-payment"] [aria-invalid="true"]').waitFor();
  await look(phone, world.story, "wrong");
  await pay(page, fen);
  await at(page, "done");
  const types = await world.types(id);
  assert.equal(count(types, "MATERIAL_SUBMITTED"), 2);
  assert.equal((await world.api.challenges(input.flowNo)).length, 1, "it was the same transfer");
  phone.assertQuiet();
  await phone.close();
});

test("after three wrong amounts there is another transfer", async () => {
  const { id, input, phone, page } = await signed();
  const fen = await world.transferred(input.flowNo);
  for (let tries = 1; tries < 3; tries += 1) {
    // The verdict may come before the page that waits for it: what is sure is that a later page asks again.
    const before = await page.locator("main").getAttribute("data-version");
    await pay(page, wrong(fen));
    await page.locator(`main[data-step="auth-payment"]:not([data-version="${before}"])`).waitFor();
  }
  await pay(page, wrong(fen));
  await world.events.typeOf(id, "AUTH_REJECTED");
  await control(page, "retry-auth").waitFor();
  await look(phone, world.story, "spent");
  await tap(page, "retry-auth");
  await world.events.typeOf(id, "CHALLENGE_CREATED", 2);
  await page.getByRole("textbox").waitFor();
  await pay(page, await world.transferred(input.flowNo));
  await at(page, "done");
  const { authRecords } = await world.api.flow(id);
  assert.deepEqual(authRecords.map(({ status }) => status).sort(), ["PASSED", "REJECTED"]);
  phone.assertQuiet();
  await phone.close();
});

// The face: walked away and back again, not recognised and tried again, and not wanted at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../world/look.js";
import { person } from "../world/party.js";
import { NARROW } from "../world/phone.js";
import { at, control, face, pay, press, read, sign, tap } from "../world/signer.js";
import { count, worldOf } from "../world/world.js";

const world = worldOf("face");

async function signed() {
  const started = await world.begin(person());
  const phone = await world.phone({ viewport: NARROW });
  await phone.page.goto(started.link);
  await read(phone.page);
  await sign(phone.page, phone.page);
  await at(phone.page, "auth-face");
  return { ...started, phone, page: phone.page };
}

test("nothing leaves before the consent to use the face", async () => {
  const { input, phone, page } = await signed();
  await press(page, "start-face");
  await page.locator('[role="alert"]:visible').first().waitFor();
  assert.deepEqual(await world.api.challenges(input.flowNo), []);
  phone.assertQuiet();
  await phone.close();
});

test("walked away, and back again", async () => {
  const { id, input, phone, page } = await signed();
  await face(page);
  await tap(page, "leave");
  await at(page, "auth-face");
  await look(phone, world.story, "walked-away");
  await tap(page, "start-face");
  await tap(page, "pass");
  await at(page, "done");
  assert.equal((await world.api.challenges(input.flowNo)).length, 1, "it was the same challenge");
  assert.equal(count(await world.types(id), "AUTH_REQUESTED"), 1);
  phone.assertQuiet();
  await phone.close();
});

test("not recognised, and tried again", async () => {
  const { id, phone, page } = await signed();
  await face(page);
  await tap(page, "fail");
  await world.events.typeOf(id, "AUTH_REJECTED");
  await control(page, "retry-auth").waitFor();
  await look(phone, world.story, "not-recognised");
  if (await control(page, "consent").count()) await control(page, "consent").check();
  await tap(page, "retry-auth");
  await tap(page, "pass");
  await at(page, "done");
  const { authRecords } = await world.api.flow(id);
  assert.deepEqual(authRecords.map(({ status }) => status).sort(), ["PASSED", "REJECTED"]);
  phone.assertQuiet();
  await phone.close();
});

test("three times not recognised is the end", async () => {
  const { id, phone, page } = await signed();
  await face(page);
  await tap(page, "fail");
  for (const _ of [2, 3]) {
    await control(page, "retry-auth").waitFor();
    if (await control(page, "consent").count()) await control(page, "consent").check();
    await tap(page, "retry-auth");
    await tap(page, "fail");
  }
  await at(page, "failed");
  await look(phone, world.story, "failed");
  const { status, failure, restartable } = await world.api.flow(id);
  assert.deepEqual([status, failure.code, restartable], ["FAILED", "AUTH_FAILED", true]);
  phone.assertQuiet();
  await phone.close();
});

test("who refuses the face proves an account instead", async () => {
  const { id, input, phone, page } = await signed();
  await tap(page, "refuse-face");
  await at(page, "auth-payment");
  await look(phone, world.story, "instead");
  await pay(page, await world.transferred(input.flowNo));
  await at(page, "done");
  const flow = await world.api.flow(id);
  assert.equal(flow.authType, "PAYMENT_VERIFICATION");
  assert.ok(count(await world.types(id), "CONSENTED") >= 2, "the refusal is in the evidence");
  phone.assertQuiet();
  await phone.close();
});

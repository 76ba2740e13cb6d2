// The signature pad: a dot is refused, strokes can be taken back, and the ink survives the phone being turned.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../world/look.js";
import { person } from "../world/party.js";
import { NARROW } from "../world/phone.js";
import { at, control, dot, press, read, ready, tap, write } from "../world/signer.js";
import { count, worldOf } from "../world/world.js";

const world = worldOf("pad");

test("the pad", async (story) => {
  const { id, link } = await world.begin(person());
  const phone = await world.phone({ viewport: NARROW });
  const { page } = phone;
  await page.goto(link);
  await read(page);
  await at(page, "sign");
  await control(page, "consent").check();
  const mayNotSign = () => control(page, "sign").and(page.locator('[aria-disabled="true"]')).waitFor();
  const maySign = () => ready(page, "sign").waitFor();
  const writeName = () => write(page, page);

  await story.test("refuses a dot, and says so", async () => {
    await dot(page);
    await mayNotSign();
    await press(page, "sign");
    await page.locator('[role="alert"]:visible').first().waitFor();
    await look(phone, world.story, "dot");
    assert.equal(count(await world.types(id), "SIGNED"), 0);
    assert.deepEqual(phone.posts.filter((path) => path.endsWith("/signature")), []);
  });

  await story.test("takes strokes back, one by one or all", async () => {
    await page.locator("[data-pad-clear]").tap();
    await writeName();
    await maySign();
    await page.locator("[data-pad-undo]").tap();
    await page.locator("[data-pad-undo]").tap();
    await mayNotSign();
    await writeName();
    await maySign();
    await page.locator("[data-pad-clear]").tap();
    await mayNotSign();
  });

  await story.test("fills the screen, and keeps the ink when the phone is turned", async () => {
    await page.locator("[data-pad-full]").tap();
    await writeName();
    await look(phone, world.story, "full-upright");
    const ink = () => page.locator('input[name="strokes"]').inputValue().then((text) => JSON.parse(text || "[]"));
    const strokes = (await ink()).map((stroke) => stroke.length);
    await page.setViewportSize({ width: NARROW.height, height: NARROW.width });
    await look(phone, world.story, "full-turned");
    assert.deepEqual((await ink()).map((stroke) => stroke.length), strokes);
    await page.setViewportSize(NARROW);
    await page.locator("[data-pad-full]").tap();
    await maySign();
  });

  await tap(page, "sign");
  await at(page, "auth-face");
  phone.assertQuiet();
  await phone.close();
});

// What every story needs: a platform of its own, a browser, an upstream system that listens to flow events.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before } from "node:test";
import { connect } from "./api.js";
import { openBrowser } from "./phone.js";
import { screenshots, startPlatform } from "./platform.js";
import { equip } from "./upstream.js";
import { watch } from "./watch.js";

/**
 * Sets up a world for the tests of the file (or `describe`) it is called in; it is there once they run.
 * `story` names its pictures and its log; `settings` are environment variables for the platform; `furnish` puts into the
 * world what is there from the beginning.
 */
export function worldOf(story, settings, furnish) {
  const world = { story };

  before(async () => {
    world.platform = await startPlatform(story, settings);
    world.url = world.platform.url;
    world.api = await connect(world.url, world.platform.credentials.client);
    world.events = await watch(world.api);
    world.browser = await openBrowser();
    await furnish?.();
  });

  after(async () => {
    if (world.browser) await keepLeftOpen(world);
    await world.browser?.close();
    await world.events?.close();
    if (world.platform) assert.equal(await world.platform.stop(), 0, "the platform ends in an orderly way");
  });

  return equip(world);
}

// A story closes its phones at its end; one that was left open shows where the story failed.
async function keepLeftOpen({ browser, story }) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    const step = await page.locator("main").first().getAttribute("data-step", { timeout: 1000 }).catch(() => "no main");
    const file = join(screenshots, story, `left-open-${index + 1}.png`);
    await page.screenshot({ path: file }).catch(() => {});
    console.error(`left open at ${step}: ${page.url()} (${file})`);
  }
}

/** How often a type occurs. */
export const count = (types, type) => types.filter((each) => each === type).length;

/** Looks until there is something, and gives it: for what nobody is told of. */
export async function until(look, latest = Date.now() + 20_000) {
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > latest) throw new Error("it did not come");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

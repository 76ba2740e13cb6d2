// What every story needs: a platform of its own, a browser, an upstream system that listens to flow events.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before } from "node:test";
import { connect } from "./api.js";
import { openBrowser, openPhone } from "./phone.js";
import { screenshots, startPlatform } from "./platform.js";
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

  world.phone = (options) => openPhone(world.browser, world.url, options);

  /** Starts a flow and waits for its SMS; gives the flow, its input and the link in the message. */
  world.begin = async (input) => {
    const flow = await world.api.start(input);
    await world.events.typeOf(flow.id, "SMS_ACCEPTED");
    const [message] = await world.api.messages(input.subject.mobile);
    const [link] = message.text.match(/http:\/\/\S+\/s\/[A-Za-z0-9_-]+/);
    assert.equal(link, flow.session.url, "the message leads where the API says");
    return { id: flow.id, flow, input, link };
  };

  /** The amount of the transfer that waits for an answer, in fen. */
  world.transferred = async (flowNo) => {
    const waiting = (await world.api.challenges(flowNo)).filter(({ status }) => status === "PENDING");
    assert.equal(waiting.length, 1, "one challenge is open");
    return waiting[0].amount;
  };

  /** The types of the flow's events, oldest first, as the API tells them. */
  world.types = async (id) => (await world.api.flow(id)).events.edges.map(({ node }) => node.type);

  return world;
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

// The first view is small: at most 60 KB compressed in at most 6 requests, the pictures of the pages left out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { company } from "../world/party.js";
import { worldOf } from "../world/world.js";

const world = worldOf("first-view");
const MOST_BYTES = 60 * 1024;
const MOST_REQUESTS = 6;

test("the first view is small, and what it needs is kept", async () => {
  const { link } = await world.begin(company());
  const phone = await world.phone();
  const seen = await traffic(phone, () => phone.page.goto(link, { waitUntil: "networkidle" }));
  const counted = seen.filter(({ path }) => !path.includes("/documents/"));
  const bytes = counted.reduce((sum, { size }) => sum + size, 0);
  const told = counted.map(({ path, size }) => `${path.replace(/\/s\/[A-Za-z0-9_-]{22}/, "/s/…")} ${size}`).join("\n");
  assert.ok(counted.length <= MOST_REQUESTS, `${counted.length} requests:\n${told}`);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes:\n${told}`);
  assert.ok(seen.length > counted.length, "the first page of the document came too");
  const again = await traffic(phone, () => phone.page.goto(link, { waitUntil: "networkidle" }));
  assert.deepEqual(again.filter(({ path, cached }) => path.includes("/assets/") && !cached), [], "assets are kept");
  phone.assertQuiet();
  await phone.close();
});

async function traffic({ page, context }, act) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  const seen = new Map();
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => seen.set(requestId, { path: new URL(request.url).pathname, size: 0, cached: false }));
  devtools.on("Network.requestServedFromCache", ({ requestId }) => (seen.get(requestId).cached = true));
  devtools.on("Network.responseReceived", ({ requestId, response }) => (seen.get(requestId).cached ||= response.fromDiskCache));
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (seen.has(requestId)) seen.get(requestId).size = encodedDataLength;
  });
  await act();
  await devtools.detach();
  return [...seen.values()].filter(({ path }) => path !== "/favicon.ico");
}

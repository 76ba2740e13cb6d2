// From the SMS to the sealed document: a company by transfer, a person by face; each told by callback and each by poll.
// An upstream system sees every event, and one that comes later sees exactly the same.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { look } from "../world/look.js";
import { company, person } from "../world/party.js";
import { NARROW, TALL } from "../world/phone.js";
import { at, control, face, pay, read, ready, tap, write } from "../world/signer.js";
import { assertSealed } from "../world/stranger.js";
import { watch } from "../world/watch.js";
import { worldOf } from "../world/world.js";

const MODES = [
  ["callback", {}],
  ["callbacks that never come", { silent: true }],
  ["poll", { settings: { ESIGN__AUTH__MODE: "poll" } }],
];
const COMPANY = ["CREATED", "PENDING_SIGN", "PENDING_AUTH", "AUTHENTICATING", "SEALING", "COMPLETED"];

for (const [mode, { settings, silent }] of MODES) {
  describe(`told by ${mode}`, () => {
    const world = worldOf(`whole-way-${mode.split(" ")[0]}`, settings);

    test("a company by transfer", async () => {
      if (silent) await world.api.arm({ target: "auth", mode: "silent", count: 10 });
      const { path } = await wholeWay(world, company(), TALL, payTheAmount);
      assert.deepEqual(path, COMPANY);
    });

    test("a person by face", async () => {
      if (silent) await world.api.arm({ target: "auth", mode: "silent", count: 10 });
      const { path } = await wholeWay(world, person(), NARROW, showTheFace);
      // An answer that is asked for may have passed before anyone saw it being looked at.
      assert.deepEqual(path, COMPANY.filter((status) => status !== "AUTHENTICATING" || path.includes(status)));
    });
  });
}

async function wholeWay(world, sample, viewport, authenticate) {
  const started = await world.begin({ ...sample, returnUrl: `${world.url}/verify?order=7` });
  const phone = await world.phone({ viewport });
  const { page } = phone;
  await page.goto(started.link);
  await at(page, "read");
  await look(phone, world.story, "read");
  await read(page);
  await at(page, "sign");
  await look(phone, world.story, "sign");
  await write(page, page);
  await control(page, "consent").check();
  await ready(page, "sign").waitFor();
  await look(phone, world.story, "signed");
  await tap(page, "sign");
  await authenticate(world, phone, started);
  await at(page, "done");
  await look(phone, world.story, "done");
  phone.assertQuiet();

  const flow = await world.api.flow(started.id);
  assert.equal(flow.status, "COMPLETED");
  const sealed = await assertOneDocument(world, phone, flow);
  await tap(page, "finish");
  await page.waitForURL(`${world.url}/verify?order=7&flowId=${flow.id}&status=COMPLETED`);
  await assertAnyoneCanCheck(world, phone, sealed, flow.result.token);
  await phone.close();
  assertKeepsSilent(world, started);
  return { path: await assertTold(world, flow) };
}

async function payTheAmount(world, { page, ...phone }, { input }) {
  await at(page, "auth-payment");
  await look({ page, ...phone }, world.story, "auth-payment");
  await pay(page, await world.transferred(input.flowNo));
}

async function showTheFace(world, { page, ...phone }) {
  await at(page, "auth-face");
  await look({ page, ...phone }, world.story, "auth-face");
  await face(page);
  await look({ page, ...phone }, world.story, "auth-system");
  await tap(page, "pass");
}

// What the signer downloads, what the API gives and what was promised are the same bytes, and strangers believe them.
async function assertOneDocument(world, { page }, flow) {
  const downloads = page.locator('main[data-step="done"] a[download]');
  assert.equal(await downloads.count(), flow.sealRecords.length);
  const [seal] = flow.sealRecords;
  assert.equal(seal.status, "SEALED");
  assert.equal(seal.level, "PAdES-B-B");
  const coming = page.waitForEvent("download");
  await downloads.first().tap();
  const download = await coming;
  assert.equal(download.suggestedFilename(), `${seal.documentName}.pdf`);
  const bytes = await readFile(await download.path());
  assert.equal(createHash("sha256").update(bytes).digest("hex"), seal.sealedDigest);
  const byApi = Buffer.from(await (await fetch(seal.downloadUrl)).arrayBuffer());
  assert.ok(byApi.equals(bytes), "the API's download is the signer's");
  await assertSealed(bytes, world.platform.root);
  return bytes;
}

// The verification page, which asks nobody who they are.
async function assertAnyoneCanCheck(world, phone, sealed, token) {
  const { page } = phone;
  const edited = Buffer.from(sealed);
  edited[Math.floor(sealed.length / 3)] ^= 1;
  const verdict = async (name) => {
    await page.locator('button[type="submit"]').tap();
    await page.locator(`[data-verdict="${name}"]`).waitFor();
    await look(phone, world.story, `verify-${name.toLowerCase()}`);
  };
  const choose = (buffer) => page.locator('input[type="file"]').setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer });
  await choose(sealed);
  await verdict("INTACT");
  await choose(edited);
  await verdict("ALTERED");
  await page.locator("summary").tap();
  await page.getByRole("textbox").fill(token);
  await verdict("INTACT");
  phone.assertQuiet();
}

// Nobody reads a person's data, or the key to a flow, in the log.
function assertKeepsSilent({ platform }, { input, link }) {
  const { mobile, idDocument, bankAccount } = input.subject;
  for (const secret of [mobile, idDocument.number, bankAccount.accountNo, link.split("/").pop()]) {
    assert.ok(!platform.log().includes(secret), "the log holds what it must not");
  }
}

// Every status in order, to who listened from the start, to who asks for the log, and to who comes later with a cursor.
async function assertTold(world, flow) {
  await world.events.end(flow.id);
  const live = world.events.of(flow.id);
  const nodes = live.map(({ node }) => node);
  const logged = flow.events.edges.map(({ node }) => node);
  assert.deepEqual(nodes.map(({ id, hash }) => [id, hash]), logged.map(({ id, hash }) => [id, hash]));
  assert.deepEqual(nodes.map(({ seq }) => seq), nodes.map((_, index) => index + 1));
  for (const [index, node] of nodes.entries()) {
    if (index > 0) assert.equal(node.fromStatus, nodes[index - 1].toStatus, "each begins where the one before ended");
  }
  for (const missed of [1, Math.ceil(live.length / 2)]) {
    const later = await watch(world.api, { filter: { flowIds: [flow.id] }, after: live[missed - 1].cursor });
    await later.end(flow.id);
    assert.deepEqual(later.edges, live.slice(missed));
    await later.close();
  }
  return nodes.map(({ toStatus }) => toStatus).filter((status, index, all) => status !== all[index - 1]);
}

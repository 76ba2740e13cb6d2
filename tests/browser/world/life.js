// A little life on the platform, so that the console has something to show: flows that were signed, are being signed,
// were declined, taken back, or can't go on, each for another reason.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as party from "./party.js";
import { at, control, face, pay, read, sign, tap } from "./signer.js";

/** What the platform must be started with: readers need no patience, and what fails is given up soon or stays failed. */
export const SETTINGS = {
  ESIGN__FLOW__READING_SECONDS_PER_DOCUMENT: "0",
  ESIGN__FLOW__AUTH_ATTEMPTS: "2",
  ESIGN__FLOW__SEAL_RETRY_SECONDS: "[1,1800]",
  ESIGN__AUTH__CREATION_RETRY_SECONDS: "[1800,1800]",
  ESIGN__SMS__RETRY_SECONDS: "[1]",
  ESIGN__SMS__BREAKER_FAILURES: "4",
  ESIGN__SMS__BREAKER_SECONDS: "3600",
};

const COMPANIES = [["杭州清禾餐饮管理有限公司", "张明远"], ["宁波海泰鞋业有限公司", "陈晓霞"], ["苏州云上茶事商贸有限公司", "吴桐"],
  ["成都锦里食集管理有限公司", "徐一鸣"], ["温州百味轩酒店有限公司", "林思远"]];
const PEOPLE = ["李思雨", "赵建国", "欧阳晴", "黄磊", "周雅"];
const scenes = [{}, { scene: "COLLECTION", fundPurpose: "COLLECTION" }];
let counted = 0;

function company(changes = {}) {
  const sample = party.company({ ...scenes[counted % scenes.length], ...changes });
  const [name, signatoryName] = COMPANIES[counted++ % COMPANIES.length];
  return { ...sample, subject: { ...sample.subject, name, signatoryName } };
}

function person(changes) {
  const sample = party.person(changes);
  return { ...sample, subject: { ...sample.subject, name: PEOPLE[counted++ % PEOPLE.length] } };
}

/** Plays it; gives the ids of the flows by what became of them. */
export async function story(world) {
  const flows = {};
  const kept = (name) => ({ id }) => (flows[name] = id);
  await expired(world).then(kept("expired"));
  await cancelled(world).then(kept("cancelled"));
  await Promise.all([
    notRecognised(world).then(kept("failed")),
    paid(world).then(kept("paid")),
    declined(world).then(kept("declined")),
  ]);
  await Promise.all([
    recognised(world).then(kept("completed")),
    waiting(world).then(kept("waiting")),
    unsealed(world).then(kept("unsealed")),
  ]);
  await unchallenged(world).then(kept("unchallenged"));
  for (const name of ["withdrawn", "unsigned"]) await world.begin(company()).then(kept(name));
  await unreached(world).then(kept("unreached"));
  return flows;
}

/** A flow that its signer has signed; its phone stays open for what comes next. */
async function signed(world, input) {
  const started = await world.begin(input);
  const phone = await world.phone();
  await phone.page.goto(started.link);
  await read(phone.page);
  await sign(phone.page, phone.page);
  return { ...started, phone, page: phone.page };
}

async function paid(world) {
  const { id, input, phone, page } = await signed(world, company());
  await at(page, "auth-payment");
  const fen = await world.transferred(input.flowNo);
  await pay(page, fen === 50 ? 51 : 50);
  await world.events.typeOf(id, "MATERIAL_REFUSED");
  await page.locator('main[data-step="auth-payment"] [aria-invalid="true"]').waitFor();
  await pay(page, fen);
  return ended(world, { id, phone });
}

async function recognised(world) {
  const { id, phone, page } = await signed(world, person());
  await face(page);
  await tap(page, "pass");
  return ended(world, { id, phone });
}

async function notRecognised(world) {
  const { id, phone, page } = await signed(world, person());
  await face(page);
  await tap(page, "fail");
  await control(page, "retry-auth").waitFor();
  await tap(page, "retry-auth");
  await tap(page, "fail");
  return ended(world, { id, phone });
}

async function waiting(world) {
  const { id, phone, page } = await signed(world, company());
  await at(page, "auth-payment");
  await phone.close();
  return { id };
}

async function declined(world) {
  const { id, link } = await world.begin(person());
  const phone = await world.phone({ scripts: false });
  const { page } = phone;
  await page.goto(link);
  await tap(page, "decline");
  await page.getByRole("radio").first().check();
  await tap(page, "decline");
  await page.locator('[role="alert"]:visible').first().waitFor();
  await tap(page, "decline");
  return ended(world, { id, phone });
}

async function cancelled(world) {
  const { id } = await world.begin(company());
  await world.api.cancel(id, "资料有误，重新发起");
  return { id };
}

async function expired(world) {
  const { id } = await world.begin(person({ expiresInSeconds: 1 }));
  await world.events.end(id);
  return { id };
}

/** What was signed is damaged before it is sealed: no try can mend that. */
async function unsealed(world) {
  const { id, input, phone, page } = await signed(world, company());
  await at(page, "auth-payment");
  const blobs = join(world.platform.dataDir, "blobs");
  const files = (await readdir(blobs, { recursive: true })).filter((file) => file.endsWith("base.pdf"));
  const [own] = files.filter((file) => file.includes(id.replace(/^flow_/, "")));
  const bytes = await readFile(join(blobs, own));
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(join(blobs, own), bytes);
  await pay(page, await world.transferred(input.flowNo));
  await world.events.typeOf(id, "SEAL_FAILED", 2);
  await phone.close();
  return { id };
}

/** The auth system is away when the challenge is asked for. */
async function unchallenged(world) {
  const { id, link } = await world.begin(company());
  const phone = await world.phone();
  await phone.page.goto(link);
  await read(phone.page);
  await world.api.arm({ target: "auth", mode: "error", count: 1 });
  await sign(phone.page, phone.page);
  await world.events.typeOf(id, "CHALLENGE_FAILED");
  await phone.close();
  return { id };
}

/** The gateway fails until it is left out for a while: the last thing to happen, for nobody gets a message after it. */
async function unreached(world) {
  await world.api.arm({ target: "sms", mode: "error", count: 4 });
  const started = [await world.api.start(company()), await world.api.start(person())];
  for (const { id } of started) await world.events.typeOf(id, "SMS_EXHAUSTED");
  return started[0];
}

async function ended(world, { id, phone }) {
  await world.events.end(id);
  await phone.close();
  return { id };
}

// An authenticator app (RFC 6238), and how a member of staff sets one up.

import { createHmac } from "node:crypto";
import { follow, shows, turn } from "./press.js";

const STEP = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytesOf(key) {
  const bits = [...key.replaceAll(" ", "")].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The code that the app shows now, or `ahead` steps later: each step's code works once, the next one's already. */
export function codeOf(key, ahead = 0) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP) + ahead));
  const mac = createHmac("sha1", bytesOf(key)).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Sets up an authenticator under 我的账户; gives its key and the recovery codes. */
export async function enrol(desk) {
  await desk.page.goto(new URL("/admin/account", desk.page.url()).href);
  await follow(desk, "/admin/account/authenticator");
  return confirm(desk);
}

/** Types the key that the page shows into the app, and the app's code into the page. */
export async function confirm(desk) {
  const { page } = desk;
  await page.locator(".qr svg").waitFor();
  await page.locator("details summary").click();
  const key = await page.locator(".secret code").innerText();
  await page.fill("#code", codeOf(key));
  await turn(desk, () => page.locator("form:has(#code) button").click());
  await shows(desk, "main", "恢复码");
  const codes = await page.locator("ol.codes li").allInnerTexts();
  await turn(desk, () => page.locator("main > section > a.btn-primary").click());
  return { key, codes };
}

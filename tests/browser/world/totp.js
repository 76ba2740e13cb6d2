// The codes of an authenticator (RFC 6238).

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of this moment for a key in base 32. */
export function totp(secret, now = Date.now()) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const code = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, "0");
}

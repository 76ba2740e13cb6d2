// Who judges a sealed PDF: our own `esign verify`, and two programs that know nothing of ours, pdfsig and pyHanko.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, repository } from "./platform.js";

const python = process.env.ESIGN_STRANGERS ?? join(repository, "target/strangers/bin/python");

function run(program, args, options = {}) {
  return new Promise((resolve) =>
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, said: `${stdout}${stderr}` })));
}

/** Fails unless everybody finds these bytes intact and signed by whom `root` vouches for, and an edit is found out. */
export async function assertSealed(bytes, root) {
  const folder = await mkdtemp(join(tmpdir(), "esign-sealed-"));
  try {
    const file = join(folder, "sealed.pdf");
    await writeFile(file, bytes);
    await copyFile(root, join(folder, "root.pem"));
    // In an empty folder, with an empty data folder: trust comes from --trust alone.
    const outside = { cwd: folder, env: { PATH: process.env.PATH, ESIGN__DATA_DIR: join(folder, "data") } };
    const verify = (...args) => run(executable, ["verify", ...args], outside);
    const trusted = await verify("--json", "--trust", join(folder, "root.pem"), file);
    assert.equal(trusted.status, 0, trusted.said);
    assert.equal((await verify(file)).status, 3, "intact, but the signer is unknown without the root");
    const edited = Buffer.from(bytes);
    edited[Math.floor(bytes.length / 2)] ^= 1;
    await writeFile(join(folder, "edited.bin"), edited);
    assert.equal((await verify("--trust", join(folder, "root.pem"), join(folder, "edited.bin"))).status, 1, "an edit");
    const strangers = await run(python, [join(repository, "sealing/tests/strangers.py"), folder]);
    assert.equal(strangers.status, 0, strangers.said);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

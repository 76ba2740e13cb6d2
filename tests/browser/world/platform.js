// A platform of one's own: the built executable in the sandbox profile, on a free port, its data in a temporary folder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const executable = process.env.ESIGN_EXECUTABLE ?? join(repository, "target/debug/esign");
export const screenshots = process.env.ESIGN_SCREENSHOTS ?? join(repository, "target/screenshots");

const START = 60_000;
const STOP = 30_000;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// Our own surroundings must not reach into the platform's settings.
function surroundings(settings) {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("ESIGN"));
  return { ...Object.fromEntries(outside), ...settings };
}

async function isReady(url) {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

/**
 * Starts the platform and waits until it says it is ready. `settings` are environment variables (ESIGN__…); a data folder
 * that they name is used as it is.
 */
export async function startPlatform(story, settings = {}) {
  const dataDir = settings.ESIGN__DATA_DIR ?? (await mkdtemp(join(tmpdir(), "esign-")));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const env = surroundings({ ESIGN__SERVER__LISTEN: address, ESIGN__DATA_DIR: dataDir, ...settings });
  const server = spawn(executable, [], { cwd: dataDir, env, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding("utf8").on("data", (text) => lines.push(text));
  const ended = new Promise((resolve) => server.once("close", (code, signal) => resolve(code ?? signal)));
  ended.then(() => (server.isOver = true));
  server.once("error", (error) => lines.push(String(error)));

  const latest = Date.now() + START;
  while (!(await isReady(url))) {
    if (server.isOver || server.pid === undefined || Date.now() > latest) {
      server.kill("SIGKILL");
      throw new Error(`the platform did not become ready:\n${lines.join("")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const credentials = JSON.parse(await readFile(join(dataDir, "sandbox-credentials.json"), "utf8"));

  /** Ends the platform in the orderly way; gives its exit status. Its log is kept beside the screenshots. */
  async function stop() {
    const force = setTimeout(() => server.kill("SIGKILL"), STOP);
    server.kill("SIGTERM");
    const status = await ended;
    clearTimeout(force);
    await mkdir(join(screenshots, story), { recursive: true });
    await writeFile(join(screenshots, story, "server.log"), lines.join(""));
    await rm(dataDir, { recursive: true, force: true });
    return status;
  }

  return { url, dataDir, settings, credentials, root: join(dataDir, "keys/seal/root.pem"), log: () => lines.join(""), stop };
}

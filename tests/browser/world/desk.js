// A desk: a member of staff at the console, signed in.

import { spawnSync } from "node:child_process";
import assert from "node:assert/strict";
import { invalid, problems } from "./page.js";
import { DESK, openPhone } from "./phone.js";
import { executable } from "./platform.js";

export const ROLES = ["admin", "operator", "auditor"];
const PASSWORD = "correct horse battery staple";

/** Makes an account at the command line, as whoever runs the platform does. */
export function addStaff(world, name, role) {
  const env = { ...process.env, ESIGN__DATA_DIR: world.platform.dataDir };
  const made = spawnSync(executable, ["staff", "add", name, "--role", role, "--password-stdin"], {
    cwd: world.platform.dataDir, env, input: `${PASSWORD}\n`, encoding: "utf8",
  });
  assert.equal(made.status, 0, made.stderr);
  return { name, password: PASSWORD, role };
}

/** Sits down at a desk and signs in; `watch` is shown the desk before that, `then` does what is asked besides. */
export async function openDesk(world, account, options = {}) {
  const { viewport = DESK, locale = "zh-CN", scripts = true, watch, then } = options;
  const desk = { ...(await openPhone(world.browser, world.url, { viewport, locale, scripts })), scripts };
  watch?.(desk);
  await desk.page.goto(`${world.url}/admin`);
  await signIn(desk, account);
  await then?.(desk);
  await desk.page.waitForURL(`${world.url}/admin`);
  return desk;
}

/** Gives name and password. */
export async function signIn({ page }, account) {
  await page.fill("input[name=name]", account.name);
  await page.fill("input[name=password]", account.password);
  await page.click("form button[type=submit]");
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The same for all things of a kind: `/admin/flows/{id}?status`. */
export function kind(address) {
  const url = new URL(address, "http://console");
  const names = [...new Set(url.searchParams.keys())].sort().join("&");
  return url.pathname.replace(ID, "{id}").replace(/\/\d+(?=\/|$)/g, "/{n}") + (names && `?${names}`);
}

/**
 * Walks from the overview along every link to a page of the console, one of each kind; gives what was found wrong, and
 * every act that was offered: its path by its kind.
 */
export async function walk(desk, world, { look = true, limit = 400 } = {}) {
  const { page } = desk;
  const waiting = ["/admin"];
  const seen = new Set(["/admin"]);
  const acts = new Map();
  const pages = [];
  const found = [];
  while (waiting.length && pages.length < limit) {
    const path = waiting.shift();
    const answer = await page.goto(world.url + path);
    const type = answer.headers()["content-type"] ?? "";
    if (!type.startsWith("text/html")) continue;
    pages.push(path);
    const name = kind(path);
    if (answer.status() !== 200) found.push(`${path}: HTTP ${answer.status()}`);
    found.push(...(await invalid(await answer.text())).map((problem) => `${name}: ${problem}`));
    if (look) found.push(...(await problems(page, name)));
    const { links, forms } = await page.evaluate(() => ({
      links: [...document.querySelectorAll("a[href]:not([download]):not([data-download])")].map((a) => a.getAttribute("href")),
      forms: [...document.querySelectorAll("form")].filter((form) => form.method === "post").flatMap((form) => [
        form.getAttribute("action") ?? location.pathname,
        ...[...form.querySelectorAll("[formaction]")].map((button) => button.getAttribute("formaction")),
      ]),
    }));
    for (const action of forms) {
      const { pathname } = new URL(action, page.url());
      if (!acts.has(kind(pathname))) acts.set(kind(pathname), pathname);
    }
    for (const link of links) {
      const next = new URL(link, page.url());
      if (next.origin !== world.url || !next.pathname.startsWith("/admin") || link.startsWith("#")) continue;
      next.hash = "";
      const to = next.pathname + next.search;
      if (/[?&](lang|theme)=/.test(to) || /\.(csv|pdf|svg|png)$/.test(next.pathname)) continue;
      if (seen.has(kind(to))) continue;
      seen.add(kind(to));
      waiting.push(to);
    }
  }
  return { pages, acts, found };
}

/** Sends an act as a page of this desk would, with the session's mark; gives the status. */
export async function force(desk, path) {
  return desk.page.evaluate(async (path) => {
    const csrf = document.querySelector("input[name=csrf]").value;
    const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ csrf }), redirect: "manual" });
    return answer.status;
  }, path);
}

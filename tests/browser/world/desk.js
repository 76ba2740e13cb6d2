// A desk: a member of staff at the console, signed in.

import { spawnSync } from "node:child_process";
import assert from "node:assert/strict";
import { invalid, problems } from "./page.js";
import { DESK, openPhone } from "./phone.js";
import { executable } from "./platform.js";
import { codeOf } from "./totp.js";

export const ROLES = ["admin", "operator", "auditor"];
const PASSWORD = "correct horse battery staple";

/** Makes an account at the command line, as whoever runs the platform does. */
export function addStaff(world, name, role) {
  const env = { ...process.env, ...world.platform.settings, ESIGN__DATA_DIR: world.platform.dataDir };
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
  if (account.secret) await signInWithCode(desk, account);
  await then?.(desk);
  await desk.page.waitForURL(`${world.url}/admin`);
  return desk;
}

/** Gives the code of the authenticator: the next one, for each is good once and the last may have just been used. */
async function signInWithCode({ page }, { secret }) {
  await page.locator("#code").waitFor();
  await page.fill("#code", codeOf(secret, 1));
  await page.click("form button[type=submit]");
}

/** Gives name and password where they are asked for. */
export async function signIn({ page }, { name, password }) {
  await page.fill("input[name=name]", name);
  await page.fill("input[name=password]", password);
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

/** Hands a form in as a page of this desk would, fields of one name as an array; gives where it led. */
export async function submit(desk, path, fields) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const [status, to, wrong] = await desk.page.evaluate(async ([path, pairs]) => {
    const body = new URLSearchParams(pairs);
    body.append("csrf", document.querySelector("input[name=csrf]").value);
    const answer = await fetch(path, { method: "POST", body });
    const said = new DOMParser().parseFromString(await answer.text(), "text/html");
    const wrong = [...said.querySelectorAll(".problem, .banner.fail, [data-line]")].map((line) => line.textContent);
    return [answer.status, new URL(answer.url).pathname, wrong.join("; ")];
  }, [path, pairs]);
  assert.equal(status, 200, `${path}: HTTP ${status} ${wrong}`);
  return to;
}

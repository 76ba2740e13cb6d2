// A phone: Debian's Chromium at phone size, with touch, that writes down whatever a signer's phone should never meet.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const TALL = { width: 390, height: 844 };
export const NARROW = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };
export const SMALL_DESK = { width: 768, height: 1000 };
const isDesk = (viewport) => viewport === DESK || viewport === SMALL_DESK;

export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** A fresh phone, or with `viewport` DESK a touch screen at a desk; `url` is the only host it may speak to. */
export async function openPhone(browser, url, { viewport = TALL, locale = "zh-CN", scripts = true } = {}) {
  const context = await browser.newContext({
    viewport, locale, javaScriptEnabled: scripts, timezoneId: "Asia/Shanghai", hasTouch: true, isMobile: !isDesk(viewport),
    deviceScaleFactor: isDesk(viewport) ? 1 : 2, reducedMotion: "reduce", colorScheme: "light",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  const posts = [];
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== url && !["data:", "blob:"].includes(protocol)) complaints.push(`asked another host: ${request.url()}`);
    if (request.method() === "POST") posts.push(new URL(request.url()).pathname);
  });
  context.on("response", (response) => {
    if (response.request().resourceType() === "document") complaints.push(...looseHeaders(response));
    if (response.status() >= 500) complaints.push(`HTTP ${response.status()}: ${response.url()}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`error in the page: ${error.error()}`));

  /** Fails if anything was met that should not be; `but` is what this story expects. */
  function assertQuiet(but = /$^/) {
    assert.deepEqual(complaints.filter((complaint) => !but.test(complaint)), []);
  }
  return { page, context, posts, assertQuiet, close: () => context.close() };
}

// Every page says which scripts it may run, and none is allowed to write its own. A redirect shows nothing.
function looseHeaders(response) {
  if (response.status() >= 300 && response.status() < 400) return [];
  const headers = response.headers();
  const policy = headers["content-security-policy"] ?? "";
  const wrong = [];
  if (!/default-src '(none|self)'/.test(policy)) wrong.push("no default-src");
  if (/unsafe-|\*|https?:/.test(policy.replaceAll(new URL(response.url()).origin, ""))) wrong.push("loose policy");
  if (headers["x-content-type-options"] !== "nosniff") wrong.push("sniffing allowed");
  const path = new URL(response.url()).pathname;
  if (path.startsWith("/s/") || path.startsWith("/admin")) {
    if (headers["referrer-policy"] !== "no-referrer") wrong.push("referrer given away");
    if (!/no-store/.test(headers["cache-control"] ?? "")) wrong.push("page may be stored");
    if (!/frame-ancestors '(none|self)'/.test(policy)) wrong.push("may be framed");
  }
  return wrong.map((problem) => `${path}: ${problem} (${policy})`);
}

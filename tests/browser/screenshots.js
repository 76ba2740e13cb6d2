// Pictures of every page of the console, light and dark, in both languages, for docs/console: `tests/run screenshots`.
// ESIGN_SCREENSHOTS_DATABASE and ESIGN_SCREENSHOTS_DATA name a database with half a year of flows, and its keys.

import assert from "node:assert/strict";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "./world/api.js";
import { openDesk, signIn } from "./world/desk.js";
import { SETTINGS, story } from "./world/life.js";
import { deeds, office } from "./world/setup.js";
import { DESK, openBrowser, openPhone, SMALL_DESK } from "./world/phone.js";
import { repository, startPlatform } from "./world/platform.js";
import { shots } from "./world/shots.js";
import { equip } from "./world/upstream.js";
import { watch } from "./world/watch.js";

const LOOKS = [["zh-CN", "light"], ["zh-CN", "dark"], ["en", "light"], ["en", "dark"]];
/** Shapes of pages, and pages at the least width, in these alone. */
const SOME = [["zh-CN", "light"], ["en", "dark"]];
const OUTSIDE = [
  { name: "sign-in", zh: "登录", en: "Sign in" },
  { name: "sign-in-code", zh: "一次性验证码", en: "A one-time code" },
  { name: "sign-in-password", zh: "换成自己的密码", en: "A password of one's own" },
];
/** No picture is higher: what is below is more of the same. */
const HIGHEST = 1500;
const folder = process.env.ESIGN_SCREENSHOTS_FOLDER ?? join(repository, "docs/console");
const only = process.env.ESIGN_SCREENSHOTS_ONLY?.split(",");

const { ESIGN_SCREENSHOTS_DATABASE: database, ESIGN_SCREENSHOTS_DATA: data } = process.env;
const history = database && { ESIGN__DATABASE__URL: database, ESIGN__DATA_DIR: data };
const world = equip({ story: "screenshots", platform: await startPlatform("screenshots", { ...SETTINGS, ...history }) });
world.url = world.platform.url;
world.api = await connect(world.url, world.platform.credentials.client);
world.events = await watch(world.api);
world.browser = await openBrowser();
try {
  const { staff, made } = await office(world);
  const flows = await story(world);
  await deeds(world, staff, flows);
  const all = shots({ made, flows });
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) if (old.endsWith(".jpg")) await rm(join(folder, old));
  for (const look of LOOKS) {
    await outside(staff, look);
    const isSome = SOME.some((some) => `${some}` === `${look}`);
    await inside(staff.admin, look, DESK, isSome ? [...all.pages, ...all.shapes] : all.pages);
    if (isSome) await inside(staff.admin, look, SMALL_DESK, all.narrow);
  }
  await writeFile(join(folder, "README.md"), list(all));
} finally {
  await world.browser.close();
  await world.events.close();
  await world.platform.stop();
}

/** The way in. */
async function outside({ operator, newcomer }, [locale, theme]) {
  const desk = await openPhone(world.browser, world.url, { viewport: DESK, locale });
  await dress(desk, theme);
  await desk.page.goto(`${world.url}/admin`);
  await picture(desk.page, file("sign-in", [locale, theme]));
  await signIn(desk, operator);
  await desk.page.locator("#code").waitFor();
  await picture(desk.page, file("sign-in-code", [locale, theme]));
  await desk.page.goto(`${world.url}/admin/sign-in`);
  await signIn(desk, newcomer);
  await desk.page.locator("#again").waitFor();
  await picture(desk.page, file("sign-in-password", [locale, theme]));
  await desk.close();
}

async function inside(account, [locale, theme], viewport, some) {
  const desk = await openDesk(world, account, { locale, viewport });
  await dress(desk, theme);
  for (const { name, path, steps } of some) {
    if (only && !only.includes(name)) continue;
    const answer = await desk.page.goto(world.url + path);
    assert.ok(answer.status() < 500, `${path}: HTTP ${answer.status()}`);
    for (const step of steps) await step(desk.page);
    await picture(desk.page, file(name, [locale, theme], viewport));
  }
  await desk.close();
}

function dress({ context }, theme) {
  return context.addCookies([{ name: "esign_theme", value: theme, url: world.url }]);
}

async function picture(page, name) {
  await page.waitForLoadState("load");
  // Charts are drawn and pages of documents come after the page itself.
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  const { width, height } = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  // The window grows with the page, so that what is as high as the window is as high as the picture.
  await page.setViewportSize({ width, height: Math.min(Math.max(whole, height), HIGHEST) });
  await page.screenshot({ path: join(folder, name), type: "jpeg", quality: 70 });
  await page.setViewportSize({ width, height });
}

function file(name, [locale, theme], viewport = DESK) {
  return `${name}-${viewport === DESK ? "" : `${viewport.width}-`}${theme}-${locale.slice(0, 2)}.jpg`;
}

function list({ pages, shapes, narrow }) {
  const image = ({ name, zh, en }, look, viewport) =>
    `![${look[0] === "en" ? en : zh}, ${look[1]}](${file(name, look, viewport)})`;
  const four = (shot) => `### ${shot.zh} · ${shot.en}\n\n| light | dark |\n|---|---|\n` +
    `| ${image(shot, LOOKS[0])} | ${image(shot, LOOKS[1])} |\n| ${image(shot, LOOKS[2])} | ${image(shot, LOOKS[3])} |\n`;
  const two = (viewport) => (shot) => `### ${shot.zh} · ${shot.en}\n\n| 中文, light | English, dark |\n|---|---|\n` +
    `| ${image(shot, SOME[0], viewport)} | ${image(shot, SOME[1], viewport)} |\n`;
  return ["# The console, page by page\n",
    "Made by `tests/run screenshots` from a sandbox: half a year of flows that are written into its database, and some that",
    "are really started, read, signed and sealed by a browser as the pictures are taken. Names and numbers are made up.\n",
    "## Every page, in Chinese and English, light and dark\n", ...[...OUTSIDE, ...pages].map(four),
    "## Shapes that pages take\n", ...shapes.map(two()),
    "## At 768 px\n", ...narrow.map(two(SMALL_DESK))].join("\n");
}

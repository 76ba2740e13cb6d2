// Pictures of every page of the console, light and dark, in both languages, for docs/console: `tests/run screenshots`.

import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "./world/api.js";
import { addStaff, openDesk } from "./world/desk.js";
import { story } from "./world/life.js";
import { openBrowser } from "./world/phone.js";
import { repository, startPlatform } from "./world/platform.js";
import { watch } from "./world/watch.js";

/** Each page: its name, what it is called, and how to get there: an address, or links to follow. */
const PAGES = [
  ["overview", "概览 · Overview", "/admin"],
  ["flows", "签约流程 · Sign flows", "/admin/flows"],
  ["flow", "一条流程 · A flow", "/admin/flows", "table[data-list] tbody a"],
  ["stuck", "待处理 · Stuck work", "/admin/stuck"],
  ["sms-templates", "短信模板 · SMS templates", "/admin/sms-templates"],
  ["sms-template", "短信编辑 · The SMS editor", "/admin/sms-templates", "table[data-list] tbody a"],
  ["rules", "认证规则 · The decision matrix", "/admin/rules"],
  ["agreements", "协议 · Agreements", "/admin/agreements"],
  ["agreement", "一种协议 · An agreement type", "/admin/agreements", "table[data-list] tbody a"],
  ["clients", "上游系统 · Upstream systems", "/admin/clients"],
  ["client", "一个上游系统 · An upstream system", "/admin/clients", "table[data-list] tbody a"],
  ["audit", "审计 · Audit", "/admin/audit"],
  ["staff", "员工 · Staff", "/admin/staff"],
  ["account", "我的账户 · My account", "/admin/account"],
];
const LOOKS = [["zh-CN", "light"], ["zh-CN", "dark"], ["en", "light"], ["en", "dark"]];
const folder = join(repository, "docs/console");

const world = { story: "screenshots", platform: await startPlatform("screenshots") };
world.url = world.platform.url;
world.api = await connect(world.url, world.platform.credentials.client);
world.events = await watch(world.api);
world.browser = await openBrowser();
try {
  await story(world);
  const account = addStaff(world, "lan", "admin");
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) if (old.endsWith(".jpg")) await rm(join(folder, old));
  for (const [locale, theme] of LOOKS) await shoot(account, locale, theme);
  await writeFile(join(folder, "README.md"), list());
} finally {
  await world.browser.close();
  await world.events.close();
  await world.platform.stop();
}

async function shoot(account, locale, theme) {
  const desk = await openDesk(world, account, { locale });
  await desk.context.addCookies([{ name: "esign_theme", value: theme, url: world.url }]);
  for (const [name, , path, ...clicks] of [["sign-in", "", "/admin/sign-in"], ...PAGES]) {
    if (name === "sign-in") await desk.context.clearCookies({ name: "esign-staff" });
    await desk.page.goto(world.url + path);
    if (name === "sign-in") {
      await picture(desk.page, name, locale, theme);
      await desk.page.fill("input[name=name]", account.name);
      await desk.page.fill("input[name=password]", account.password);
      await desk.page.click("form button[type=submit]");
      await desk.page.waitForURL(`${world.url}/admin`);
      continue;
    }
    for (const click of clicks) {
      await desk.page.locator(click).first().click();
      await desk.page.waitForLoadState("load");
    }
    await picture(desk.page, name, locale, theme);
  }
  await desk.close();
}

async function picture(page, name, locale, theme) {
  await page.waitForLoadState("load");
  // Charts are drawn and pages of documents come after the page itself.
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  await page.screenshot({ path: join(folder, file(name, locale, theme)), type: "jpeg", quality: 72 });
}

function file(name, locale, theme) {
  return `${name}-${theme}-${locale.slice(0, 2)}.jpg`;
}

function list() {
  const rows = [["sign-in", "登录 · Sign in"], ...PAGES].map(([name, title]) => {
    const [light, dark, lightEn, darkEn] = LOOKS.map(([locale, theme]) => `![${name}, ${theme}, ${locale}](${file(name, locale, theme)})`);
    return `## ${title}\n\n| | light | dark |\n|---|---|---|\n| 中文 | ${light} | ${dark} |\n| English | ${lightEn} | ${darkEn} |\n`;
  });
  return `# The console, page by page\n\nMade by \`tests/run screenshots\` from a sandbox with a few flows in it.\n\n${rows.join("\n")}`;
}

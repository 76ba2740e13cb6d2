// How a member of staff acts: follows a link that asks first, fills in what is asked, presses the button, reads what
// came of it. The same with scripts, where a question is a dialog, and without, where it is a page of its own.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./platform.js";

const folder = join(repository, "admin-ui/locales/zh-CN");
const words = new Map(readdirSync(folder).flatMap((name) =>
  [...readFileSync(join(folder, name), "utf8").matchAll(/^([\w-]+) = (.*)$/gm)].map(([, key, text]) => [key, text])));

/** What the console says in Chinese under this key. */
export function word(key) {
  assert.ok(words.has(key), `no words ${key}`);
  return words.get(key);
}

/** Does `act`, and waits for the page that it leads to. */
export async function turn({ page }, act) {
  const loaded = page.waitForEvent("domcontentloaded");
  await act();
  await loaded;
}

/** A visible link of the page's own part, by what its address ends with or by a whole selector. */
export const link = ({ page }, end) => page.locator(/^[/?]/.test(end) ? `main a[href$="${end}"]` : end).first();

/** Follows a link to a page. */
export const follow = (desk, end) => turn(desk, () => link(desk, end).click());

/** Follows a link that asks before it acts; gives where it asks. */
export async function ask(desk, end) {
  const at = link(desk, end);
  const inDialog = desk.scripts && (await at.getAttribute("data-dialog")) !== null;
  if (inDialog) await at.click();
  else await turn(desk, () => at.click());
  const question = desk.page.locator(inDialog ? "dialog[open]" : "main");
  await question.locator("h1").waitFor();
  return question;
}

/** Fills in the fields of these names: text, a choice, or the boxes to tick. */
export async function fill(where, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = where.locator(`[name="${name}"]:not([type=hidden])`);
    const type = await field.first().evaluate((field) => (field.matches("select") ? "select" : field.type));
    if (type === "select") await field.selectOption(value);
    else if (type === "checkbox" || type === "radio") await tick(field, [value].flat());
    else await field.fill(value);
  }
}

async function tick(boxes, values) {
  for (const box of await boxes.all()) {
    const wanted = values.includes(await box.getAttribute("value"));
    if ((await box.isChecked()) !== wanted && (wanted || (await box.getAttribute("type")) === "checkbox")) await box.setChecked(wanted);
  }
}

/** Fills in and sends; the page that answers is there then. */
export async function send(desk, where, fields = {}, button = ".acts button[type=submit]") {
  await fill(where, fields);
  await turn(desk, () => where.locator(button).click());
}

/** Asks, fills in, sends. */
export const press = async (desk, end, fields) => send(desk, await ask(desk, end), fields);

/** The line that says what just worked. */
export async function said(desk, key) {
  await desk.page.locator("#toasts").getByText(word(key), { exact: true }).waitFor();
}

/** Waits until a part of the page says this. */
export const shows = (desk, part, text) => desk.page.locator(part).filter({ hasText: text }).first().waitFor();

/** Presses what saves a file; gives its name and its bytes. */
export async function save({ page }, control) {
  const coming = page.waitForEvent("download");
  await control.click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

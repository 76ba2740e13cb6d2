// Looks at a step in light and in dark: axe-core must find nothing, and a picture is kept.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { screenshots } from "./platform.js";

const counts = new Map();

/** Looks at the page as it is now; `name` names the picture. */
export async function look(phone, story, name) {
  const { page } = phone;
  const folder = join(screenshots, story);
  await mkdir(folder, { recursive: true });
  const number = (counts.get(story) ?? 0) + 1;
  counts.set(story, number);
  const { width } = page.viewportSize();
  const found = [];
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    const file = `${String(number).padStart(2, "0")}-${name}-${width}-${colorScheme}.png`;
    await page.screenshot({ path: join(folder, file) });
    found.push(...(await problems(page)).map((problem) => `${name}, ${colorScheme}: ${problem}`));
  }
  assert.deepEqual(found, []);
}

async function problems(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html.slice(0, 160)}`));
}

// Every page of the console in every shape it takes: valid, clean in light and dark, in both languages, at a desk and at
// the least width.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { invalid, problems } from "../world/page.js";
import { DESK, openBrowser, openPhone, SMALL_DESK } from "../world/phone.js";
import { executable } from "../world/platform.js";

let browser, gallery, url;

before(async () => {
  gallery = spawn(join(executable, "../examples/console"), ["127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const [said] = await once(gallery.stderr.setEncoding("utf8"), "data");
  url = said.trim().replace(/\/$/, "");
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  gallery?.kill();
});

for (const [locale, viewport] of [["zh-CN", DESK], ["en", SMALL_DESK]]) {
  test(`every page of the console is clean: ${locale}, ${viewport.width} px`, async () => {
    const desk = await openPhone(browser, url, { viewport, locale });
    const names = [...(await (await fetch(url)).text()).matchAll(/href="\/gallery\/([^"]+)"/g)].map(([, name]) => name);
    assert.ok(names.length > 12, `${names.length} pages`);
    const found = [];
    for (const name of names) {
      const answer = await desk.page.goto(`${url}/gallery/${name}`);
      found.push(...(await invalid(await answer.text())).map((problem) => `${name}: ${problem}`));
      found.push(...(await problems(desk.page, name)));
    }
    assert.deepEqual(found, []);
    // The gallery draws pages alone: the streams and pictures that they load are the platform's, whose story is stricter.
    desk.assertQuiet(/status of 404/);
    await desk.close();
  });
}

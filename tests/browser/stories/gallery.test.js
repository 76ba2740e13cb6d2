// Every page a signer can meet, in every shape it takes: clean, in both languages, in light, dark and large type.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look } from "../world/look.js";
import { NARROW, openBrowser, openPhone } from "../world/phone.js";
import { executable } from "../world/platform.js";

let browser, gallery, url;

before(async () => {
  gallery = spawn(join(executable, "../examples/gallery"), ["127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const [said] = await once(gallery.stderr.setEncoding("utf8"), "data");
  url = said.trim().replace(/\/$/, "");
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  gallery?.kill();
});

for (const [locale, size] of [["zh-CN", "normal"], ["zh-CN", "large"], ["en", "large"]]) {
  test(`every page is clean: ${locale}, ${size}`, async () => {
    const phone = await openPhone(browser, url, { viewport: NARROW, locale });
    const names = [...(await (await fetch(url)).text()).matchAll(/href="\/gallery\/([^"]+)"/g)].map(([, name]) => name);
    assert.ok(names.length > 30, `${names.length} pages`);
    for (const name of names) {
      await phone.page.goto(`${url}/gallery/${name}?size=${size}`);
      await phone.page.locator("main[data-step]").waitFor();
      const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
      await look(phone, `gallery-${locale}-${size}`, name);
    }
    // The gallery stands for the pages alone: the platform's own headers are not around them.
    phone.assertQuiet(/sniffing allowed/);
    await phone.close();
  });
}

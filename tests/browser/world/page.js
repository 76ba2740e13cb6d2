// What is held against every page of the console: axe-core in light and in dark, html-validate, nothing wider than the
// screen, nothing from another host.

import axe from "axe-core";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const validator = new HtmlValidate(
  new FileSystemConfigLoader({
    root: true,
    extends: ["html-validate:recommended"],
    rules: {
      // Icons and time elements stand where white space would be drawn; `type` of a button is always written; and the
      // kit's long lines of classes are nobody's business but the kit's.
      "no-trailing-whitespace": "off",
      "long-title": "off",
      // An icon that is hidden from readers has no title on purpose.
      "svg-focusable": "off",
      "doctype-style": ["error", { style: "lowercase" }],
      // The fields of one list share their name, as form encoding has it.
      "form-dup-name": "off",
      // What a field is when nothing else is said is what is wanted.
      "no-implicit-input-type": "off",
      // A name with a dot in it says where a field stands in what is sent.
      "valid-id": ["error", { relaxed: true }],
      // A box that scrolls must be in the keyboard's reach and have a name; a section would claim a heading.
      "prefer-native-element": ["error", { exclude: ["region"] }],
      // Void elements as the HTML standard itself writes them.
      "void-style": ["error", { style: "omit" }],
      "require-sri": "off",
      "no-inline-style": "error",
    },
  }),
);

/** What html-validate finds wrong with a page's source. */
export async function invalid(html) {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message, line }) => `${ruleId}: ${message} (line ${line})`));
}

/** What axe-core finds on the page as it is shown now. */
export async function unclean(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html.slice(0, 200)}`));
}

/** What is wrong with the page in light and in dark, each line with `name`, which says which page it is. */
export async function problems(page, name) {
  const found = [];
  for (const theme of ["dark", "light"]) {
    await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
    found.push(...(await unclean(page)).map((problem) => `${name}, ${theme}: ${problem}`));
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) found.push(`${name}: ${wide} px too wide`);
  return found;
}

// How a member of staff sets an authenticator up.

import { follow, shows, turn } from "./press.js";
import { codeOf } from "./totp.js";

/** Sets up an authenticator under 我的账户; gives its key and the recovery codes. */
export async function enrol(desk) {
  await desk.page.goto(new URL("/admin/account", desk.page.url()).href);
  await follow(desk, "/admin/account/authenticator");
  return confirm(desk);
}

/** Types the key that the page shows into the app, and the app's code into the page. */
export async function confirm(desk) {
  const { page } = desk;
  await page.locator(".qr svg").waitFor();
  await page.locator("details summary").click();
  const key = await page.locator(".secret code").innerText();
  await page.fill("#code", codeOf(key));
  await turn(desk, () => page.locator("form:has(#code) button").click());
  await shows(desk, "main", "恢复码");
  const codes = await page.locator("ol.codes li").allInnerTexts();
  await turn(desk, () => page.locator("main > section > a.btn-primary").click());
  return { key, codes };
}

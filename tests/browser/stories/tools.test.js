// GraphiQL, for who writes against the API: everything it loads is ours, and it speaks to the platform.

import { test } from "node:test";
import { DESK } from "../world/phone.js";
import { worldOf } from "../world/world.js";

const world = worldOf("tools");

test("GraphiQL loads from here alone and asks the API", async () => {
  const phone = await world.phone({ viewport: DESK });
  const { page } = phone;
  await page.goto(`${world.url}/graphiql`);
  const run = page.getByRole("button", { name: /execute|运行/i });
  await run.waitFor();
  const asked = page.waitForResponse((response) => new URL(response.url()).pathname === "/graphql");
  await page.locator(".graphiql-query-editor .CodeMirror").first().click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText("{ viewer { name } }");
  await run.click();
  await asked;
  phone.assertQuiet(/status of 401/);
  await phone.close();
});

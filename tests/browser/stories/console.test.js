// The console, walked whole as each role: every page that a link leads to is valid, clean and quiet; what a role may not
// do is on none of its pages, and, forced, is refused and written down.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ACTS, actOf, actsAt, may, postedRoutes } from "../world/acts.js";
import { addStaff, force, openDesk, ROLES, walk } from "../world/desk.js";
import { company, person } from "../world/party.js";
import { SMALL_DESK } from "../world/phone.js";
import { worldOf } from "../world/world.js";

const world = worldOf("console");
const accounts = {};
const walks = {};

/** Forms that change nothing: they look at what would be. */
const LOOKS = /\/(preview|pdf)$/;

/** What everybody may do: it is about oneself. */
const OWN = /^\/admin\/(sign-out|proof|account)/;

test("there are accounts of each role, and flows to look at", async () => {
  for (const role of ROLES) accounts[role] = addStaff(world, `${role}.one`, role);
  await world.begin(company({ metadata: { note: "<script>window.struck=1</script>" } }));
  await world.begin(person());
  const { id } = await world.begin(company());
  await world.api.cancel(id, "<img src=x onerror=window.struck=1>");
});

for (const role of ROLES) {
  test(`every page of the console is valid and clean for an ${role}`, async () => {
    const desk = await openDesk(world, accounts[role]);
    walks[role] = await walk(desk, world);
    assert.deepEqual(walks[role].found, []);
    assert.ok(walks[role].pages.length > 10, walks[role].pages.join(" "));
    assert.equal(await desk.page.evaluate(() => window.struck), undefined);
    desk.assertQuiet();
    await desk.close();
  });
}

for (const role of ["operator", "auditor"]) {
  test(`what an ${role} may not do is offered nowhere, and refused and written down when it is forced`, async () => {
    const desk = await openDesk(world, accounts[role]);
    const foreign = [...walks.admin.acts].filter(([kind]) => !walks[role].acts.has(kind) && !LOOKS.test(kind));
    assert.ok(foreign.length > 3, "an admin may do more");
    const wrong = [];
    for (const [kind, path] of foreign) {
      const status = await force(desk, path);
      if (status !== 403) wrong.push(`${kind}: HTTP ${status}`);
    }
    assert.deepEqual(wrong, []);
    desk.assertQuiet(/status of 403/);
    await desk.close();
    const admin = await openDesk(world, accounts.admin);
    await admin.page.goto(`${world.url}/admin/audit?action=refused&actor=staff:${role}.one`);
    const told = await admin.page.locator("table tbody").innerText();
    assert.deepEqual(foreign.slice(-20).map(([, path]) => `POST ${path}`).filter((act) => !told.includes(act)), []);
    await admin.close();
  });
}

test("the table of acts knows all that is offered, and all that the console takes", () => {
  for (const role of ROLES) {
    const unknown = [...walks[role].acts.values()].filter((path) => !may(role, actOf(path)));
    assert.deepEqual(unknown, [], `offered to an ${role}`);
  }
  const routes = postedRoutes();
  assert.deepEqual(routes.filter((route) => !actsAt(route).length), [], "taken, but no act");
  const taken = routes.flatMap(actsAt);
  for (const [capability, acts] of Object.entries(ACTS)) {
    assert.deepEqual(Object.keys(acts).filter((act) => !taken.includes(act)), [], "an act, but not taken");
    const story = readFileSync(new URL(`console-${capability}.test.js`, import.meta.url), "utf8");
    assert.match(story, /^office\.everythingWasPressed\(\);$/m, `${capability} presses all of its acts`);
  }
});

test("an auditor is offered nothing but what is their own", () => {
  assert.deepEqual([...walks.auditor.acts.keys()].filter((kind) => !OWN.test(kind) && !/preview|search|what-if/.test(kind)), []);
});

test("the least width holds every page", async () => {
  const desk = await openDesk(world, accounts.admin, { viewport: SMALL_DESK, locale: "en" });
  const { found } = await walk(desk, world);
  assert.deepEqual(found, []);
  desk.assertQuiet();
  await desk.close();
});

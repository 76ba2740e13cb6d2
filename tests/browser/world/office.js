// An office: a platform with an account of each role, desks of its members, and a book of the acts they pressed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ACTS, actOf } from "./acts.js";
import { addStaff, openDesk } from "./desk.js";
import { worldOf } from "./world.js";

/** Who sits where: acts are pressed by each role that may, with scripts and without. */
export const WRITERS = [["admin", true], ["operator", false]];
export const EVERYBODY = [["admin", true], ["operator", true], ["auditor", false]];

/** `capability` is one of ACTS; `furnish` puts in what is there from the beginning. */
export function officeOf(capability, settings, furnish) {
  const book = new Set();
  const office = worldOf(`console-${capability}`, settings, furnish);
  const accounts = {};

  /** A desk of this role, signed in; what it presses is in the book. */
  office.sit = async (role, scripts = true, { account, ...options } = {}) => {
    account ??= accounts[role] ??= addStaff(office, `${role}.one`, role);
    const desk = await openDesk(office, account, { scripts, watch: (desk) => keepBook(book, desk, role), ...options });
    desk.account = account;
    /**
     * Gets up: nothing was met at this desk that should not be, but what `but` says. htmx writes down what a page that is
     * left breaks off.
     */
    desk.leave = async (but = /$^/) => {
      desk.assertQuiet(new RegExp(`${but.source}|console: htmx:(sendAbort|afterRequest)`));
      await desk.close();
    };
    return desk;
  };

  /** The last test of a capability. */
  office.everythingWasPressed = () =>
    test("every act of these pages was pressed by each role that may, with scripts and without", () => {
      const missing = Object.entries(ACTS[capability]).flatMap(([act, roles]) => [
        ...roles.filter((role) => ![true, false].some((scripts) => book.has(`${role} ${scripts} ${act}`))).map((role) => `${role} ${act}`),
        ...[true, false].filter((scripts) => !roles.some((role) => book.has(`${role} ${scripts} ${act}`)))
          .map((scripts) => `${scripts ? "with" : "without"} scripts ${act}`),
      ]);
      assert.deepEqual(missing, []);
    });
  return office;
}

// An act counts when it was not refused.
function keepBook(book, { context, scripts }, role) {
  context.on("response", (response) => {
    if (response.request().method() !== "POST" || response.status() >= 400) return;
    const act = actOf(new URL(response.url()).pathname);
    if (act) book.add(`${role} ${scripts} ${act}`);
  });
}

const AGE = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=15) as db:
    of = "staff_id = (select id from staff where name = ?)"
    changed = db.execute(f"update staff_session set proven_at = '2020' || substr(proven_at, 5) where {of}", sys.argv[2:]).rowcount
sys.exit(0 if changed else 1)`;

/** As if a member had given their password long ago: a story has no minutes to wait. */
export const agePassword = (office, name) => execFileSync("python3", ["-c", AGE, join(office.platform.dataDir, "esign.sqlite"), name]);

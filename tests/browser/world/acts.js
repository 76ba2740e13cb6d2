// Every act of the console: what its forms post to, by capability, and who may. `console.test.js` holds it against the
// routes of the executable's source and against what pages offer; each capability's story presses all of its own.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./platform.js";

const EVERYBODY = ["admin", "operator", "auditor"];
const WRITERS = ["admin", "operator"];
const ADMINS = ["admin"];

export const ACTS = {
  flow: {
    "/admin/flows/{id}/resend": WRITERS,
    "/admin/flows/{id}/link": WRITERS,
    "/admin/flows/{id}/cancellation": WRITERS,
    "/admin/flows/{id}/reveal": ADMINS,
  },
  flows: { "/admin/flows/search": EVERYBODY },
  stuck: {
    "/admin/flows/{id}/poll": WRITERS,
    "/admin/flows/{id}/seal-retry": WRITERS,
    "/admin/flows/{id}/abandonment": WRITERS,
    "/admin/stuck/runs": WRITERS,
    "/admin/stuck/jobs/{id}/run": WRITERS,
    "/admin/stuck/jobs/{id}/dismissal": WRITERS,
  },
  sms: {
    "/admin/sms-templates": WRITERS,
    "/admin/sms-templates/preview": WRITERS,
    "/admin/sms-templates/{id}": WRITERS,
    "/admin/sms-templates/{id}/preview": WRITERS,
    "/admin/sms-templates/{id}/status": WRITERS,
    "/admin/sms-templates/{id}/test": WRITERS,
  },
  rules: {
    "/admin/rules": WRITERS,
    "/admin/rules/preview": WRITERS,
    "/admin/rules/{id}": WRITERS,
    "/admin/rules/{id}/deletion": WRITERS,
  },
  agreements: {
    "/admin/agreements": WRITERS,
    "/admin/agreements/{code}": WRITERS,
    "/admin/agreements/{code}/status": WRITERS,
    "/admin/agreements/{code}/text/preview": WRITERS,
    "/admin/agreements/{code}/text/pdf": WRITERS,
    "/admin/agreements/{code}/text/confirmation": WRITERS,
    "/admin/agreements/{code}/text/publication": WRITERS,
  },
  clients: {
    "/admin/clients": ADMINS,
    "/admin/clients/{id}": ADMINS,
    "/admin/clients/{id}/enabling": ADMINS,
    "/admin/clients/{id}/disabling": ADMINS,
    "/admin/clients/{id}/secret": ADMINS,
    "/admin/clients/{id}/webhook-secret": ADMINS,
  },
  staff: {
    "/admin/staff": ADMINS,
    "/admin/staff/{id}/role": ADMINS,
    "/admin/staff/{id}/suspension": ADMINS,
    "/admin/staff/{id}/reinstatement": ADMINS,
    "/admin/staff/{id}/password": ADMINS,
    "/admin/staff/{id}/authenticator": ADMINS,
    "/admin/staff/{id}/session-end": ADMINS,
    "/admin/staff/{id}/sessions/{session}": ADMINS,
    // Whoever was given a password; it is an auditor in this story.
    "/admin/sign-in/password": ["auditor"],
  },
  account: {
    "/admin/sign-in": EVERYBODY,
    "/admin/sign-in/code": EVERYBODY,
    "/admin/proof": EVERYBODY,
    "/admin/account/password": EVERYBODY,
    "/admin/account/authenticator": EVERYBODY,
    "/admin/account/authenticator/removal": EVERYBODY,
    "/admin/account/recovery-codes": EVERYBODY,
    "/admin/account/sessions/{session}": EVERYBODY,
    "/admin/account/session-end": EVERYBODY,
    "/admin/sign-out": EVERYBODY,
  },
  // Where an authenticator is required of somebody; it is in these stories of operators.
  enrolment: { "/admin/sign-in/authenticator": ["operator"] },
};

const all = Object.assign({}, ...Object.values(ACTS));
const fits = (pattern, path) => new RegExp(`^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);

/** The act that posts to this path; none: undefined. What is named in full comes before what stands for any name. */
export function actOf(path) {
  return Object.keys(all).filter((pattern) => fits(pattern, path)).sort((a, b) => a.split("{").length - b.split("{").length)[0];
}

/** Whether a role may do an act. */
export const may = (role, act) => all[act]?.includes(role) ?? false;

/** The paths that the console's source takes posts at. */
export function postedRoutes() {
  const folder = join(repository, "admin-ui/src");
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".rs"));
  return files.flatMap((name) => {
    const calls = readFileSync(join(folder, name), "utf8").split(".route(").slice(1);
    const posted = calls.filter((call) => /\bpost\(/.test(call.split(";")[0]));
    return posted.map((call) => pathOf(call, readFileSync(join(folder, name), "utf8")));
  });
}

// A path stands in the call itself, or under the name of a constant of the same file.
function pathOf(call, source) {
  const [, literal, name] = call.match(/^\s*(?:"([^"]+)"|(\w+))/);
  return literal ?? source.match(new RegExp(`const ${name}: &str = "([^"]+)"`))[1];
}

/** The acts that a route takes: `{act}` stands for several. */
export const actsAt = (route) => Object.keys(all).filter((act) => act === route || (route.endsWith("/{act}") && fits(route, act)));

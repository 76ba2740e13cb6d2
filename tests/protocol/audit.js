// GraphQL over HTTP: every audit of the reference implementation. Its errors are a MUST that was not kept, its warnings a
// SHOULD, its notices a MAY.

import { auditServer } from "graphql-http";

/** Runs them all; gives how many errors there were. */
export async function auditHttp(url, token) {
  const fetchFn = (address, options = {}) =>
    fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });
  const results = await auditServer({ url: `${url}/graphql`, fetchFn });
  const of = (status) => results.filter((result) => result.status === status);
  for (const result of results.filter((result) => result.status !== "ok")) {
    console.log(`  ${result.status}: ${result.name} (${result.reason})`);
  }
  const [errors, warnings, notices] = [of("error"), of("warn"), of("notice")].map((those) => those.length);
  console.log(`  graphql-http: ${results.length} audits, ${errors} errors, ${warnings} warnings, ${notices} notices`);
  return errors;
}

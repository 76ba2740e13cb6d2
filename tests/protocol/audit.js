// GraphQL over HTTP: every audit of the reference implementation. Its errors are a MUST that was not kept, its warnings a
// SHOULD, its notices a MAY. And introspection as tools ask for it, with everything they may want to know.

import { buildClientSchema, getIntrospectionQuery, validateSchema } from "graphql";
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
  return errors + (await introspect(url, fetchFn));
}

async function introspect(url, fetchFn) {
  const query = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  const headers = { "content-type": "application/json" };
  const answer = await fetchFn(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { data, errors } = await answer.json();
  const faults = errors ?? validateSchema(buildClientSchema(data));
  for (const fault of faults) console.log(`  failed: introspection: ${fault.message}`);
  if (faults.length === 0) console.log(`  introspection: ${data.__schema.types.length} types, read by graphql-js`);
  return faults.length;
}

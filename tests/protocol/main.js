// The two doors of GraphQL against the letter of their protocols: GraphQL over HTTP by the audit of graphql-http,
// graphql-transport-ws by a check for each thing it promises, and by the client library that most upstream systems use.

import { startPlatform } from "../browser/world/platform.js";
import { auditHttp } from "./audit.js";
import { checkSubscriber } from "./subscriber.js";
import { checkSocket } from "./transport.js";

// A socket without an introduction is closed after ten seconds: the longest thing that is waited for here.
const platform = await startPlatform("protocol");
let failed = 0;
try {
  const token = await issue(platform);
  failed += await auditHttp(platform.url, token);
  failed += await checkSocket(platform.url, token);
  failed += await checkSubscriber(platform.url, token);
} finally {
  const status = await platform.stop();
  if (status !== 0) {
    console.log(`  the platform ended with ${status}`);
    failed += 1;
  }
}
process.exitCode = failed === 0 ? 0 : 1;

async function issue({ url, credentials }) {
  const { id, secret } = credentials.client;
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: secret });
  const answer = await fetch(`${url}/oauth/token`, { method: "POST", body });
  return (await answer.json()).access_token;
}

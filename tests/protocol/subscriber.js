// A subscriber as upstream systems write it, with the library graphql-ws: hears what happens to a flow, goes away, and
// comes back with its last cursor to what happened meanwhile.

import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const EVENTS = "subscription ($after: String) { signFlowEvents(after: $after) { cursor node { flowNo type } } }";
const START = "mutation ($input: StartSignFlowInput!) { startSignFlow(input: $input) { flow { id } } }";
const CANCEL = "mutation ($input: CancelSignFlowInput!) { cancelSignFlow(input: $input) { flow { status } } }";
const LOG = "query ($after: String) { signFlowEvents(first: 100, after: $after) { edges { cursor node { flowNo type } } } }";

const input = (flowNo) => ({
  flowNo,
  scene: "COLLECTION",
  fundPurpose: "GOODS",
  agreementType: "PAYMENT_AGENCY_MANDATE",
  subject: {
    type: "INDIVIDUAL",
    role: "RECEIVER",
    subjectNo: "R-1",
    name: "张思远",
    mobile: "13800138000",
    idDocument: { type: "RESIDENT_ID_CARD", number: "11010519491231002X" },
  },
});

/** Subscribes, resumes, and compares with the log; gives how many checks failed. */
export async function checkSubscriber(url, token) {
  const client = () =>
    createClient({
      url: `${url.replace("http", "ws")}/graphql/ws`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
  const ask = async (query, variables) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ query, variables });
    const answer = await (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json();
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    return answer.data;
  };
  try {
    const { flow } = (await ask(START, { input: input("PROTOCOL-1") })).startSignFlow;
    const [first] = (await ask(LOG)).signFlowEvents.edges;

    const one = client();
    const heard = await take(one, first.cursor, 1);
    await one.dispose();

    // What happens while nobody listens.
    await ask(CANCEL, { input: { flowId: flow.id, reason: "protocol" } });
    await ask(START, { input: input("PROTOCOL-2") });

    const two = client();
    const rest = await take(two, heard.at(-1).cursor, 2);
    await two.dispose();
    const log = (await ask(LOG, { after: first.cursor })).signFlowEvents.edges;
    assert.deepEqual([...heard, ...rest], log.slice(0, 3));
    await assert.rejects(take(client(), "nonsense", 1), (errors) => errors[0].extensions.code === "INVALID_ARGUMENT");
    console.log("  graphql-ws: a subscriber went away and came back, and missed nothing");
    return 0;
  } catch (error) {
    console.log(`  failed: the subscriber: ${error.message ?? JSON.stringify(error)}`);
    return 1;
  }
}

async function take(client, after, count) {
  const events = [];
  for await (const result of client.iterate({ query: EVENTS, variables: { after } })) {
    events.push(result.data.signFlowEvents);
    if (events.length === count) break;
  }
  return events;
}

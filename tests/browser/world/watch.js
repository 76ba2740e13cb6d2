// A subscriber to flow events, by the reference client of graphql-transport-ws.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const EVENTS = `subscription($filter: SignFlowEventFilter, $after: String) {
  signFlowEvents(filter: $filter, after: $after) {
    cursor node { id flowId seq type fromStatus toStatus hash occurredAt } } }`;
const TERMINAL = ["COMPLETED", "FAILED", "TIMED_OUT", "CANCELLED"];
const LATEST = 60_000;

export const endsFlow = ({ toStatus }) => TERMINAL.includes(toStatus);

/** Opens a subscription; what has come so far is in `edges`, in the order in which it came. */
export async function watch(api, { filter, after } = {}) {
  const edges = [];
  const waiting = new Set();
  let failure = null;
  const wake = () => waiting.forEach((look) => look());
  const fail = (problem) => {
    failure ??= problem instanceof Error ? problem : new Error(`subscription: ${JSON.stringify(problem?.reason ?? problem)}`);
    wake();
  };
  const { promise: open, resolve: opened, reject: refused } = deferred();
  const client = createClient({
    url: `${api.url.replace(/^http/, "ws")}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${api.token}` },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: refused,
    on: { connected: opened, closed: (event) => fail(event) },
  });
  const socket = await open;
  client.subscribe({ query: EVENTS, variables: { filter, after } }, {
    next({ data, errors }) {
      if (errors) return fail(errors);
      edges.push(data.signFlowEvents);
      wake();
    },
    error: fail,
    complete() {},
  });
  await heard(socket);

  /** Waits for an event that satisfies `isIt`, gives its edge. */
  function until(isIt, latest = LATEST) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => give(reject, new Error(`no such event came; there came\n${told(edges)}`)), latest);
      const give = (settle, value) => {
        clearTimeout(timer);
        waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const edge = edges.find(({ node }) => isIt(node));
        if (edge) give(resolve, edge);
        else if (failure) give(reject, failure);
      };
      waiting.add(look);
      look();
    });
  }

  const of = (flowId) => edges.filter(({ node }) => node.flowId === flowId);
  return {
    edges,
    of,
    until,
    /** Waits for the flow's nth event of this type. */
    typeOf: (flowId, type, nth = 1) =>
      until(({ seq }) => seq === of(flowId).filter(({ node }) => node.type === type)[nth - 1]?.node.seq),
    end: (flowId) => until((node) => node.flowId === flowId && endsFlow(node)),
    close: () => client.dispose(),
  };
}

// The protocol has no word for 'subscribed'. Messages are heard in order, so an answered ping says that what was sent
// before it has been heard.
function heard(socket) {
  return new Promise((resolve, reject) => {
    const listen = ({ data }) => {
      if (JSON.parse(data).type !== "pong") return;
      socket.removeEventListener("message", listen);
      resolve();
    };
    socket.addEventListener("message", listen);
    socket.addEventListener("close", () => reject(new Error("the socket closed before it answered")));
    // A turn later, when the subscription's own message has left.
    setImmediate(() => socket.send(JSON.stringify({ type: "ping" })));
  });
}

function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

export const told = (edges) => edges.map(({ node }) => `${node.seq} ${node.type} ${node.fromStatus} -> ${node.toStatus}`).join("\n");

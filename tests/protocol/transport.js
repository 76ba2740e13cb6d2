// graphql-transport-ws: a check for each thing it promises, by a socket that knows nothing of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import WebSocket from "ws";

const EVENTS = "subscription { signFlowEvents { cursor } }";
const PATIENCE = 15_000;

class Line {
  constructor(url) {
    this.socket = new WebSocket(`${url.replace("http", "ws")}/graphql/ws`, "graphql-transport-ws");
    this.heard = [];
    this.closed = once(this.socket, "close").then(([code]) => code);
    this.socket.on("message", (text) => {
      this.heard.push(JSON.parse(text));
      this.socket.emit("heard");
    });
  }

  async say(message) {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async hear() {
    while (this.heard.length === 0) await once(this.socket, "heard", { signal: AbortSignal.timeout(PATIENCE) });
    return this.heard.shift();
  }
}

function checks(url, token) {
  const line = () => new Line(url);
  const init = { type: "connection_init", payload: { authorization: `Bearer ${token}` } };
  const subscribe = (query) => ({ type: "subscribe", id: "1", payload: { query } });
  const introduced = async () => {
    const one = line();
    await one.say(init);
    assert.equal((await one.hear()).type, "connection_ack");
    return one;
  };
  return {
    "an introduction is acknowledged": introduced,
    "a ping is answered, before the introduction and after, with its payload": async () => {
      const one = line();
      await one.say({ type: "ping", payload: { n: 1 } });
      assert.deepEqual(await one.hear(), { type: "pong", payload: { n: 1 } });
      await one.say(init);
      assert.equal((await one.hear()).type, "connection_ack");
      await one.say({ type: "ping" });
      assert.deepEqual(await one.hear(), { type: "pong" });
    },
    "an operation gives its results, then completes, and its id is free again": async () => {
      const one = await introduced();
      for (let round = 0; round < 2; round++) {
        await one.say(subscribe("{ viewer { kind } }"));
        const next = await one.hear();
        assert.deepEqual([next.type, next.id, next.payload.data.viewer.kind], ["next", "1", "client"]);
        assert.deepEqual(await one.hear(), { type: "complete", id: "1" });
      }
      await one.say(subscribe(EVENTS));
      await one.say({ type: "complete", id: "1" });
      await one.say(subscribe("{ __typename }"));
      assert.equal((await one.hear()).payload.data.__typename, "Query");
    },
    "4400: a message that is none": async () => {
      for (const message of ["nonsense", "[]", '{"type":"start"}', '{"type":"subscribe","id":"1"}']) {
        const one = line();
        await one.say(message);
        assert.equal(await one.closed, 4400, message);
      }
    },
    "4401: an operation before the acknowledgement": async () => {
      const one = line();
      await one.say(subscribe(EVENTS));
      assert.equal(await one.closed, 4401);
    },
    "4408: no introduction": async () => assert.equal(await line().closed, 4408),
    "4409: an id that is in use": async () => {
      const one = await introduced();
      await one.say(subscribe(EVENTS));
      await one.say(subscribe(EVENTS));
      assert.equal(await one.closed, 4409);
    },
    "4429: a second introduction": async () => {
      const one = await introduced();
      await one.say(init);
      assert.equal(await one.closed, 4429);
    },
  };
}

/** Runs them one after the other; gives how many failed. */
export async function checkSocket(url, token) {
  let [passed, failed] = [0, 0];
  for (const [name, check] of Object.entries(checks(url, token))) {
    try {
      await check();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.log(`  failed: ${name}: ${error.message}`);
    }
  }
  console.log(`  graphql-transport-ws: ${passed} passed, ${failed} failed`);
  return failed;
}

// What a world can do besides: give out phones, begin flows as an upstream system does, and ask what came of them.

import assert from "node:assert/strict";
import { openPhone } from "./phone.js";

/** Gives the world its abilities; they work once its platform and its browser are there. */
export function equip(world) {
  world.phone = (options) => openPhone(world.browser, world.url, options);

  /** Starts a flow and waits for its SMS; gives the flow, its input and the link in the message. */
  world.begin = async (input) => {
    const flow = await world.api.start(input);
    await world.events.typeOf(flow.id, "SMS_ACCEPTED");
    const [message] = await world.api.messages(input.subject.mobile);
    const [link] = message.text.match(/http:\/\/\S+\/s\/[A-Za-z0-9_-]+/);
    assert.equal(link, flow.session.url, "the message leads where the API says");
    return { id: flow.id, flow, input, link };
  };

  /** The amount of the transfer that waits for an answer, in fen. */
  world.transferred = async (flowNo) => {
    const waiting = (await world.api.challenges(flowNo)).filter(({ status }) => status === "PENDING");
    assert.equal(waiting.length, 1, "one challenge is open");
    return waiting[0].amount;
  };

  /** The types of the flow's events, oldest first, as the API tells them. */
  world.types = async (id) => (await world.api.flow(id)).events.edges.map(({ node }) => node.type);

  return world;
}

// graphql-transport-ws, one subscription, that comes back by itself when the connection is lost.

import { bearer, forgetToken } from "./api.js";

const LONGEST_GAP = 10_000;

// Calls onEvent with each result's data, onState with true once subscribed and false when cut off. Gives a function that ends it.
export function subscribe(query, variables, onEvent, onState) {
  let socket = null;
  let timer = null;
  let gap = 500;
  let isOver = false;

  const send = (message) => socket.send(JSON.stringify(message));
  const handlers = {
    connection_ack() {
      gap = 500;
      send({ id: "1", type: "subscribe", payload: { query, variables } });
      onState(true);
    },
    ping: () => send({ type: "pong" }),
    next: (message) => message.payload?.data && onEvent(message.payload.data),
    // A subscription that ended, slow or refused, is begun again on a new connection.
    error: () => socket.close(),
    complete: () => socket.close(),
  };

  async function connect() {
    let token;
    try {
      token = await bearer();
    } catch {
      return retry();
    }
    if (isOver) return;
    const address = new URL("/graphql/ws", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    socket = new WebSocket(address, "graphql-transport-ws");
    socket.onopen = () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      handlers[message.type]?.(message);
    };
    socket.onclose = ({ code }) => {
      if (code === 4403 || code === 4401) forgetToken();
      retry();
    };
  }

  function retry() {
    if (isOver) return;
    onState(false);
    timer = setTimeout(connect, gap);
    gap = Math.min(gap * 2, LONGEST_GAP);
  }

  connect();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket?.close();
  };
}

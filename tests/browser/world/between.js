// Between the platform and the auth system: passes everything on, and while `lost` is set says that there is no evidence.

import { once } from "node:events";
import { createServer, request } from "node:http";

/** `to` is set once it is known where the auth system is. */
export async function openBetween() {
  const between = { lost: false, to: undefined };
  const server = createServer((asked, answer) => {
    if (between.lost && asked.url.endsWith("/evidence")) {
      answer.writeHead(404, { "content-type": "application/json" });
      answer.end(JSON.stringify({ code: "NO_EVIDENCE", message: "it was lost" }));
      return;
    }
    const { method, headers } = asked;
    const onward = request(between.to + asked.url, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  between.url = `http://127.0.0.1:${server.address().port}`;
  return between;
}

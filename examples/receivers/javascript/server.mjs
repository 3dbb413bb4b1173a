// Runs receiver.mjs as a server: PORT=8080 node server.mjs

import { webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import receiver from "./receiver.mjs";

globalThis.crypto ??= webcrypto; // Node.js 18

const server = createServer(async (incoming, outgoing) => {
  const { method, headers } = incoming;
  const body = method === "GET" || method === "HEAD" ? undefined : Readable.toWeb(incoming);
  const request = new Request("http://receiver", { method, headers, body, duplex: "half" });
  let response;
  try {
    response = await receiver.fetch(request, process.env);
  } catch (error) {
    console.error(error); // the sender went away, say
    response = new Response("not handled\n", { status: 500 });
  }
  outgoing.writeHead(response.status, { connection: "close" });
  outgoing.end(await response.text());
});

server.requestTimeout = 10_000;
server.listen(process.env.PORT ?? 8080, process.env.HOST ?? "127.0.0.1", () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}`);
});

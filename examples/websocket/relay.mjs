// A WebSocket server in Node that serves page.html, is a host at 10.9.0.1 for each page that connects, and echoes.
//
//   node examples/websocket/relay.mjs 8080        then open http://localhost:8080
//
// Without dependencies: the few lines of RFC 6455 that binary messages need are in frames.mjs.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Host } from "tcpwire/net";
import { accept } from "./frames.mjs";

const root = new URL("../..", import.meta.url);
const files = { "/": "examples/websocket/page.html", "/link.js": "examples/websocket/link.js" };

const server = createServer(async (request, response) => {
  const path =
    files[request.url] ?? (/^\/dist\/[\w/-]+\.js$/.test(request.url) ? request.url.slice(1) : undefined);
  if (path === undefined) {
    response.writeHead(404).end();
    return;
  }
  const type = path.endsWith(".html") ? "text/html; charset=utf-8" : "text/javascript";
  response.writeHead(200, { "content-type": type }).end(await readFile(new URL(path, root)));
});

server.on("upgrade", (request, socket) => {
  const host = new Host({ link: accept(request, socket), addresses: ["10.9.0.1/24"] });
  serve(host.listen({ port: 7 }));
  socket.on("close", () => host.close());
});

async function serve(listener) {
  for await (const socket of listener) socket.readable.pipeTo(socket.writable).catch(() => {});
}

server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  console.log(`http://localhost:${server.address().port}`);
});

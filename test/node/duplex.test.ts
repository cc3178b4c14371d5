// Sockets of tcpwire/net as Node streams, over a cable between two hosts in this process.
import { createServer, get } from "node:http";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { Host, linkPair } from "../../src/net/index.ts";
import { toDuplex } from "../../src/node/net/index.ts";

function hosts(): { a: Host; b: Host } {
  const [left, right] = linkPair();
  const a = new Host({ link: left, addresses: ["192.0.2.1/24"] });
  const b = new Host({ link: right, addresses: ["192.0.2.2/24"] });
  return { a, b };
}

async function talk(allowHalfOpen = false): Promise<{ client: Duplex; server: Duplex }> {
  const { a, b } = hosts();
  const listener = a.listen({ port: 7, allowHalfOpen });
  const client = toDuplex(b.connect({ hostname: "192.0.2.1", port: 7 }, { allowHalfOpen }));
  return { client, server: toDuplex(await listener.accept()) };
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a pipeline carries megabytes there and back, and ends", async () => {
  const { client, server } = await talk();
  const sent = Buffer.alloc(3_000_000, "The quick brown fox jumps over the lazy dog. ");
  const echo = pipeline(server, server);
  const feed = pipeline(Readable.from([sent.subarray(0, 1_000_000), sent.subarray(1_000_000)]), client, {
    end: true,
  });
  const [received] = await Promise.all([readAll(client), feed, echo]);
  expect(received.equals(sent)).toBe(true);
});

test("Node's own HTTP client and server talk over it", async () => {
  const { a, b } = hosts();
  const web = createServer((request, response) => response.end(`you asked for ${request.url}`));
  const listener = a.listen({ port: 80, allowHalfOpen: true });
  void listener.accept().then((socket) => web.emit("connection", toDuplex(socket)));
  const body = await new Promise<Buffer>((resolve, reject) => {
    const createConnection = () => toDuplex(b.connect({ hostname: "192.0.2.1", port: 80 }));
    const options = { createConnection, headers: { connection: "close" } };
    get("http://192.0.2.1/page", options, (response) => readAll(response).then(resolve, reject)).on(
      "error",
      reject,
    );
  });
  expect(body.toString()).toBe("you asked for /page");
});

test("a refused connection is an error event with Node's code", async () => {
  const { b } = hosts();
  const duplex = toDuplex(b.connect({ hostname: "192.0.2.1", port: 9 }));
  const error = await new Promise((resolve) => duplex.on("error", resolve));
  expect(error).toMatchObject({ code: "ECONNREFUSED", name: "SocketError" });
  expect(duplex.destroyed).toBe(true);
});

test("destroy with an error resets the peer, without one delivers what was written", async () => {
  const one = await talk();
  const failed = new Promise((resolve) => one.server.on("error", resolve));
  one.client.on("error", () => {});
  one.client.destroy(new Error("enough"));
  one.server.resume();
  expect(await failed).toMatchObject({ code: "ECONNRESET" });
  const two = await talk();
  two.client.write("last words");
  two.client.destroy();
  expect((await readAll(two.server)).toString()).toBe("last words");
});

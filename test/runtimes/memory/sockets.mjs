// What an idle socket of a Host takes: heap, array buffers and WebAssembly memory of 10,000 connections host to host with
// keep-alive, both ends counted. Prints bytes a socket, without its streams and with them. Needs --expose-gc.
import { Host, linkPair } from "tcpwire/net";

const CONNECTIONS = 10_000;
const PORT = 7;
const kept = [];

// What the first ones leave behind, code and pools, is no socket's.
await connect(500, touch);
const plain = await measure(() => {});
const streams = await measure(touch);
console.log(JSON.stringify({ plain, streams }));
process.exit(0);

async function measure(prepare) {
  const before = used();
  await connect(CONNECTIONS, prepare);
  return Math.round((used() - before) / (2 * CONNECTIONS));
}

async function connect(count, prepare) {
  const [a, b] = linkPair();
  const server = new Host({ link: a, addresses: ["192.0.2.1/24"], tcp: { keepAlive: true } });
  const client = new Host({ link: b, addresses: ["192.0.2.2/24"], tcp: { keepAlive: true } });
  const listener = server.listen({ port: PORT });
  kept.push(server, client);
  for (let i = 0; i < count; i++) {
    const theirs = client.connect({ hostname: "192.0.2.1", port: PORT });
    const ours = await listener.accept();
    await theirs.opened;
    for (const socket of [theirs, ours]) {
      prepare(socket);
      kept.push(socket);
    }
  }
}

function touch({ readable, writable }) {
  if (readable.locked || writable.locked) throw new Error("the streams of a new socket are nobody's");
}

/** WebAssembly memory is among the external. */
function used() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

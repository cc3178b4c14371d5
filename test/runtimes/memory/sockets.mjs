// What an idle socket of a Host takes: heap, array buffers and WebAssembly memory of 10,000 connections host to host with
// keep-alive, both ends counted. Prints bytes a socket, without its streams and with them. Needs --expose-gc.
//
//   node --expose-gc sockets.mjs [6]      IPv4's, or IPv6's
import { Host, linkPair } from "tcpwire/net";

const CONNECTIONS = 10_000;
const PORT = 7;
const WARM = 500;
const [SERVER, CLIENT] =
  process.argv[2] === "6" ? ["2001:db8::1/64", "2001:db8::2/64"] : ["192.0.2.1/24", "192.0.2.2/24"];
// At its full length from the start: it is none of what a socket takes.
const kept = new Array(2 * (3 + WARM + 2 * CONNECTIONS)).fill(null);
let count = 0;

// What the first ones leave behind, code and pools, is no socket's.
await connect(WARM, touch);
const plain = await measure(() => {});
const streams = await measure(touch);
console.log(JSON.stringify({ plain, streams }));
process.exit(0);

async function measure(prepare) {
  const before = used();
  await connect(CONNECTIONS, prepare);
  return Math.round((used() - before) / (2 * CONNECTIONS));
}

async function connect(connections, prepare) {
  const [a, b] = linkPair();
  const server = new Host({ link: a, addresses: [SERVER], tcp: { keepAlive: true } });
  const client = new Host({ link: b, addresses: [CLIENT], tcp: { keepAlive: true } });
  const listener = server.listen({ port: PORT });
  keep(server);
  keep(client);
  for (let i = 0; i < connections; i++) {
    const theirs = client.connect({ hostname: SERVER.split("/")[0], port: PORT });
    const ours = await listener.accept();
    await theirs.opened;
    for (const socket of [theirs, ours]) {
      prepare(socket);
      keep(socket);
    }
  }
}

function keep(one) {
  kept[count++] = one;
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

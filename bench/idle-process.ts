// What connections take that do nothing: started with --expose-gc by idle.ts, prints bytes for one end of one.
import { Opener } from "../src/bench/endpoint-pair.ts";
import { type Endpoint, settings } from "../src/tcp/index.ts";
import { sharedCodec } from "../src/wasm/memory.ts";

const CONNECTIONS = 10_000;
const bytes = Number(process.argv[2]);

const opener = new Opener();
const set = settings();
const message = new Uint8Array(Math.min(bytes, 16384)).fill(1);
const target = new Uint8Array(65536);

// What the first ones leave behind, code and pools, is no connection's.
const ends: Endpoint[] = [];
for (let i = 0; i < 1000; i++) connect();
const before = inUse();
const first = ends.length;
for (let i = 0; i < CONNECTIONS; i++) connect();
const after = inUse();
process.stdout.write(String((after - before) / (ends.length - first)));

/** A connection over which `bytes` bytes have gone each way; both its ends are kept. */
function connect(): void {
  const { client, server } = opener.open(set);
  for (let sent = 0; sent < bytes; sent += message.length) {
    pass(client, server, () => opener.exchange(client, server));
    pass(server, client, () => opener.exchange(client, server));
  }
  // Acknowledgments that wait for company
  opener.settle(client, server);
  ends.push(client, server);
}

function pass(from: Endpoint, to: Endpoint, exchange: () => void): void {
  if (from.send(message, opener.now) !== message.length) throw new Error("the message does not fit");
  let received = 0;
  for (let i = 0; received < message.length; i++) {
    exchange();
    for (let n = to.receive(target); n > 0; n = to.receive(target)) received += n;
    if (i > 1000) throw new Error("the message does not arrive");
  }
}

function inUse(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (!collect) throw new Error("to be started with --expose-gc");
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers + sharedCodec().buffer.byteLength;
}

// How many bytes a second go from one host to another, checksums and all, through each of a socket's faces.
import type { PlannedRace } from "../../src/bench/plan.ts";
import type { Contender } from "../../src/bench/race.ts";
import type { LinkPairOptions, Socket } from "../../src/net/index.ts";
import { connected, hosts } from "./hosts.ts";

const CHUNK = 65536;
/** Bytes of one repeat. */
const AMOUNT = 512 * CHUNK;

type Send = (socket: Socket, chunk: Uint8Array) => Promise<void>;
type Receive = (socket: Socket) => Promise<number>;

export function throughputRaces(now: () => number): PlannedRace[] {
  return [
    race("net/mtu-1500", { mtu: 1500 }, "an MTU of 1500", now),
    race(
      "net/mtu-1500-segmentation",
      { mtu: 1500, segmentation: true },
      "an MTU of 1500 and a link that cuts",
      now,
    ),
    race("net/mtu-9000", { mtu: 9000 }, "an MTU of 9000", now),
    race("net/mtu-65535", { mtu: 65535 }, "an MTU of 65535", now),
  ];
}

function race(name: string, cable: LinkPairOptions, what: string, now: () => number): PlannedRace {
  return {
    name,
    make: () => ({
      name,
      title: `host to host in one process, ${what}, 64 KiB at a time`,
      amount: AMOUNT,
      unit: "byte" as const,
      reference: contender("read(into) and write", cable, now, write, read),
      others: [
        contender("web streams", cable, now, writeStream, readStream),
        contender("web streams, BYOB reader", cable, now, writeStream, readByob),
      ],
    }),
  };
}

function contender(
  name: string,
  cable: LinkPairOptions,
  now: () => number,
  send: Send,
  receive: Receive,
): Contender {
  const transfer = async (bytes: number): Promise<number> => {
    const both = hosts(cable);
    const [client, server] = await connected(both);
    const begun = now();
    const chunk = new Uint8Array(CHUNK).fill(0x5a);
    const sending = (async () => {
      for (let sent = 0; sent < bytes; sent += CHUNK) await send(client, chunk);
      if (client.writable.locked) await finish(client);
      else await client.closeWriting();
    })();
    const received = await receive(server);
    await sending;
    const took = now() - begun;
    if (received !== bytes) throw new Error(`${received} of ${bytes} bytes arrived`);
    both.client.close();
    both.server.close();
    return took * 1e6;
  };
  return {
    name,
    run: (repeats) => transfer(repeats * AMOUNT),
    outcome: async () => ({ done: (await transfer(AMOUNT)) > 0 ? 1 : 0 }),
  };
}

const write: Send = (socket, chunk) => socket.write(chunk);

const writers = new WeakMap<Socket, WritableStreamDefaultWriter<Uint8Array>>();

const writeStream: Send = async (socket, chunk) => {
  let writer = writers.get(socket);
  if (writer === undefined) writers.set(socket, (writer = socket.writable.getWriter()));
  await writer.ready;
  void writer.write(chunk);
};

const finish = (socket: Socket) => writers.get(socket)!.close();

const read: Receive = async (socket) => {
  const into = new Uint8Array(CHUNK);
  let total = 0;
  for (let count = await socket.read(into); count !== null; count = await socket.read(into)) total += count;
  return total;
};

const readStream: Receive = async (socket) => {
  const reader = socket.readable.getReader();
  let total = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value.length;
  return total;
};

const readByob: Receive = async (socket) => {
  const reader = socket.readable.getReader({ mode: "byob" });
  let total = 0;
  for (let into = new Uint8Array(CHUNK); ; ) {
    const { value, done } = await reader.read(into);
    if (done) return total;
    total += value.length;
    into = new Uint8Array(value.buffer);
  }
};

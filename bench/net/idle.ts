// What sockets cost that do nothing: memory by themselves, and the time that keep-alive takes.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Clock, Host, linkPair, type Socket } from "../../src/net/index.ts";
import { connected, hosts, PORT, SERVER } from "./hosts.ts";

const SOCKETS = 10_000;

/** Lines to print. */
export async function idleFigures(): Promise<string[]> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return [
    `idle sockets, ${SOCKETS} connections host to host, both ends counted:`,
    `  ${await memory(collect, () => {})} bytes a socket without streams`,
    `  ${await memory(collect, touch)} bytes a socket with streams`,
    `  ${await keepAlive()}`,
  ];
}

function touch(socket: Socket): void {
  void socket.readable;
  void socket.writable;
}

async function memory(collect: () => void, prepare: (socket: Socket) => void): Promise<number> {
  const warm = hosts({ mtu: 1500 });
  const [first, second] = await connected(warm);
  prepare(first);
  prepare(second);
  collect();
  const before = used();
  const both = hosts({ mtu: 1500 }, { tcp: { keepAlive: true } });
  const sockets: Socket[] = [];
  for (let i = 0; i < SOCKETS; i++) {
    const [client, server] = await connected(both);
    await client.opened;
    prepare(client);
    prepare(server);
    sockets.push(client, server);
  }
  collect();
  const each = Math.round((used() - before) / sockets.length);
  both.client.close();
  both.server.close();
  warm.client.close();
  warm.server.close();
  return each;
}

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Virtual time: what a minute of probes a second from each of them costs, and so a probe. */
async function keepAlive(): Promise<string> {
  const alarms: { at: number; run: () => void }[] = [];
  let time = 0;
  const clock: Clock = {
    now: () => time,
    timer: (run) => {
      const alarm = { at: Number.POSITIVE_INFINITY, run };
      alarms.push(alarm);
      return { set: (at) => (alarm.at = at) };
    },
  };
  const [a, b] = linkPair();
  const server = new Host({ link: a, addresses: [`${SERVER}/24`], clock });
  const client = new Host({ link: b, addresses: ["192.0.2.2/24"], clock });
  const listener = server.listen({ port: PORT, backlog: 65536 });
  const options = { keepAlive: { initialDelay: 1_000, interval: 1_000 } };
  for (let i = 0; i < SOCKETS; i++) {
    time += 0.1; // probes are spread over the second
    client.connect({ hostname: SERVER, port: PORT }, options);
    await listener.accept();
  }
  const begun = process.cpuUsage();
  const seconds = 20;
  for (const until = time + seconds * 1000; ; ) {
    const next = Math.min(...alarms.map(({ at }) => at));
    if (next > until) break;
    time = next;
    for (const alarm of alarms) {
      if (alarm.at > time) continue;
      alarm.at = Number.POSITIVE_INFINITY;
      alarm.run();
    }
  }
  const { user, system } = process.cpuUsage(begun);
  const milliseconds = (user + system) / 1000 / seconds;
  const probes = client.counters.packetsOut;
  client.close();
  server.close();
  return `${milliseconds.toFixed(1)} ms of processor time a second when each probes each second, both hosts (${probes} packets)`;
}

// What sockets cost that do nothing: memory by themselves, and the time that keep-alive takes.
import { spawnSync } from "node:child_process";
import { type Clock, Host, linkPair } from "../../src/net/index.ts";
import { PORT, SERVER } from "./hosts.ts";

const SOCKETS = 10_000;

/**
 * Lines to print.
 * @param program the bundle of test/runtimes/memory/sockets.mjs, which has a process of its own: what races before it
 *   have left behind would be collected while it measures
 */
export async function idleFigures(program: string): Promise<string[]> {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", program], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr.trim());
  const { plain, streams } = JSON.parse(stdout) as { plain: number; streams: number };
  return [
    `idle sockets, ${SOCKETS} connections host to host, both ends counted:`,
    `  ${plain} bytes a socket without streams`,
    `  ${streams} bytes a socket with streams`,
    `  ${await keepAlive()}`,
  ];
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

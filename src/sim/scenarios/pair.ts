import type { Connection, Machine, MachineOptions } from "../machine.ts";
import type { Cable } from "../world.ts";
import type { NumberParameter, Text } from "./parameter.ts";
import type { ActStage, Stage } from "./stage.ts";

export const CLIENT = "192.0.2.7";
export const SERVER = "198.51.100.3";
/** Where servers listen. */
export const PORT = 80;

export interface Pair {
  readonly act: ActStage;
  readonly client: Machine;
  readonly server: Machine;
  readonly cable: Cable;
  /** What the server has of the client's connections. */
  readonly accepted: Connection[];
  /** Milliseconds there and back. */
  readonly rtt: number;
}

/** A client and a server at the two ends of a cable, and a tap at one of them, the client when left out. */
export function pair(
  stage: Stage,
  {
    title,
    client = {},
    server = {},
    tap = "client",
  }: { title?: Text; client?: MachineOptions; server?: MachineOptions; tap?: "client" | "server" } = {},
): Pair {
  const act = stage.act(title);
  const left = act.host("client", CLIENT, client, "1322/app");
  const right = act.host("server", SERVER, server, "576/httpd");
  const delay = stage.number("delay");
  const cable = act.world.link(left, right, { delay });
  act.tap.listen(tap === "client" ? cable.a : cable.b, `${tap} eth0`);
  return { act, client: left, server: right, cable, accepted: [], rtt: 2 * delay };
}

/** Has the server listen, and keep what it accepts. */
export function serve(
  { server, accepted }: Pair,
  application: Parameters<Machine["listen"]>[1] = () => ({}),
): void {
  server.listen(PORT, (connection) => {
    accepted.push(connection);
    return application(connection);
  });
}

/** Connects, and lets the handshake pass. */
export function connected(
  { act, client, rtt }: Pair,
  application: Parameters<Machine["connect"]>[2] = {},
  settings: Parameters<Machine["connect"]>[3] = {},
): Connection {
  const connection = client.connect(SERVER, PORT, application, settings);
  act.world.run(act.now + 2 * rtt);
  return connection;
}

/** One way, in milliseconds. */
export const delay: NumberParameter = {
  name: "delay",
  unit: "ms",
  default: 10,
  least: 0.01,
  most: 200,
  help: {
    en: "one way from host to host",
    ko: "한쪽 호스트에서 다른 호스트까지 한 방향 지연 시간",
  },
};

/** Hosts that are far from each other, where windows matter. */
export const farDelay: NumberParameter = {
  name: "delay",
  unit: "ms",
  default: 50,
  least: 0.01,
  most: 2000,
  help: {
    en: "one way from host to host",
    ko: "한쪽 호스트에서 다른 호스트까지 한 방향 지연 시간",
  },
};

/** `count` letters, so that a capture is readable. */
export function letters(count: number, first = "a"): Uint8Array {
  const start = first.charCodeAt(0);
  return Uint8Array.from({ length: count }, (_, i) => start + (i % 26));
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `1 segment`, `3 segments`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

/** Seconds as one says them: `0.02`, `75`. */
export function seconds(ms: number): string {
  return String(Math.round(ms) / 1000);
}

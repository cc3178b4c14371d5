import type { StateName, TimerStatus } from "../tcp/index.ts";
import { addressBytes, formatAddress } from "../wire/address.ts";
import type { Listeners } from "./listeners.ts";
import { SocketState } from "./socket-state.ts";
import type { Stack } from "./stack.ts";

/** One socket as `netstat -napo` shows it. */
export interface SocketRow {
  /** "tcp6" where the addresses are IPv6. */
  readonly proto: "tcp" | "tcp6";
  /** Bytes that arrived and were not read; of a listener, connections that were not accepted. A FIN counts as one. */
  readonly recvQ: number;
  /** Bytes, and the FIN, that were not acknowledged. */
  readonly sendQ: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** `"0.0.0.0"` or `"::"`, with port 0, for a listener. */
  readonly foreignAddress: string;
  readonly foreignPort: number;
  readonly state: StateName;
  readonly timer: {
    readonly name: TimerStatus["name"];
    /** Seconds until it runs out; 0 when it is off. */
    readonly seconds: number;
    readonly retransmits: number;
    readonly probes: number;
  };
}

const OFF = { name: "off", seconds: 0, retransmits: 0, probes: 0 } as const;
/** net-tools' names for the states. */
const NAMES: Readonly<Record<StateName, string>> = {
  CLOSED: "CLOSE",
  LISTEN: "LISTEN",
  "SYN-SENT": "SYN_SENT",
  "SYN-RECEIVED": "SYN_RECV",
  ESTABLISHED: "ESTABLISHED",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
  "CLOSE-WAIT": "CLOSE_WAIT",
  CLOSING: "CLOSING",
  "LAST-ACK": "LAST_ACK",
  "TIME-WAIT": "TIME_WAIT",
};

/** Rows of all sockets of a host: IPv4 first, and of each family listeners first, as in /proc/net. */
export function socketRows(stack: Stack, listeners: Listeners): SocketRow[] {
  const rows = [...listening(stack, listeners), ...pending(stack, listeners), ...connected(stack)];
  return [...rows.filter(({ proto }) => proto === "tcp"), ...rows.filter(({ proto }) => proto === "tcp6")];
}

/**
 * The rows as `netstat -napo` prints them, column by column (net-tools' layout; addresses are never cut, as with
 * `-W`). `program` stands where netstat has the process.
 *
 * @example
 * ```ts
 * import { formatSockets, Host, linkPair } from "tcpwire/net";
 *
 * const [link] = linkPair();
 * const host = new Host({ link, addresses: ["192.0.2.1/24"] });
 * host.listen({ port: 22, hostname: "192.0.2.1" });
 * console.log(formatSockets(host.sockets()));
 * // -> Active Internet connections (servers and established)
 * // -> Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name     Timer
 * // -> tcp        0      0 192.0.2.1:22            0.0.0.0:*               LISTEN      -                    off (0.00/0/0)
 * ```
 */
export function formatSockets(rows: readonly SocketRow[], program = "-"): string {
  return [
    "Active Internet connections (servers and established)",
    "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name     Timer",
    ...rows.map((row) => line(row, UNOWNED.has(row.state) ? "-" : program)),
  ].join("\n");
}

/** States in which a socket belongs to no process: not yet, or no more. */
const UNOWNED: ReadonlySet<StateName> = new Set(["SYN-RECEIVED", "TIME-WAIT"]);

function line(row: SocketRow, program: string): string {
  const { name, seconds, retransmits, probes } = row.timer;
  return [
    `${row.proto.padEnd(4)} ${String(row.recvQ).padStart(7)}`,
    String(row.sendQ).padStart(6),
    socket(row.localAddress, row.localPort).padEnd(23),
    socket(row.foreignAddress, row.foreignPort).padEnd(23),
    NAMES[row.state].padEnd(11),
    program.padEnd(20),
    `${name} (${seconds.toFixed(2)}/${retransmits}/${probes})`,
  ].join(" ");
}

function socket(address: string, port: number): string {
  return `${address}:${port === 0 ? "*" : port}`;
}

function* listening(stack: Stack, listeners: Listeners): Generator<SocketRow> {
  const hasV6 = stack.addresses.some((local) => local.address.family === 6 && !local.interface.isLoopback);
  for (const { local, port, waiting } of listeners) {
    const isV6 = local === null ? hasV6 : local.address.family === 6;
    const any = isV6 ? "::" : "0.0.0.0";
    yield {
      proto: isV6 ? "tcp6" : "tcp",
      recvQ: waiting,
      sendQ: 0,
      localAddress: local === null ? any : String(local.address),
      localPort: port,
      foreignAddress: any,
      foreignPort: 0,
      state: "LISTEN",
      timer: OFF,
    };
  }
}

function* pending(stack: Stack, listeners: Listeners): Generator<SocketRow> {
  const { now } = stack;
  for (const { local, remote, retransmits, expires } of listeners.requests()) {
    yield {
      proto: addressBytes(local.address).length === 16 ? "tcp6" : "tcp",
      recvQ: 0,
      sendQ: 0,
      localAddress: formatAddress(local.address),
      localPort: local.port,
      foreignAddress: formatAddress(remote.address),
      foreignPort: remote.port,
      state: "SYN-RECEIVED",
      timer: { name: "on", seconds: Math.max(0, expires - now) / 1000, retransmits, probes: 0 },
    };
  }
}

function* connected(stack: Stack): Generator<SocketRow> {
  const { now } = stack;
  for (const connection of stack.connections) {
    if (connection === null || connection === undefined) continue;
    const { endpoint, local, localPort, remote, remotePort, user } = connection;
    const { state, snd, rcv, timer } = endpoint.status();
    const hasUnreadEnd = user instanceof SocketState && user.hasUnreadEnd;
    const isOff = timer.name === "off";
    yield {
      proto: remote.family === 6 ? "tcp6" : "tcp",
      recvQ: rcv.queued + (hasUnreadEnd ? 1 : 0),
      sendQ: Math.max(snd.queued, state === "SYN-SENT" ? 1 : (snd.nxt - snd.una) >>> 0),
      localAddress: String(local.address),
      localPort,
      foreignAddress: String(remote),
      foreignPort: remotePort,
      state,
      timer: isOff
        ? OFF
        : {
            name: timer.name,
            seconds: Math.max(0, timer.expires - now) / 1000,
            retransmits: timer.retransmits,
            probes: timer.probes,
          },
    };
  }
}

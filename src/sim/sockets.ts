import { distance } from "../wire/seq.ts";
import type { Machine } from "./machine.ts";

/** A socket as `netstat -napo` lists it. */
export interface SocketRow {
  readonly proto: "tcp" | "tcp6";
  /** Bytes that the application has not taken. */
  readonly recvQ: number;
  /** Bytes that the peer has not acknowledged. */
  readonly sendQ: number;
  readonly local: string;
  readonly foreign: string;
  /** As netstat spells it: `FIN_WAIT2`. */
  readonly state: string;
  /** `off`, `on`, `keepalive`, `probe`, `timewait`. */
  readonly timer: string;
  /** Seconds until it runs out. */
  readonly seconds: number;
  readonly retransmits: number;
  readonly probes: number;
}

/** The sockets of a host now, those that listen first. */
export function socketsOf(machine: Machine): SocketRow[] {
  const isV6 = machine.addresses[0].includes(":");
  const proto = isV6 ? "tcp6" : "tcp";
  const listening = machine.listening.map((port) => ({
    proto,
    recvQ: 0,
    sendQ: 0,
    local: `${isV6 ? "::" : "0.0.0.0"}:${port}`,
    foreign: isV6 ? ":::*" : "0.0.0.0:*",
    state: "LISTEN",
    timer: "off",
    seconds: 0,
    retransmits: 0,
    probes: 0,
  }));
  const connected = machine.connections.map(({ status }) => {
    const { local, remote, state, rcv, snd, timer } = status;
    const off = timer.name === "off";
    return {
      proto,
      recvQ: rcv.queued,
      // A SYN or FIN counts as one.
      sendQ: Math.max(snd.queued, state === "SYN-SENT" ? 1 : distance(snd.una, snd.nxt)),
      local: `${local.address}:${local.port}`,
      foreign: remote === null ? "*:*" : `${remote.address}:${remote.port}`,
      state: NETSTAT_STATES[state] ?? state.replaceAll("-", "_"),
      timer: timer.name,
      seconds: off ? 0 : Math.max(0, (timer.expires - machine.now) / 1000),
      retransmits: timer.retransmits,
      probes: timer.probes,
    };
  });
  return [...listening, ...connected] as SocketRow[];
}

/**
 * Rows as `netstat -napo` prints them; the last column is the timer: what it waits for, seconds left, retransmissions,
 * unanswered probes. `program` stands where netstat has the process.
 */
export function formatSockets(rows: readonly SocketRow[], program = "-"): string[] {
  const header = line(
    "Proto",
    "Recv-Q",
    "Send-Q",
    "Local Address",
    "Foreign Address",
    "State",
    "PID/Program name",
    "Timer",
  );
  const lines = rows.map((row) => {
    const timer = `${row.timer} (${row.seconds.toFixed(2)}/${row.retransmits}/${row.probes})`;
    // What is in TIME-WAIT belongs to no process any more.
    const owner = row.state === "TIME_WAIT" ? "-" : program;
    return line(row.proto, row.recvQ, row.sendQ, row.local, row.foreign, row.state, owner, timer);
  });
  return [header, ...lines];
}

function line(...cells: (string | number)[]): string {
  const [proto, recvQ, sendQ, local, foreign, state, program, timer] = cells.map(String);
  const left = `${proto.padEnd(5)} ${recvQ.padStart(6)} ${sendQ.padStart(6)} ${local.padEnd(23)} ${foreign.padEnd(23)}`;
  return `${left} ${state.padEnd(11)} ${program.padEnd(16)} ${timer}`;
}

// Where netstat's spelling is not the RFC's with underscores.
const NETSTAT_STATES: Record<string, string> = {
  "SYN-RECEIVED": "SYN_RECV",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
};

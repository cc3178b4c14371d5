import { DEFAULTS, type SettingsInput } from "../../tcp/index.ts";
import { CONSTANTS } from "../constants.ts";
import type { Socket } from "../host/socket.ts";
import type { Expression } from "../script.ts";
import { fields, integer, single } from "./arguments.ts";
import type { CallFrame, CallImplementation } from "./call.ts";
import { Errno, Mismatch, mustEqual, once, Unsupported } from "./outcome.ts";

const SECOND = 1000;
const CONTROLLERS = ["cubic", "reno"];

/** An option that the endpoint knows: how setsockopt changes it, and what getsockopt answers. */
interface Option {
  readonly set?: (frame: CallFrame, socket: Socket, value: number) => void;
  readonly get?: (frame: CallFrame, socket: Socket) => number;
}

const OPTIONS: Readonly<Record<string, Option>> = {
  SO_ERROR: { get: (_, { connection }) => errorNumber(connection?.takeError() ?? null) },
  SO_ACCEPTCONN: { get: (_, { listener }) => Number(listener !== null) },
  SO_TYPE: { get: () => CONSTANTS.SOCK_STREAM },
  // Linux keeps twice what is asked for, and answers so. Of a receive buffer half is for bookkeeping.
  SO_RCVBUF: {
    set: (f, s, n) => change(f, s, { rcvBuf: n, rcvBufMax: n }),
    get: (f, s) => 2 * kept("rcvBuf")(f, s),
  },
  SO_SNDBUF: { set: (f, s, n) => change(f, s, { sndBuf: 2 * n, sndBufMax: 2 * n }), get: kept("sndBuf") },
  SO_KEEPALIVE: {
    set: (f, s, on) => {
      s.keepsAlive = on !== 0;
      changeKeepAlive(f, s, {});
    },
    get: (_, s) => Number(s.keepsAlive),
  },
  TCP_KEEPIDLE: keepAliveOption("idle", SECOND),
  TCP_KEEPINTVL: keepAliveOption("interval", SECOND),
  TCP_KEEPCNT: keepAliveOption("probes", 1),
  TCP_NODELAY: setting(
    (on) => ({ noDelay: on !== 0 }),
    (s) => Number(s.noDelay ?? false),
  ),
  TCP_CORK: setting(
    (on) => ({ cork: on !== 0 }),
    (s) => Number(s.cork ?? false),
  ),
  TCP_USER_TIMEOUT: setting(
    (ms) => ({ userTimeout: ms }),
    (s) => s.userTimeout ?? 0,
  ),
  TCP_SYNCNT: setting(
    (n) => ({ synRetries: n }),
    (s) => s.synRetries ?? 0,
  ),
  TCP_LINGER2: setting(
    (s) => ({ finWait2: s * SECOND }),
    (s) => (s.finWait2 ?? 0) / SECOND,
  ),
  TCP_MAXSEG: {
    set: (f, s, n) => change(f, s, { mss: n }),
    get: (f, s) => maximumSegment(f, s),
  },
};

/** Options that say nothing to an endpoint: they are kept, and read as they were set. */
const PLAIN = [
  "SO_REUSEADDR",
  "SO_REUSEPORT",
  "SO_PRIORITY",
  "SO_MARK",
  "SO_OOBINLINE",
  "SO_DONTROUTE",
  "SO_DEBUG",
  "SO_ZEROCOPY",
  "IP_TOS",
  "IP_TTL",
  "IP_MTU_DISCOVER",
  "IP_FREEBIND",
  "IP_RECVERR",
  "IPV6_RECVERR",
  "IPV6_TCLASS",
  "TCP_NOTSENT_LOWAT",
  "TCP_INQ",
  "TCP_FASTOPEN",
  "TCP_FASTOPEN_CONNECT",
];

export const setsockopt: CallImplementation = (frame) =>
  once(() => {
    const { args, process } = frame;
    const socket = process.socket(args.integer(0));
    const name = optionName(args.at(2));
    const value = args.at(3);
    if (name === "SO_LINGER") {
      const [onOff, linger] = fields(single(value)).map((f) => integer(f.value));
      socket.linger = onOff === 0 ? null : linger * SECOND;
    } else if (name === "TCP_CONGESTION") {
      change(frame, socket, { congestion: controller(value) });
    } else if (name === "TCP_FASTOPEN_CONNECT" && !process.config.fastOpen.isClient) {
      throw new Errno("EOPNOTSUPP");
    } else if (name === "TCP_FASTOPEN_KEY") {
      socket.fastOpenKey = keyOf(value, args.integer(4));
    } else if (PLAIN.includes(name)) {
      socket.plain.set(name, integer(single(value)));
    } else {
      const { set } = OPTIONS[name] ?? {};
      if (set === undefined) throw new Unsupported(`the socket option ${name}`);
      set(frame, socket, integer(single(value)));
    }
    return 0;
  });

export const getsockopt: CallImplementation = (frame) =>
  once(() => {
    const { args, process } = frame;
    const socket = process.socket(args.integer(0));
    const name = optionName(args.at(2));
    const value = args.at(3);
    if (value.type === "any") return 0;
    if (name === "TCP_CONGESTION") {
      const expected = single(value);
      const got =
        socket.connection?.endpoint.status().congestion.algorithm ?? socket.settings.congestion ?? "cubic";
      if (expected.type !== "string" || expected.value !== got) {
        throw new Mismatch(name, expected.type === "string" ? expected.value : "a name", got);
      }
    } else if (name === "SO_LINGER") {
      const [onOff, linger] = fields(single(value)).map((f) => integer(f.value));
      mustEqual("l_onoff", onOff, Number(socket.linger !== null));
      mustEqual("l_linger", linger, (socket.linger ?? 0) / SECOND);
    } else {
      const get = PLAIN.includes(name) ? () => socket.plain.get(name) ?? 0 : OPTIONS[name]?.get;
      if (get === undefined) throw new Unsupported(`the socket option ${name}`);
      mustEqual(name, integer(single(value)), get(frame, socket));
    }
    return 0;
  });

/** @throws {Unsupported} for a number: the same one means something else at each level */
function optionName(expression: Expression): string {
  if (expression.type === "name") return expression.name;
  throw new Unsupported("socket options by number");
}

/** The 16 bytes of a Fast Open key, as words of the machine's own order, which is little-endian everywhere. */
function keyOf(value: Expression, length: number): Int32Array {
  const found = single(value);
  if (found.type !== "string") throw new TypeError("TCP_FASTOPEN_KEY wants a string");
  const bytes = escaped(found.value);
  if (length !== 16 || bytes.length !== 16) throw new Errno("EINVAL");
  const view = new DataView(bytes.buffer);
  return Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** A string of bytes, some of them written `\xf7`. */
function escaped(text: string): Uint8Array<ArrayBuffer> {
  const parts = text.match(/\\x[\da-fA-F]{2}|[\s\S]/g) ?? [];
  return Uint8Array.from(parts, (part) =>
    part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(2), 16),
  );
}

function controller(value: Expression): "cubic" | "reno" {
  const found = single(value);
  const name = found.type === "string" ? found.value : "";
  if (!CONTROLLERS.includes(name)) throw new Unsupported(`the congestion controller ${name}`);
  return name as "cubic";
}

function setting(make: (value: number) => SettingsInput, get: (settings: SettingsInput) => number): Option {
  return {
    set: (frame, socket, value) => change(frame, socket, make(value)),
    get: ({ process }, socket) => get({ ...process.config.settings, ...socket.settings }),
  };
}

function kept(name: "rcvBuf" | "sndBuf"): (frame: CallFrame, socket: Socket) => number {
  return ({ process }, socket) => socket.settings[name] ?? process.config.settings[name] ?? DEFAULTS[name];
}

/** For endpoints to come, and for the one that is there. */
function change({ process }: CallFrame, socket: Socket, changes: SettingsInput): void {
  socket.settings = { ...socket.settings, ...changes };
  apply(process.host, socket, changes);
}

function apply(host: CallFrame["process"]["host"], { connection }: Socket, changes: SettingsInput): void {
  if (connection === null || connection.closed) return;
  try {
    connection.endpoint.set(changes, host.now);
  } catch (error) {
    if (error instanceof RangeError) throw new Errno("EINVAL");
    throw error;
  }
  host.settle(connection);
}

function keepAliveOption(name: "idle" | "interval" | "probes", unit: number): Option {
  return {
    set: (frame, socket, value) => changeKeepAlive(frame, socket, { [name]: value * unit }),
    get: ({ process }, socket) => {
      const times = { ...KEEP_ALIVE, ...process.config.keepAliveTimes, ...socket.keepAliveTimes };
      return times[name] / unit;
    },
  };
}

// What RFC 9293 3.8.4 and everybody's kernel begin with.
const KEEP_ALIVE = { idle: 7_200_000, interval: 75_000, probes: 9 };

function changeKeepAlive({ process }: CallFrame, socket: Socket, times: object): void {
  const { settings, keepAliveTimes } = process.config;
  const chosen = typeof settings.keepAlive === "object" ? settings.keepAlive : {};
  socket.keepAliveTimes = { ...chosen, ...keepAliveTimes, ...socket.keepAliveTimes, ...times };
  apply(process.host, socket, { keepAlive: socket.keepsAlive ? socket.keepAliveTimes : null });
}

function maximumSegment({ process }: CallFrame, socket: Socket): number {
  if (socket.connection?.established) return socket.connection.endpoint.status().snd.mss;
  return socket.settings.mss ?? (process.config.family === 6 ? 1220 : 536);
}

const ERROR_NUMBERS: Readonly<Record<string, number>> = {
  EPIPE: 32,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
};

function errorNumber(name: string | null): number {
  return name === null ? 0 : (ERROR_NUMBERS[name] ?? -1);
}

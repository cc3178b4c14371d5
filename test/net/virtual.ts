// Hosts in virtual time: nothing happens but what a test lets happen, in the same order each time.
import { type Clock, Host, type HostOptions, type Link, linkPair } from "../../src/net/index.ts";

/** A clock that stands still until it is told otherwise. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #alarms: { at: number; run: () => void }[] = [];

  constructor(origin = 1_000_000) {
    this.#now = origin;
  }

  now(): number {
    return this.#now;
  }

  timer(run: () => void): { set(at: number): void } {
    const alarm = { at: Number.POSITIVE_INFINITY, run };
    this.#alarms.push(alarm);
    return {
      set: (at) => {
        alarm.at = at;
      },
    };
  }

  /** When the next alarm rings; Infinity when none is set. */
  get next(): number {
    return Math.min(...this.#alarms.map((alarm) => alarm.at), Number.POSITIVE_INFINITY);
  }

  /** Lets `ms` pass; what is set to happen meanwhile happens at its time. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turns();
    for (let next = this.next; next <= until; next = this.next) {
      this.#now = Math.max(this.#now, next);
      for (const alarm of this.#alarms) {
        if (alarm.at > this.#now) continue;
        alarm.at = Number.POSITIVE_INFINITY;
        alarm.run();
      }
      await turns();
    }
    this.#now = until;
  }
}

/** Lets everything run that only waits for its turn. */
export async function turns(count = 60): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** The same numbers each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

/** What happens to the packets of a cable, each way: false loses one. */
export type Wire = (packet: Uint8Array, from: "a" | "b") => boolean | undefined;

export interface Pair {
  readonly clock: VirtualClock;
  readonly a: Host;
  readonly b: Host;
  /** Looks at packets, or loses them. May be changed at any time. */
  wire: Wire;
}

export const A4 = "192.0.2.1";
export const B4 = "192.0.2.2";
export const A6 = "2001:db8::1";
export const B6 = "2001:db8::2";

/** Two hosts on a cable. */
export function pair(options: Partial<HostOptions> & { mtu?: number; kind?: Link["kind"] } = {}): Pair {
  const { mtu = 1500, kind = "ip", ...rest } = options;
  const clock = new VirtualClock();
  const [atA, atB] = linkPair({ mtu, kind });
  const world = { clock, wire: () => true } as unknown as { -readonly [K in keyof Pair]: Pair[K] };
  const common = { clock, ...rest };
  const through = (link: Link, from: "a" | "b"): Link => ({
    kind: link.kind,
    mtu: link.mtu,
    start: (receive, ready, ended) => link.start(receive, ready, ended),
    send: (packet, more) => {
      // A lost packet is the last of its batch too.
      if (world.wire(packet, from) !== false) link.send(packet, more);
    },
    close: () => link.close?.(),
  });
  world.a = new Host({
    ...common,
    random: seeded(1),
    link: through(atA, "a"),
    addresses: [`${A4}/24`, `${A6}/64`],
    mac: Uint8Array.of(2, 0, 0, 0, 0, 0xa),
  });
  world.b = new Host({
    ...common,
    random: seeded(2),
    link: through(atB, "b"),
    addresses: [`${B4}/24`, `${B6}/64`],
    mac: Uint8Array.of(2, 0, 0, 0, 0, 0xb),
  });
  return world;
}

/** Bytes that tell their place: a byte that is lost, doubled or moved shows. */
export function pattern(length: number, start = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = ((start + i) * 31 + ((start + i) >> 8)) & 0xff;
  return bytes;
}

/** Whether these are the bytes that `pattern` gives. */
export function isPattern(bytes: Uint8Array | undefined, length: number, start = 0): boolean {
  const wanted = pattern(length, start);
  return bytes?.length === length && wanted.every((byte, i) => byte === bytes[i]);
}

/** Reads all there is until the end. */
export async function readAll(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

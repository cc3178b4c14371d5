// Conversations written down as one would tell them, for captures that show one situation each.
import { ACK, FIN, PSH, RST, SYN } from "../../../assembly/layout/wire.ts";
import type { Row } from "../segments.ts";

export interface TalkOptions {
  client?: string;
  server?: string;
  clientPort?: number;
  serverPort?: number;
  /** Milliseconds from one end to the other; the capture is taken at the client. */
  delay?: number;
  /** Options of each SYN. */
  clientSyn?: Partial<Row>;
  serverSyn?: Partial<Row>;
  /** Milliseconds at which it begins. */
  at?: number;
  isn?: number;
}

const LINUX: Partial<Row> = { mss: 1460, windowScale: 7, sackPermitted: true };

/** Both ends of a conversation, and the clock. Every method that sends advances the clock by the way there. */
export class Talk {
  readonly rows: Row[] = [];
  /** Milliseconds. */
  now: number;
  readonly #o: Required<TalkOptions>;
  /** Next number of each end. */
  readonly next: [number, number];
  window: [number, number] = [512, 512];

  constructor(options: TalkOptions = {}) {
    this.#o = {
      client: "192.0.2.7",
      server: "198.51.100.3",
      clientPort: 50000,
      serverPort: 5432,
      delay: 10,
      clientSyn: LINUX,
      serverSyn: LINUX,
      at: 0,
      isn: 1000,
      ...options,
    };
    this.now = this.#o.at;
    this.next = [this.#o.isn, (this.#o.isn * 7 + 5) >>> 0];
  }

  /** A segment of `side` as it is, without moving its numbers. */
  raw(side: 0 | 1, row: Partial<Row>): this {
    const o = this.#o;
    const [src, dst] = side === 0 ? [o.client, o.server] : [o.server, o.client];
    const [srcPort, dstPort] = side === 0 ? [o.clientPort, o.serverPort] : [o.serverPort, o.clientPort];
    this.rows.push({
      time: BigInt(Math.round(this.now * 1e6)) + 1_700_000_000_000_000_000n,
      src,
      dst,
      srcPort,
      dstPort,
      seq: this.next[side],
      ack: this.next[1 - side],
      flags: ACK,
      window: this.window[side],
      length: 0,
      ttl: side === 0 ? 64 : 57,
      ...row,
    });
    return this;
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  syn(): this {
    this.raw(0, { flags: SYN, ack: 0, window: 64240, ...this.#o.clientSyn });
    this.next[0]++;
    return this;
  }

  open(): this {
    this.syn().wait(2 * this.#o.delay);
    this.raw(1, { flags: SYN | ACK, window: 65160, ...this.#o.serverSyn });
    this.next[1]++;
    return this.raw(0, {});
  }

  data(side: 0 | 1, length = 100, more: Partial<Row> = {}): this {
    this.raw(side, { flags: ACK | PSH, length, ...more });
    this.next[side] += length;
    return this;
  }

  ack(side: 0 | 1, more: Partial<Row> = {}): this {
    return this.raw(side, more);
  }

  /** The client asks, the server answers, the client acknowledges. */
  request(length = 100, answer = 800): this {
    return this.data(0, length)
      .wait(2 * this.#o.delay)
      .data(1, answer)
      .wait(1)
      .ack(0);
  }

  fin(side: 0 | 1): this {
    this.raw(side, { flags: FIN | ACK });
    this.next[side]++;
    return this;
  }

  rst(side: 0 | 1, more: Partial<Row> = {}): this {
    return this.raw(side, { flags: RST | ACK, window: 0, ...more });
  }

  /** The answer of an end that has no such connection (RFC 9293 3.10.7.1). */
  unknown(side: 0 | 1, more: Partial<Row> = {}): this {
    return this.raw(side, { flags: RST, ack: 0, window: 0, ...more });
  }

  /** The last data of `side` again. */
  again(side: 0 | 1, length = 100): this {
    return this.raw(side, { flags: ACK | PSH, length, seq: (this.next[side] - length) >>> 0 });
  }

  probe(side: 0 | 1): this {
    return this.raw(side, { seq: (this.next[side] - 1) >>> 0 });
  }

  close(): this {
    return this.fin(0)
      .wait(2 * this.#o.delay)
      .fin(1)
      .wait(1)
      .ack(0);
  }
}

/** Something else that goes on in the capture until `ms`, so that its end is known. */
export function meanwhile(ms: number): Row[] {
  const talk = new Talk({ client: "192.0.2.99", server: "203.0.113.1", at: 0 }).open();
  while (talk.now < ms) talk.request().wait(Math.min(5000, ms - talk.now + 1));
  return talk.close().rows;
}

/** Rows of several conversations in the order of time. */
export function merged(...talks: readonly (readonly Row[])[]): Row[] {
  return talks.flat().sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

import { ACK, FIN, PSH, RST, SYN } from "../../assembly/layout/wire.ts";
import { type Analysis, FlowTracker, findingNames, judgementNames } from "../../src/flow/index.ts";
import { type Row, segmentsOf } from "./segments.ts";

/** A secret for the tests: what is said must not depend on it. */
export const random = (bytes: Uint8Array) => bytes.set(bytes.map((_, i) => i * 167 + 59));

const letters: Record<string, number> = { S: SYN, A: ACK, F: FIN, R: RST, P: PSH };

type Extra = Partial<Row>;

/**
 * A conversation written down segment by segment, with numbers relative to each end's first:
 * `talk.client(10, "PA", "1:101", 1)` is 10 ms after the start, a segment of 100 bytes that acknowledges 1.
 */
export class Talk {
  readonly rows: Row[] = [];
  readonly #isn: { client: number; server: number };
  readonly #ends: { client: [string, number]; server: [string, number] };

  constructor({ client = 1000, server = 500000, ports = [40000, 80], v6 = false } = {}) {
    this.#isn = { client, server };
    this.#ends = v6
      ? { client: ["2001:db8::1", ports[0]], server: ["2001:db8::2", ports[1]] }
      : { client: ["10.0.0.1", ports[0]], server: ["192.0.2.1", ports[1]] };
  }

  client(ms: number, flags: string, range: string | number, ack?: number, extra: Extra = {}): this {
    return this.#add("client", "server", ms, flags, range, ack, extra);
  }

  server(ms: number, flags: string, range: string | number, ack?: number, extra: Extra = {}): this {
    return this.#add("server", "client", ms, flags, range, ack, extra);
  }

  /** SYN at 0, SYN-ACK at `rtt`, ACK at once. */
  handshake(rtt = 20, extra: Extra = {}): this {
    this.client(0, "S", 0, undefined, { mss: 1460, ...extra });
    this.server(rtt, "SA", 0, 1, { mss: 1400, ...extra });
    return this.client(rtt, "A", 1, 1);
  }

  #add(
    from: "client" | "server",
    to: "client" | "server",
    ms: number,
    flags: string,
    range: string | number,
    ack: number | undefined,
    extra: Extra,
  ): this {
    const [start, end = start] = String(range).split(":").map(Number);
    const [src, srcPort] = this.#ends[from];
    const [dst, dstPort] = this.#ends[to];
    const row: Row = {
      time: 1_700_000_000_000_000_000n + BigInt(Math.round(ms * 1e6)),
      src,
      srcPort,
      dst,
      dstPort,
      seq: (this.#isn[from] + start) >>> 0,
      ack: ack === undefined ? 0 : (this.#isn[to] + ack) >>> 0,
      flags: [...flags].reduce((bits, letter) => bits | letters[letter], 0),
      length: end - start,
      window: 1000,
      ttl: from === "client" ? 64 : 57,
      ...extra,
    };
    // Where no checksum is asked for, equal segments have equal ones, as on the wire.
    row.checksum ??= checksumOf(row);
    this.rows.push(row);
    return this;
  }

  /** What a tracker of its own says of each segment. */
  said(): Analysis {
    return new FlowTracker({ random }).add(segmentsOf(this.rows));
  }

  /** The findings of the last segment. */
  get findings(): string[] {
    return findingNames(this.said().findings[this.rows.length - 1]);
  }

  /** The judgements on the last segment. */
  get judgements(): string[] {
    return judgementNames(this.said().judgements[this.rows.length - 1]);
  }

  /** The records of all conversations. */
  get flows() {
    const tracker = new FlowTracker({ random });
    tracker.add(segmentsOf(this.rows));
    return [...tracker.flows()];
  }

  get flow() {
    return this.flows[0];
  }
}

function checksumOf({ seq, ack = 0, flags, length = 0, window = 0, tsval = 0, sack = [] }: Row): number {
  let sum = 0;
  for (const value of [seq, ack, flags, length, window, tsval, ...sack]) sum = (sum * 31 + value) % 65521;
  return sum;
}

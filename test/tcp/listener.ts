// A SYN cache in virtual time, and any number of peers in front of it.
import { expect } from "vitest";
import { type Endpoint, SynCache, type SynCacheOptions } from "../../src/tcp/index.ts";
import { sharedRings } from "../../src/wasm/rings.ts";
import { type Address, formatAddress } from "../../src/wire/index.ts";
import { completed, decode, encode, format, type Line, parseText } from "./packet.ts";
import { EPOCH } from "./world.ts";

export const LISTENER = "192.0.2.1";
const PORT = 80;

/** A peer of the listener: its relative numbers count from `irs`, ours from what our last SYN,ACK began with. */
export class Client {
  readonly address: string;
  readonly port: number;
  readonly irs: number;
  readonly #t: Listening;
  #iss = 0;

  constructor(t: Listening, address: string, port: number, irs: number) {
    this.#t = t;
    this.address = address;
    this.port = port;
    this.irs = irs;
  }

  /** A segment of this peer; returns the connection that it makes, if it does. */
  in(line: string): Endpoint | undefined {
    const text = parseText(line);
    const bytes = encode(text, this.#line(false));
    const made = this.#t.cache.onSegment(bytes, this.#t.local, this.address, this.#t.clock, text.ecn);
    bytes.fill(0xee);
    return made;
  }

  /** The cache has sent this to this peer, and nothing else before it. */
  out(line: string): this {
    const sent = this.#t.sent.shift();
    if (sent === undefined) expect.fail(`nothing was sent, expected\n  ${line}`);
    expect(sent.to).toBe(formatAddress(this.address));
    const wanted = parseText(line);
    // What begins a connection names the number that ours count from.
    if (wanted.flags & 2) this.#iss = new DataView(sent.bytes.buffer).getUint32(4);
    const actual = decode(sent.bytes, this.#line(true));
    expect(format(actual)).toBe(format(completed(wanted, actual)));
    return this;
  }

  /** ISS of the last SYN,ACK, and TSval of it. */
  get iss(): number {
    return this.#iss;
  }

  /** What a connection has to send. */
  sentBy(endpoint: Endpoint): string[] {
    const lines: string[] = [];
    for (let out = endpoint.poll(this.#t.clock); out !== undefined; out = endpoint.poll(this.#t.clock)) {
      lines.push(
        out.type === "event" ? out.event.type : format(decode(out.segment, this.#line(true), out.ecn)),
      );
    }
    return lines;
  }

  #line(isOurs: boolean): Line {
    const ours = { src: this.#t.local, dst: this.address, srcPort: PORT, dstPort: this.port };
    return isOurs
      ? { ...ours, iss: this.#iss, irs: this.irs }
      : {
          src: this.address,
          dst: this.#t.local,
          srcPort: this.port,
          dstPort: PORT,
          iss: this.irs,
          irs: this.#iss,
        };
  }
}

export class Listening {
  readonly cache: SynCache;
  readonly local: string;
  readonly sent: { to: string; bytes: Uint8Array }[] = [];
  clock = EPOCH;

  constructor(options: Partial<SynCacheOptions> = {}, local = LISTENER) {
    this.local = local;
    const rings = sharedRings();
    const address = rings.outbound.address;
    this.cache = new SynCache({
      secret: new Uint8Array(16).fill(7),
      ...options,
      route: (_local: Address, remote: Address) => ({
        reserve: () => address,
        commit: (at: number, length: number) => {
          this.sent.push({ to: formatAddress(remote), bytes: rings.memory.u8.slice(at, at + length) });
        },
      }),
    });
  }

  at(ms: number): this {
    const until = EPOCH + ms;
    for (let next = this.cache.nextTimeout(); next <= until; next = this.cache.nextTimeout()) {
      this.clock = next;
      this.cache.onTimeout(next);
    }
    this.clock = until;
    return this;
  }

  client(address = "198.51.100.2", port = 50_000, irs = 1_000): Client {
    return new Client(this, address, port, irs);
  }

  /** Nothing has been sent that was not asked for. */
  silent(): this {
    expect(this.sent.length).toBe(0);
    return this;
  }
}

// One endpoint in virtual time, and a peer that is a list of segments.
import { expect, test } from "vitest";
import { Endpoint, type EndpointOptions, type Status, type TcpEvent } from "../../src/tcp/index.ts";
import { completed, decode, encode, format, type Line, parseText, pattern, patternByte } from "./packet.ts";

export const LOCAL = { address: "192.0.2.1", port: 49152 };
export const REMOTE = { address: "198.51.100.2", port: 80 };
/** The clock's reading at `t.at(0)`: nothing may depend on its being small, nor on 0. */
export const EPOCH = 1_000_000;

/** Initial sequence numbers that every scenario runs with: ours and the peer's. */
export const SEQUENCES: readonly (readonly [number, number])[] = [
  [1_000, 500_000],
  [0x7fffffff - 60, 0x7fffffff - 1100],
  [0xffffffff - 60, 0xffffffff - 1100],
  [0xffffffff, 0x7fffffff],
];

export type Options = Partial<EndpointOptions>;
/** Brings a new world to where a scenario begins. */
export type Fixture = { readonly options: Options; readonly begin: (t: World) => void };

/** A test that runs its scenario with each pair of `SEQUENCES`, and lets no segment go unnoticed. */
export function scenario(title: string, fixture: Fixture, body: (t: World) => void): void {
  test(title, () => {
    for (const [iss, irs] of SEQUENCES) {
      const t = new World(fixture.options, iss, irs);
      try {
        fixture.begin(t);
        body(t);
        t.silent();
      } catch (error) {
        if (error instanceof Error)
          error.message = `${error.message}\n(ISS ${iss}, IRS ${irs})\n${t.history()}`;
        throw error;
      }
    }
  });
}

/** A world at the end of a fixture, for tests that need one and no more. */
export function world(fixture: Fixture, [iss, irs] = SEQUENCES[0]): World {
  const t = new World(fixture.options, iss, irs);
  fixture.begin(t);
  return t;
}

export class World {
  readonly endpoint: Endpoint;
  #now = EPOCH - 1000;
  #sent: { at: number; text: string }[] = [];
  #events: TcpEvent[] = [];
  #log: string[] = [];
  #rightEdge: number | undefined;
  #scale = 0;
  #written = 1;
  #read = 1;
  readonly #out: Line;
  readonly #in: Line;

  constructor(options: Options, iss: number, irs: number) {
    const both = { iss, irs };
    this.#out = {
      src: LOCAL.address,
      dst: REMOTE.address,
      srcPort: LOCAL.port,
      dstPort: REMOTE.port,
      ...both,
    };
    this.#in = {
      src: REMOTE.address,
      dst: LOCAL.address,
      srcPort: REMOTE.port,
      dstPort: LOCAL.port,
      iss: irs,
      irs: iss,
    };
    this.endpoint = new Endpoint({
      local: LOCAL,
      remote: REMOTE,
      secret: new Uint8Array(16),
      initialSequence: iss,
      ...options,
    });
  }

  /** Time passes up to `ms`. Segments that a timer sends on the way must have been asked for at their own time. */
  at(ms: number): this {
    this.#nothingLeft(`before ${ms} ms`);
    const until = EPOCH + ms;
    if (until < this.#now) throw new Error(`time runs backwards to ${ms}`);
    for (let next = this.endpoint.nextTimeout(); next <= until; next = this.endpoint.nextTimeout()) {
      if (next < this.#now) throw new Error(`a timer of ${next - EPOCH} ms did not run`);
      if (next > this.#now) this.#nothingLeft(`before ${next - EPOCH} ms`);
      this.#now = next;
      this.endpoint.onTimeout(next);
      this.#drain();
    }
    if (until > this.#now) this.#nothingLeft(`before ${ms} ms`);
    this.#now = until;
    return this;
  }

  /** Moves the zero of `at` to now. */
  get now(): number {
    return this.#now - EPOCH;
  }

  /** The peer's segments arrive, one after the other, and each is answered before the next. */
  in(...lines: string[]): this {
    for (const line of lines) {
      this.#take(line);
      this.#drain();
    }
    return this;
  }

  /** They arrive together: the endpoint has its say once, after the last. */
  burst(...lines: string[]): this {
    for (const line of lines) this.#take(line);
    this.#drain();
    return this;
  }

  /** Bytes arrive that no line can say. */
  bytes(bytes: Uint8Array): this {
    this.#log.push(`${this.now} < ${bytes.length} bytes`);
    this.endpoint.onSegment(bytes, this.#now, { from: REMOTE.address });
    this.#drain();
    return this;
  }

  /** The bytes of a line, to be spoilt. */
  encode(line: string): Uint8Array {
    return encode(parseText(line), this.#in);
  }

  /** The bytes of a line of ours, as a router would quote them. */
  encodeOut(line: string): Uint8Array {
    return encode(parseText(line), this.#out);
  }

  /** The endpoint has sent exactly these, now. Parts that a line leaves out may be anything. */
  out(...lines: string[]): this {
    for (const line of lines) {
      const sent = this.#sent.shift();
      if (sent === undefined) expect.fail(`${this.now} ms: nothing was sent, expected\n  ${line}`);
      const actual = parseText(sent.text);
      const wanted = format(completed(parseText(line), actual));
      expect(`${sent.at - EPOCH} ms: ${sent.text}`).toBe(`${this.now} ms: ${wanted}`);
    }
    return this;
  }

  /** It has sent nothing more. */
  silent(): this {
    this.#nothingLeft(`at ${this.now} ms`);
    return this;
  }

  /** What was sent and is not claimed by `out` goes to the caller instead. */
  take(): string[] {
    return this.#sent.splice(0).map((sent) => sent.text);
  }

  /** The application sends `count` bytes; returns how many were taken. */
  write(count: number, options?: { more?: boolean; urgent?: boolean }): number {
    const taken = this.endpoint.send(pattern(this.#written, count), this.#now, options);
    this.#written += taken;
    this.#drain();
    return taken;
  }

  send(count: number, options?: { more?: boolean; urgent?: boolean }): this {
    expect(this.write(count, options), "bytes that SEND took").toBe(count);
    return this;
  }

  /** The application receives all that is there, up to `most`; it must be what the peer's numbers say. */
  receive(count: number, most = 1 << 30): this {
    const bytes = this.endpoint.receive(most);
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== patternByte(this.#read + i)) expect.fail(`byte ${this.#read + i} is wrong`);
    }
    this.#read += bytes.length;
    expect(bytes.length, "bytes received").toBe(count);
    this.#drain();
    return this;
  }

  /** Any call to the endpoint. */
  do(call: (endpoint: Endpoint, now: number) => void): this {
    call(this.endpoint, this.#now);
    this.#drain();
    return this;
  }

  connect(): this {
    return this.do((endpoint, now) => endpoint.connect(now));
  }

  close(): this {
    return this.do((endpoint, now) => endpoint.close(now));
  }

  abort(): this {
    return this.do((endpoint, now) => endpoint.abort(now));
  }

  state(name: Status["state"]): this {
    expect(this.endpoint.state).toBe(name);
    return this;
  }

  get status(): Status {
    return this.endpoint.status();
  }

  /** The events since the last call, by name; `closed` with its reason, and which timeout it was. */
  told(...names: string[]): this {
    expect(this.#events.splice(0).map(nameOf)).toEqual(names);
    return this;
  }

  /** The last event, as `told` names it. */
  get lastEvent(): string | undefined {
    return this.#events.length === 0 ? undefined : nameOf(this.#events[this.#events.length - 1]);
  }

  /** What happened, for a failure's message. */
  history(): string {
    return this.#log.join("\n");
  }

  #take(line: string): void {
    this.#log.push(`${this.now} < ${line}`);
    const text = parseText(line);
    if (Number.isNaN(text.seq)) throw new SyntaxError(`a segment that arrives needs its number: ${line}`);
    const bytes = encode(text, this.#in);
    this.endpoint.onSegment(bytes, this.#now, { from: REMOTE.address, ecn: text.ecn });
    bytes.fill(0xee); // whoever still looks at it would show
  }

  #drain(): void {
    for (let out = this.endpoint.poll(this.#now); out !== undefined; out = this.endpoint.poll(this.#now)) {
      if (out.type === "event") {
        this.#events.push(out.event);
        this.#log.push(`${this.now}   ${JSON.stringify(out.event)}`);
        continue;
      }
      const text = decode(out.segment, this.#out, out.ecn);
      const line = format(text);
      this.#log.push(`${this.now} > ${line}`);
      this.#checkData(out.segment, text.seq + (text.flags & 2 ? 1 : 0), text.length);
      this.#checkRightEdge(line);
      this.#sent.push({ at: this.#now, text: line });
    }
  }

  #checkData(segment: Uint8Array, seq: number, length: number): void {
    const start = segment.length - length;
    if (length === 1 && segment[start] === 0) return; // a keep-alive's garbage byte
    for (let i = 0; i < length; i++) {
      if (segment[start + i] !== patternByte(seq + i)) throw new Error(`sent byte ${seq + i} is wrong`);
    }
  }

  /** RFC 9293 3.8.6: the right edge of an offered window never retreats, but by less than a scaled window's unit (RFC 7323 2.4). */
  #checkRightEdge(line: string): void {
    const { flags, ack, win = 0 } = parseText(line);
    if (ack === undefined || flags & 4) return;
    if (flags & 2) this.#rightEdge = undefined;
    this.#scale = flags & 2 ? 0 : this.endpoint.status().rcv.scale;
    const edge = ack + (win << this.#scale);
    if (this.#rightEdge !== undefined && edge <= this.#rightEdge - 2 ** this.#scale)
      throw new Error(`the window's edge retreated: ${line}`);
    this.#rightEdge = Math.max(edge, this.#rightEdge ?? edge);
  }

  #nothingLeft(when: string): void {
    if (this.#sent.length === 0) return;
    expect.fail(
      `${when}, unexpected:\n${this.#sent.map((sent) => `  ${sent.at - EPOCH} ms: ${sent.text}`).join("\n")}`,
    );
  }
}

function nameOf(event: TcpEvent): string {
  if (event.type !== "closed") return event.type;
  const timeout = event.error?.timeout;
  return `closed ${event.reason}${timeout === undefined ? "" : ` ${timeout}`}`;
}

import type { Clock, Random } from "../../src/sim/index.ts";
import { type Endpoint, TcpError, type TcpEvent } from "../../src/tcp/index.ts";
import { check } from "./failure.ts";
import type { ApplicationPlan } from "./plan.ts";
import { firstWrong, LONGEST, streamBytes } from "./stream.ts";

/** What an application has to do with its host. */
export interface Ground {
  readonly number: number;
  readonly endpoint: Endpoint;
  readonly world: Clock;
  readonly random: Random;
  /** The host's own time. */
  local(): number;
  /** Something was done to the endpoint outside of `onEvent`: see what it has to say. */
  stirred(): void;
}

const room = new Uint8Array(1 << 20);
// More calls in one go than any plan makes.
const PATIENCE = 100_000;

/**
 * Sends, receives and closes as planned. It goes on when an event tells it to and never looks by itself: without
 * `writable` it stops sending, without `readable` it stops reading, and the simulation sees that not all was delivered.
 */
export class Application {
  readonly #plan: ApplicationPlan;
  readonly #ground: Ground;
  /** Bytes that `send` took. */
  sent = 0;
  received = 0;
  /** CLOSE or ABORT was called. */
  closed = false;
  /** It gave up the connection: from now on bytes may get lost. */
  gaveUp = false;
  established = 0;
  ended = false;
  over: Extract<TcpEvent, { type: "closed" }> | undefined;
  #writes = false;
  #reads = false;
  #stalled = false;

  constructor(plan: ApplicationPlan, ground: Ground) {
    this.#plan = plan;
    this.#ground = ground;
  }

  /** The connection has been opened. */
  begin(): void {
    const { world, endpoint } = this.#ground;
    const { early, closes, closesAt, changes } = this.#plan;
    if (early && endpoint.state !== "LISTEN") this.#write();
    for (const { at, settings } of changes) {
      world.at(at, () => this.#act(() => endpoint.set(settings, this.#ground.local())));
    }
    if (closes === "at" || closes === "abort" || closes === "deaf") {
      world.at(closesAt, () => this.#act(() => this.#giveUp(closes)));
    }
  }

  onEvent(event: TcpEvent): void {
    check(this.over === undefined, () => `event ${event.type} after closed`);
    switch (event.type) {
      case "established":
        this.established++;
        check(this.established === 1, "established twice");
        this.#write();
        break;
      case "writable":
        this.#writes = false;
        this.#write();
        break;
      case "readable":
        this.#read();
        break;
      case "end":
        check(!this.ended, "end twice");
        this.ended = true;
        this.#closeIfDone();
        break;
      case "closed":
        this.over = event;
        break;
    }
  }

  /** Takes what is still there when nothing more can happen. */
  readRest(): void {
    if (this.over?.reason === "finished") this.readAll();
  }

  readAll(): void {
    while (this.#receive(room.length) > 0) {}
  }

  #act(what: () => void): void {
    if (this.over !== undefined) return;
    what();
    this.#ground.stirred();
  }

  #write(): void {
    const { number, endpoint, world, random } = this.#ground;
    const { bytes, chunk, think, more, urgent } = this.#plan;
    if (isClosed(endpoint)) return; // `closed` is still to be told
    for (let patience = PATIENCE; this.sent < bytes && !this.#writes && !this.closed; patience--) {
      check(patience > 0, "an application that cannot stop writing");
      const count = Math.min(bytes - this.sent, random.between(1, Math.min(chunk, LONGEST)));
      const options = { more: random.chance(more), urgent: random.chance(urgent) };
      const taken = endpoint.send(streamBytes(number, this.sent, count), this.#ground.local(), options);
      check(taken >= 0 && taken <= count, () => `send took ${taken} of ${count}`);
      this.sent += taken;
      if (taken < count) {
        this.#writes = true; // `writable` goes on
      } else if (think > 0 && this.sent < bytes) {
        this.#writes = true;
        world.after(think, () =>
          this.#act(() => {
            this.#writes = false;
            this.#write();
          }),
        );
      }
    }
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    const { closes, bytes } = this.#plan;
    if (this.closed || this.established === 0 || this.sent < bytes) return;
    if (closes === "sent" || (closes === "end" && this.ended)) this.#close();
  }

  #close(): void {
    this.closed = true;
    this.#ground.endpoint.close(this.#ground.local());
  }

  #giveUp(how: "at" | "abort" | "deaf"): void {
    const { endpoint } = this.#ground;
    const now = this.#ground.local();
    if (isClosed(endpoint)) return;
    if (how === "abort") {
      this.gaveUp = this.closed = true;
      endpoint.abort(now);
    } else if (how === "deaf") {
      this.gaveUp = true;
      endpoint.stopReceiving(now);
      if (!this.closed && !isClosed(endpoint)) this.#close();
    } else if (!this.closed) {
      this.#close();
    }
  }

  #read(): void {
    if (this.#reads) return;
    this.#reads = true;
    const { pause } = this.#plan;
    if (pause === 0) this.#readNow();
    else this.#readLater(pause);
  }

  #readLater(ms: number): void {
    this.#ground.world.after(ms, () => {
      // What an orderly close left behind can still be read.
      if (this.over !== undefined && this.over.reason !== "finished") return;
      this.#readNow();
      this.#ground.stirred();
    });
  }

  #readNow(): void {
    const { take, pause, stall, stallAfter } = this.#plan;
    const { endpoint } = this.#ground;
    for (;;) {
      if (stall > 0 && !this.#stalled && this.received >= stallAfter) {
        this.#stalled = true;
        this.#readLater(stall);
        return;
      }
      if (this.#receive(take) === 0) break;
      if (pause > 0 && endpoint.readable > 0) {
        this.#readLater(pause);
        return;
      }
    }
    this.#reads = false; // `readable` goes on
  }

  #receive(most: number): number {
    const { number, endpoint } = this.#ground;
    const available = endpoint.readable;
    let count = 0;
    try {
      count = endpoint.receive(room.subarray(0, Math.min(most, room.length)));
    } catch (error) {
      if (error instanceof TcpError && this.over === undefined) return 0; // its `closed` is still to come
      throw error;
    }
    check(count === Math.min(available, most), () => `receive gave ${count} of ${available}`);
    const wrong = firstWrong(room.subarray(0, count), 1 - number, this.received);
    check(wrong < 0, () => `byte ${wrong} of what was delivered is not what was sent`);
    this.received += count;
    return count;
  }
}

function isClosed(endpoint: Endpoint): boolean {
  return endpoint.state === "CLOSED";
}

import type { Clock } from "../clock.ts";
import type { Application, Connection, Machine } from "../machine.ts";
import { bytes } from "./pair.ts";

interface Request {
  readonly sent: number;
  /** How its first try failed, if it did. */
  failed?: "reset" | "timeout";
  answered?: number;
}

/** What became of requests that were sent together. */
export class Requests {
  readonly all: Request[] = [];

  /** How many first tries failed and how, and milliseconds from a request to its answer, on whatever connection it came. */
  figures() {
    const failed = this.all.filter((request) => request.failed !== undefined);
    const times = this.all.map(({ sent, answered = Number.POSITIVE_INFINITY }) => answered - sent);
    return {
      failed: failed.length,
      byReset: failed.filter((request) => request.failed === "reset").length,
      byTimeout: failed.filter((request) => request.failed === "timeout").length,
      mean: times.reduce((a, b) => a + b, 0) / times.length,
      longest: Math.max(...times),
    };
  }
}

/**
 * The connection pool of an application that asks and waits for the answer: where a session fails, or does not answer in
 * time, it opens another one in its place and asks again.
 */
export class Pool {
  readonly sessions: Connection[] = [];
  /** Sessions that ended while nobody used them, and others were opened in their place. */
  replaced = 0;
  readonly #client: Machine;
  readonly #clock: Clock;
  readonly #address: string;
  readonly #port: number;
  readonly #patience: number;

  constructor(client: Machine, clock: Clock, address: string, port: number, patience: number) {
    this.#client = client;
    this.#clock = clock;
    this.#address = address;
    this.#port = port;
    this.#patience = patience;
  }

  open(count: number): void {
    for (let i = 0; i < count; i++) this.#open(i);
  }

  /** Sends a request on each session. */
  requestAll(): Requests {
    const requests = new Requests();
    for (let i = 0; i < this.sessions.length; i++) {
      const request: Request = { sent: this.#clock.now };
      requests.all.push(request);
      this.#ask(i, request);
    }
    return requests;
  }

  #open(place: number): void {
    this.sessions[place] = this.#client.connect(this.#address, this.#port, this.#unused(place));
  }

  #unused(place: number): Application {
    return {
      closed: () => {
        this.replaced++;
        this.#open(place);
      },
    };
  }

  #ask(place: number, request: Request): void {
    const session = this.sessions[place];
    const clock = this.#clock;
    const again = (why: "reset" | "timeout") => {
      clock.cancel(patience);
      request.failed ??= why;
      this.#open(place);
      this.#ask(place, request);
    };
    const patience = clock.after(this.#patience, () => {
      session.application = {};
      session.abort();
      again("timeout");
    });
    session.application = {
      data: () => {
        clock.cancel(patience);
        request.answered = clock.now;
        session.application = this.#unused(place);
      },
      closed: () => again("reset"),
    };
    session.send(bytes("publish\n"));
  }
}

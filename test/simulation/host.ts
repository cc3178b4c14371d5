import type { Clock, Random } from "../../src/sim/index.ts";
import { Endpoint, type SynCacheCounters } from "../../src/tcp/index.ts";
import { Application, type Ground } from "./application.ts";
import { HostClock } from "./clock.ts";
import { check } from "./failure.ts";
import { Interface } from "./interface.ts";
import { Listener } from "./listener.ts";
import { pool } from "./memory.ts";
import type { HostPlan } from "./plan.ts";

export interface HostAddress {
  readonly address: string;
  readonly port: number;
}

/** What a host tells the world. */
export interface Outlet {
  /** The segment is borrowed. */
  transmit(segment: Uint8Array, ecn: number): void;
  event(type: string): void;
}

const COOKIE = Uint8Array.of(0xc0, 0x0c, 0x1e, 0x5a, 1, 2, 3, 4);
const FAST_OPEN = {
  off: undefined,
  asks: {},
  knows: { cookie: COOKIE },
  errs: { cookie: Uint8Array.of(1, 2, 3, 4, 5, 6) },
  serves: { cookieFor: () => COOKIE },
} as const;

// Rounds in which an endpoint can have something to say without time passing.
const PATIENCE = 100_000;

/** An endpoint with its application, its clock and its interface. */
export class Host implements Ground {
  readonly number: number;
  readonly plan: HostPlan;
  readonly application: Application;
  readonly clock: HostClock;
  readonly world: Clock;
  readonly random: Random;
  /** While a SYN cache listens, one in CLOSED that nobody has opened. */
  endpoint: Endpoint;
  /** Until it has made a connection. */
  listener: Listener | null = null;
  /** It has forgotten its connection, or has listened in vain: nobody is told of an end. */
  isForgotten = false;
  /** Its TIME-WAIT has ended for the next connection. */
  hasMadeWay = false;
  /** What became of requests, where a SYN cache listened. */
  requests: Readonly<SynCacheCounters> | undefined;
  readonly #addresses: readonly [HostAddress, HostAddress];
  readonly #outlet: Outlet;
  readonly #sink: Interface;
  #draining = false;

  /** @param clock that of the host's connection before, which goes on */
  constructor(
    number: number,
    plan: HostPlan,
    addresses: readonly [HostAddress, HostAddress],
    world: Clock,
    random: Random,
    outlet: Outlet,
    clock?: HostClock,
  ) {
    this.number = number;
    this.plan = plan;
    this.world = world;
    this.random = random;
    this.#addresses = addresses;
    this.#outlet = outlet;
    this.clock = clock ?? new HostClock(plan.clock);
    this.endpoint = this.#closedEndpoint();
    this.#sink = new Interface(plan.slots, outlet);
    this.application = new Application(plan.application, this);
    if (clock !== undefined) return;
    for (const { at, by } of plan.clock.jumps) {
      world.at(at, () => {
        this.clock.jump(by);
        this.wake();
      });
    }
  }

  local(): number {
    return this.clock.at(this.world.now);
  }

  open(): void {
    const { opens, listener } = this.plan;
    if (listener !== null) {
      this.listener = new Listener(this.plan, this.#settings(), this.#outlet);
      this.requests = this.listener.counters;
      if (listener.isCrowded) this.listener.crowd(this.#addresses[this.number], this.local());
      return;
    }
    if (opens === "active") this.endpoint.connect(this.local());
    else this.endpoint.listen();
    this.application.begin();
    this.drain();
  }

  /** A segment from the other host. */
  arrive(segment: Uint8Array, ecn?: number): void {
    const from = this.#addresses[1 - this.number].address;
    if (this.listener === null) {
      this.endpoint.onSegment(segment, this.local(), { ecn, from });
      return;
    }
    const { address } = this.#addresses[this.number];
    const made = this.listener.arrive(segment, address, from, this.local(), ecn);
    if (made === undefined) return;
    // Who has his connection listens no more.
    this.listener = null;
    this.endpoint = made;
    this.application.begin();
  }

  /** Loses its memory, as in a power failure. What it knew of no longer exists. */
  reboot(): void {
    this.isForgotten = true;
    this.listener = null;
    this.endpoint.abort(this.local()); // frees its rings; of its RST nobody hears
    this.endpoint = this.#closedEndpoint();
  }

  /** TIME-WAIT ends for the next connection of the same sockets. */
  makeWay(): void {
    this.hasMadeWay = true;
    this.application.readAll();
    this.endpoint.abort(this.local());
    this.drain();
  }

  /** Nobody has come, and nobody will. */
  stopListening(): void {
    if (this.listener === null) {
      this.endpoint.close(this.local());
      this.drain();
      return;
    }
    check(this.listener.isDone, "a listener with requests that nothing ends");
    this.isForgotten = true;
    this.listener = null;
  }

  /** When its next timer runs, in the world's time. */
  due(): number {
    return this.clock.due(this.#nextTimeout(), this.world.now);
  }

  /** Runs its timers. */
  wake(): void {
    const deadline = this.#nextTimeout();
    const isDue = this.clock.due(deadline, this.world.now) <= this.world.now;
    const now = isDue ? this.clock.reached(deadline, this.world.now) : this.local();
    this.endpoint.onTimeout(now);
    this.listener?.onTimeout(now);
    check(!(this.#nextTimeout() <= now), () => `a timer of ${this.#nextTimeout()} is still due at ${now}`);
    this.drain();
  }

  #nextTimeout(): number {
    return Math.min(this.endpoint.nextTimeout(), this.listener?.nextTimeout() ?? Number.POSITIVE_INFINITY);
  }

  stirred(): void {
    this.drain();
  }

  /** Does all that the endpoint wants done now. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      if (this.plan.slots === 0) this.#poll();
      else this.#output();
    } finally {
      this.#draining = false;
    }
  }

  #closedEndpoint(): Endpoint {
    const { number, plan } = this;
    const local = this.#addresses[number];
    const remote = plan.opens === "any" ? undefined : this.#addresses[1 - number];
    return new Endpoint({ local, remote, initialSequence: plan.initialSequence, ...this.#settings() }, pool);
  }

  #settings() {
    const { settings, fastOpen } = this.plan;
    return { secret: new Uint8Array(16), ...settings, fastOpen: FAST_OPEN[fastOpen] };
  }

  #poll(): void {
    for (let patience = PATIENCE; ; patience--) {
      check(patience > 0, "an endpoint that never stops talking");
      const out = this.endpoint.poll(this.local());
      if (out === undefined) return;
      if (out.type === "transmit") {
        this.#outlet.transmit(out.segment, out.ecn);
      } else {
        this.#outlet.event(out.event.type);
        this.application.onEvent(out.event);
      }
    }
  }

  /** The interface takes a few segments at a time; events come in between. */
  #output(): void {
    for (let patience = PATIENCE; ; patience--) {
      check(patience > 0, "an endpoint that never stops talking");
      let isQuiet = true;
      for (let event = this.endpoint.nextEvent(); event !== undefined; event = this.endpoint.nextEvent()) {
        isQuiet = false;
        this.#outlet.event(event.type);
        this.application.onEvent(event);
      }
      this.endpoint.output(this.#sink, this.local());
      if (this.#sink.flush() === 0 && isQuiet) return;
    }
  }
}

import type { Clock, Random } from "../../src/sim/index.ts";
import { Endpoint, type SegmentSink } from "../../src/tcp/index.ts";
import { HEADROOM } from "../../src/wasm/slots.ts";
import { Application, type Ground } from "./application.ts";
import { HostClock } from "./clock.ts";
import { check } from "./failure.ts";
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
  readonly endpoint: Endpoint;
  readonly application: Application;
  readonly clock: HostClock;
  readonly world: Clock;
  readonly random: Random;
  readonly #outlet: Outlet;
  readonly #sink: Interface;
  #draining = false;

  constructor(
    number: number,
    plan: HostPlan,
    addresses: readonly [HostAddress, HostAddress],
    world: Clock,
    random: Random,
    outlet: Outlet,
  ) {
    this.number = number;
    this.plan = plan;
    this.world = world;
    this.random = random;
    this.#outlet = outlet;
    this.clock = new HostClock(plan.clock);
    this.endpoint = new Endpoint(
      {
        local: addresses[number],
        remote: plan.opens === "any" ? undefined : addresses[1 - number],
        secret: new Uint8Array(16),
        initialSequence: plan.initialSequence,
        ...plan.settings,
        fastOpen: FAST_OPEN[plan.fastOpen],
      },
      pool,
    );
    this.#sink = new Interface(plan.slots, outlet);
    this.application = new Application(plan.application, this);
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
    if (this.plan.opens === "active") this.endpoint.connect(this.local());
    else this.endpoint.listen();
    this.application.begin();
    this.drain();
  }

  /** When its next timer runs, in the world's time. */
  due(): number {
    return this.clock.due(this.endpoint.nextTimeout(), this.world.now);
  }

  /** Runs its timers. */
  wake(): void {
    const deadline = this.endpoint.nextTimeout();
    const isDue = this.clock.due(deadline, this.world.now) <= this.world.now;
    const now = isDue ? this.clock.reached(deadline, this.world.now) : this.local();
    this.endpoint.onTimeout(now);
    check(!(this.endpoint.nextTimeout() <= now), () => {
      return `a timer of ${this.endpoint.nextTimeout()} is still due at ${now}`;
    });
    this.drain();
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

const SLOT = 65_536 + HEADROOM;
const MOST_SLOTS = 64;
let slots = 0;

/** A few places for segments, which have to be emptied before more are taken. */
class Interface implements SegmentSink {
  readonly #count: number;
  readonly #outlet: Outlet;
  readonly #lengths: number[] = [];
  readonly #ecn: number[] = [];

  constructor(count: number, outlet: Outlet) {
    this.#count = count;
    this.#outlet = outlet;
    if (slots === 0) slots = pool.memory.allocate(MOST_SLOTS * SLOT);
  }

  reserve(_length: number): number {
    const taken = this.#lengths.length;
    return taken < this.#count ? slots + taken * SLOT + HEADROOM : 0;
  }

  commit(address: number, length: number, ecn: number): void {
    check(address === slots + this.#lengths.length * SLOT + HEADROOM, "a segment elsewhere than reserved");
    this.#lengths.push(length);
    this.#ecn.push(ecn);
  }

  /** Sends them. @returns how many */
  flush(): number {
    const count = this.#lengths.length;
    for (let i = 0; i < count; i++) {
      const at = slots + i * SLOT + HEADROOM;
      this.#outlet.transmit(pool.memory.u8.subarray(at, at + this.#lengths[i]), this.#ecn[i]);
    }
    this.#lengths.length = this.#ecn.length = 0;
    return count;
  }
}

// Two endpoints, a path between them, and everything that has to hold on the way.
import { Clock, CORRUPTED, fateNames, Path, Random, TOO_BIG } from "../../src/sim/index.ts";
import { verifyChecksum } from "../../src/wire/index.ts";
import { ecnOf, identificationOf, Packer, segmentIn } from "./datagram.ts";
import { Broken, check } from "./failure.ts";
import { Host, type HostAddress } from "./host.ts";
import { checkInvariants } from "./invariants.ts";
import { pool } from "./memory.ts";
import { type Plan, planOf } from "./plan.ts";
import { Trace } from "./trace.ts";
import { SegmentWatch } from "./watch.ts";

/** What a simulated connection came to. */
export interface Outcome {
  readonly seed: number;
  /** Of every segment and event with its time: equal for equal seeds. */
  readonly hash: number;
  readonly segments: number;
  /** Bytes that each application sent. */
  readonly sent: readonly [number, number];
  readonly bytes: number;
  readonly retransmitted: number;
  /** What the paths did, by kind, in packets. */
  readonly lost: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly corrupted: number;
  /** Corrupted ones whose flipped bits cancel in the checksum: no checksum finds those, so they are not delivered. */
  readonly cancelled: number;
  /** Virtual milliseconds. */
  readonly duration: number;
  readonly steps: number;
  readonly peakBytes: number;
  /** Why each end closed. */
  readonly reasons: readonly [string, string];
}

/** Told of each packet as it is handed to a path and as it reaches the other host. Borrowed. */
export interface Tap {
  sent(host: number, packet: Uint8Array, now: number, fate: number): void;
  arrived(host: number, packet: Uint8Array, now: number): void;
}

/** What a failed run says. */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
}

const V4: readonly [string, string] = ["192.0.2.1", "198.51.100.2"];
const V6: readonly [string, string] = ["2001:db8::1", "2001:db8:1::2"];
const PORTS = [49_152, 80] as const;
// More than any connection that gets on needs.
const MOST_STEPS = 2_000_000;
/** STATUS makes objects: one look in so many steps. */
const LOOKS_EVERY = 32;
const LINES = 80;

/**
 * Runs the connection of a seed to its end.
 * @throws {SimulationFailure} when anything did not hold, with the last segments and how to run it again
 */
export function simulate(seed: number, tap?: Tap): Outcome {
  try {
    return new World(planOf(seed), 0, tap).run();
  } catch (error) {
    throw explained(seed, error);
  }
}

/** Runs a plan that no seed gives, to its end. @throws what did not hold */
export function runPlan(plan: Plan): Outcome {
  return new World(plan, 0).run();
}

/** The same seed fails the same way: the second time its segments are kept. */
function explained(seed: number, error: unknown): SimulationFailure {
  const world = new World(planOf(seed), LINES);
  const what = error instanceof Broken ? error.message : error instanceof Error ? error.stack : String(error);
  try {
    world.run();
    world.trace.lines?.push("... and passed when it was run again: something outlived a connection");
  } catch {
    // Expected.
  }
  const text = [
    `seed ${seed}: ${what}`,
    `replay: npm run simulate:soak -- 1 --seed ${seed}`,
    JSON.stringify(world.plan, (_, value) => (value === Number.POSITIVE_INFINITY ? "Infinity" : value)),
    ...(world.trace.lines ?? []),
    ...world.hosts.map((host) => `${"AB"[host.number]} ${JSON.stringify(host.endpoint.status())}`),
  ];
  return new SimulationFailure(text.join("\n"));
}

/** What becomes of each packet of a host, by its identification. */
const fates = [new Uint8Array(65_536), new Uint8Array(65_536)] as const;

class World {
  readonly plan: Plan;
  readonly trace: Trace;
  readonly hosts: readonly [Host, Host];
  readonly #clock = new Clock();
  readonly #addresses: readonly [HostAddress, HostAddress];
  readonly #packers: readonly [Packer, Packer];
  readonly #paths: readonly [Path, Path];
  readonly #watch: SegmentWatch;
  readonly #tap: Tap | undefined;
  #cancelled = 0;
  #steps = 0;

  constructor(plan: Plan, lines: number, tap?: Tap) {
    pool.forget();
    this.plan = plan;
    this.trace = new Trace(lines);
    this.#tap = tap;
    const random = new Random(plan.seed);
    const [a, b] = plan.family === 4 ? V4 : V6;
    this.#addresses = [
      { address: a, port: PORTS[0] },
      { address: b, port: PORTS[1] },
    ];
    this.#packers = [new Packer(a, b), new Packer(b, a)];
    this.#paths = [this.#path(0, random.fork("path A")), this.#path(1, random.fork("path B"))];
    this.hosts = [this.#host(0, random.fork("host A")), this.#host(1, random.fork("host B"))];
    this.#watch = new SegmentWatch(
      plan.family,
      [
        { ...this.#addresses[0], settings: plan.hosts[0].settings },
        { ...this.#addresses[1], settings: plan.hosts[1].settings },
      ],
      [() => this.hosts[0].application.sent, () => this.hosts[1].application.sent],
    );
  }

  run(): Outcome {
    // Who listens does so before anything can arrive.
    const [a, b] = this.hosts;
    b.open();
    a.open();
    this.#runToTheEnd();
    this.#checkEnd();
    const [toB, toA] = this.#paths.map(({ counters }) => counters);
    const counters = this.hosts.map(({ endpoint }) => endpoint.status().counters);
    return {
      seed: this.plan.seed,
      hash: this.trace.hash,
      segments: this.#watch.segments,
      sent: [a.application.sent, b.application.sent],
      bytes: a.application.received + b.application.received,
      retransmitted: counters[0].retransmits + counters[1].retransmits,
      lost: toA.lost + toB.lost + toA.queueFull + toB.queueFull + toA.tooBig + toB.tooBig,
      reordered: toA.reordered + toB.reordered,
      duplicated: toA.duplicated + toB.duplicated,
      corrupted: toA.corrupted + toB.corrupted,
      cancelled: this.#cancelled,
      duration: this.#clock.now,
      steps: this.#steps,
      peakBytes: pool.peak,
      reasons: [reasonOf(a), reasonOf(b)],
    };
  }

  #path(i: number, random: Random): Path {
    const { settings, changes } = this.plan.paths[i];
    const path = new Path(this.#clock, random, settings, (packet) => this.#arrive(1 - i, packet));
    for (const { at, settings } of changes) this.#clock.at(at, () => path.set(settings));
    return path;
  }

  #host(i: number, random: Random): Host {
    const plan = this.plan.hosts[i];
    return new Host(i, plan, this.#addresses, this.#clock, random, {
      transmit: (segment, ecn) => this.#transmit(i, segment, ecn),
      event: (type) => this.trace.event(this.#clock.now, i, type),
    });
  }

  #runToTheEnd(): void {
    const [a, b] = this.hosts;
    const clock = this.#clock;
    for (;;) {
      check(++this.#steps < MOST_STEPS, "no end in sight");
      const dueA = a.due();
      const dueB = b.due();
      const due = Math.min(dueA, dueB);
      if (clock.next <= due) {
        if (!clock.step()) break;
      } else {
        clock.run(due);
        (dueA <= dueB ? a : b).wake();
      }
      if (this.#steps % LOOKS_EVERY === 0) this.hosts.forEach(checkInvariants);
    }
    this.#stopListening();
  }

  /** A listener whose peer gave up waits for the next one: the only state that nothing ends. */
  #stopListening(): void {
    for (const host of this.hosts) {
      if (host.endpoint.state !== "LISTEN") continue;
      check(!this.plan.orderly, "a listener that nobody has reached");
      host.endpoint.close(host.local());
      host.drain();
    }
  }

  #transmit(i: number, segment: Uint8Array, ecn: number): void {
    const path = this.#paths[i];
    const { now } = this.#clock;
    this.#watch.sent(i, segment);
    const identification = path.counters.sent & 0xffff;
    const packet = this.#packers[i].pack(segment, ecn, identification);
    const fate = path.send(packet);
    fates[i][identification] = fate;
    this.trace.segment(now, ">", i, segment, () => fateNames(fate).join(", "));
    this.#tap?.sent(i, packet, now, fate);
    if (fate & TOO_BIG && this.plan.paths[i].icmp) this.#tellTooBig(i, segment, path);
  }

  /** The router before the narrow link says so (RFC 1191, RFC 4443), after the time to it and back. */
  #tellTooBig(i: number, segment: Uint8Array, path: Path): void {
    const { mtu, delay } = path.settings;
    const quoted = segment.slice(0, 8);
    const [type, code] = this.plan.family === 4 ? [3, 4] : [2, 0];
    this.#clock.after(delay, () => {
      this.hosts[i].endpoint.onIcmp({ type, code, mtu, quoted });
      this.hosts[i].drain();
    });
  }

  #arrive(i: number, packet: Uint8Array): void {
    const host = this.hosts[i];
    const segment = segmentIn(packet);
    const isCorrupt = (fates[1 - i][identificationOf(packet)] & CORRUPTED) !== 0;
    if (isCorrupt && this.#isIntact(i, segment)) {
      this.#cancelled++;
      return;
    }
    this.#tap?.arrived(i, packet, this.#clock.now);
    this.trace.segment(this.#clock.now, "<", i, segment, () => (isCorrupt ? "corrupted" : ""));
    const { endpoint } = host;
    if (isCorrupt) {
      this.#arriveCorrupt(host, segment);
      return;
    }
    this.#watch.arrived(i, segment);
    endpoint.onSegment(segment, host.local(), {
      ecn: ecnOf(packet),
      from: this.#addresses[1 - i].address,
    });
    host.drain();
  }

  #isIntact(i: number, segment: Uint8Array): boolean {
    const dst = this.#addresses[i].address;
    const src = this.#addresses[1 - i].address;
    return verifyChecksum(segment, { src, dst }) === "good";
  }

  /** Nothing may come of it but a count. */
  #arriveCorrupt(host: Host, segment: Uint8Array): void {
    const { endpoint } = host;
    const before = endpoint.status();
    endpoint.onSegment(segment, host.local(), { from: this.#addresses[1 - host.number].address });
    const after = endpoint.status();
    const counted = (counters: typeof before.counters) => counters.badChecksums + counters.malformed;
    check(counted(after.counters) === counted(before.counters) + 1, "a corrupted segment was not found out");
    const what = ({ counters: _, remote: __, ...rest }: typeof before) => JSON.stringify(rest);
    check(
      what(before) === what(after),
      () => `a corrupted segment changed ${what(before)} to ${what(after)}`,
    );
    host.drain();
  }

  #checkEnd(): void {
    const { orderly, faultless } = this.plan;
    const [a, b] = this.hosts;
    for (const host of this.hosts) {
      host.application.readRest();
      const name = "AB"[host.number];
      const { state, counters, options } = host.endpoint.status();
      check(state === "CLOSED", () => `nothing happens any more, and ${name} is in ${state}`);
      check(host.application.over !== undefined, () => `${name} was not told that it is closed`);
      check(host.endpoint.nextTimeout() === Number.POSITIVE_INFINITY, () => `${name} has a timer left`);
      check(host.endpoint.poll(host.local()) === undefined, () => `${name} has something left to say`);
      if (orderly) check(reasonOf(host) === "finished", () => `${name} ended with ${reasonOf(host)}`);
      if (faultless) check(counters.timeouts === 0, () => `${name} timed out with nothing lost`);
      // Data of a SYN that its answer left out (RFC 7413 4.2.1) are sent again, a segment at most.
      const leftOut = options.fastOpen === "ignored" ? this.plan.hosts[host.number].settings.mtu! : 0;
      if (faultless)
        check(counters.bytesRetransmitted <= leftOut, () => `${name} sent again with nothing lost`);
      host.endpoint.abort(host.local()); // frees what nobody has read
    }
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const { sent } = from.application;
      const { received } = to.application;
      check(received <= sent, () => `${received} bytes delivered of ${sent}`);
      if (orderly) check(received === sent, () => `only ${received} bytes of ${sent} were delivered`);
      if (orderly) check(sent === from.plan.application.bytes, () => `it sent only ${sent} bytes`);
    }
    check(pool.rings === 0, () => `${pool.rings} rings were not given back`);
  }
}

function reasonOf(host: Host): string {
  const { over } = host.application;
  return over === undefined ? "open" : over.reason;
}

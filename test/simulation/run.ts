// Two endpoints, a path between them, and everything that has to hold on the way.
import { Clock, CORRUPTED, fateNames, Path, Random, TOO_BIG } from "../../src/sim/index.ts";
import { verifyChecksum } from "../../src/wire/index.ts";
import type { HostClock } from "./clock.ts";
import { ecnOf, identificationOf, Packer, segmentIn } from "./datagram.ts";
import { Broken, check, replay, SimulationFailure } from "./failure.ts";
import { Host, type HostAddress } from "./host.ts";
import { checkInvariants } from "./invariants.ts";
import { pool } from "./memory.ts";
import type { Outcome, Tap } from "./outcome.ts";
import { type HostPlan, type Plan, type PlanVersion, planOf } from "./plan.ts";
import { Situations } from "./situations.ts";
import { Trace } from "./trace.ts";
import { SegmentWatch } from "./watch.ts";

const V4: readonly [string, string] = ["192.0.2.1", "198.51.100.2"];
const V6: readonly [string, string] = ["2001:db8::1", "2001:db8:1::2"];
const PORTS = [49_152, 80] as const;
// More than any connection that gets on needs.
const MOST_STEPS = 2_000_000;
/** STATUS makes objects: one look in so many steps. */
const LOOKS_EVERY = 32;
const LINES = 80;
/** Nothing is on its way longer, once the path has healed. */
const LONGEST_WAY = 10_000;

/**
 * Runs the connection of a seed to its end.
 * @throws {SimulationFailure} when anything did not hold, with the last segments and how to run it again
 */
export function simulate(seed: number, tap?: Tap, version?: PlanVersion): Outcome {
  const plan = planOf(seed, version);
  try {
    return new World(plan, 0, tap).run();
  } catch (error) {
    throw explained(plan, error);
  }
}

/** Runs a plan that no seed gives, to its end. @throws what did not hold */
export function runPlan(plan: Plan): Outcome {
  return new World(plan, 0).run();
}

/** The same seed fails the same way: the second time its segments are kept. */
function explained(plan: Plan, error: unknown): SimulationFailure {
  const { seed, version } = plan;
  const world = new World(plan, LINES);
  const what = error instanceof Broken ? error.message : error instanceof Error ? error.stack : String(error);
  try {
    world.run();
    world.trace.lines?.push("... and passed when it was run again: something outlived a connection");
  } catch {
    // Expected.
  }
  const text = [
    `seed ${seed}: ${what}`,
    replay(seed, version),
    JSON.stringify(world.plan, (_, value) => (value === Number.POSITIVE_INFINITY ? "Infinity" : value)),
    ...(world.trace.lines ?? []),
    ...world.allHosts().map((host) => `${"AB"[host.number]} ${JSON.stringify(host.endpoint.status())}`),
  ];
  return new SimulationFailure(text.join("\n"));
}

/** What becomes of each packet of a host, and which connection's it is, by its identification. */
const fates = [new Uint8Array(65_536), new Uint8Array(65_536)] as const;
const livesOf = [new Uint8Array(65_536), new Uint8Array(65_536)] as const;

/** A connection: its ends, and who watches what they send. */
interface Life {
  readonly hosts: readonly [Host, Host];
  readonly watch: SegmentWatch;
}

class World {
  readonly plan: Plan;
  readonly trace: Trace;
  /** The first connection, and the one that follows in the same sockets. */
  readonly #lives: Life[] = [];
  readonly #random: Random;
  readonly #clock = new Clock();
  readonly #addresses: readonly [HostAddress, HostAddress];
  readonly #packers: readonly [Packer, Packer];
  readonly #paths: readonly [Path, Path];
  readonly #tap: Tap | undefined;
  #cancelled = 0;
  #isReopening = false;
  readonly #situations = new Situations();
  #steps = 0;

  constructor(plan: Plan, lines: number, tap?: Tap) {
    pool.forget();
    this.plan = plan;
    this.trace = new Trace(lines);
    this.#tap = tap;
    this.#random = new Random(plan.seed);
    const [a, b] = plan.family === 4 ? V4 : V6;
    this.#addresses = [
      { address: a, port: PORTS[0] },
      { address: b, port: PORTS[1] },
    ];
    this.#packers = [new Packer(a, b), new Packer(b, a)];
    this.#paths = [this.#path(0), this.#path(1)];
    this.#lives.push(this.#life(plan.hosts));
    if (plan.reboots !== null) {
      const { host, at } = plan.reboots;
      this.#clock.at(at, () => this.#reboot(this.#lives[0].hosts[host]));
    }
  }

  allHosts(): Host[] {
    return this.#lives.flatMap(({ hosts }) => hosts);
  }

  run(): Outcome {
    // Who listens does so before anything can arrive.
    const [a, b] = this.#lives[0].hosts;
    b.open();
    a.open();
    this.#runToTheEnd();
    for (const [life, { hosts }] of this.#lives.entries()) {
      for (const host of hosts) this.#situations.close(host, life + 1 < this.#lives.length);
      this.#checkEnd(hosts);
    }
    check(pool.rings === 0, () => `${pool.rings} rings were not given back`);
    const [toB, toA] = this.#paths.map(({ counters }) => counters);
    const hosts = this.allHosts();
    const counters = hosts.map(({ endpoint }) => endpoint.status().counters);
    return {
      seed: this.plan.seed,
      hash: this.trace.hash,
      segments: this.#lives.reduce((sum, { watch }) => sum + watch.segments, 0),
      sent: [a.application.sent, b.application.sent],
      bytes: hosts.reduce((sum, { application }) => sum + application.received, 0),
      retransmitted: counters.reduce((sum, { retransmits }) => sum + retransmits, 0),
      lost: toA.lost + toB.lost + toA.queueFull + toB.queueFull + toA.tooBig + toB.tooBig,
      reordered: toA.reordered + toB.reordered,
      duplicated: toA.duplicated + toB.duplicated,
      corrupted: toA.corrupted + toB.corrupted,
      cancelled: this.#cancelled,
      duration: this.#clock.now,
      steps: this.#steps,
      peakBytes: pool.peak,
      reasons: [reasonOf(a), reasonOf(b)],
      met: [...this.#situations.met],
    };
  }

  #path(i: number): Path {
    const { settings, changes } = this.plan.paths[i];
    const random = this.#random.fork(`path ${"AB"[i]}`);
    const path = new Path(this.#clock, random, settings, (packet) => this.#arrive(1 - i, packet));
    for (const { at, settings } of changes) {
      this.#clock.at(at, () => {
        path.set(settings);
        if (settings.down && path.inFlight > 0) this.#tap?.cut();
      });
    }
    return path;
  }

  #life(plans: readonly [HostPlan, HostPlan], clocks?: readonly [HostClock, HostClock]): Life {
    const life = this.#lives.length;
    const host = (i: 0 | 1) => {
      const random = this.#random.fork(life === 0 ? `host ${"AB"[i]}` : `host ${"AB"[i]} again`);
      const outlet = {
        transmit: (segment: Uint8Array, ecn: number) => this.#transmit(life, i, segment, ecn),
        event: (type: string) => this.trace.event(this.#clock.now, i, type),
      };
      return new Host(i, plans[i], this.#addresses, this.#clock, random, outlet, clocks?.[i]);
    };
    const hosts = [host(0), host(1)] as const;
    const watched = (i: 0 | 1) => ({
      ...this.#addresses[i],
      settings: plans[i].settings,
      bakes: plans[i].listener !== null,
    });
    const queued = (i: 0 | 1) => () => hosts[i].application.sent;
    const watch = new SegmentWatch(this.plan.family, [watched(0), watched(1)], [queued(0), queued(1)]);
    return { hosts, watch };
  }

  #runToTheEnd(): void {
    const clock = this.#clock;
    for (;;) {
      check(++this.#steps < MOST_STEPS, "no end in sight");
      let first: Host | undefined;
      let due = Number.POSITIVE_INFINITY;
      for (const { hosts } of this.#lives) {
        for (const host of hosts) {
          const at = host.due();
          if (at < due) {
            first = host;
            due = at;
          }
        }
      }
      if (first === undefined || clock.next <= due) {
        if (!clock.step()) break;
      } else {
        clock.run(due);
        first.wake();
      }
      if (this.#steps % LOOKS_EVERY === 0) this.#look();
      if (this.plan.reopens !== null && !this.#isReopening) this.#reopenLater();
    }
    this.#stopListening();
  }

  #look(): void {
    for (const host of this.allHosts()) {
      checkInvariants(host);
      this.#situations.look(host);
    }
  }

  /** A listener whose peer gave up waits for the next one: the only state that nothing ends. */
  #stopListening(): void {
    for (const host of this.allHosts()) {
      if (host.endpoint.state !== "LISTEN" && host.listener === null) continue;
      check(!this.plan.orderly, "a listener that nobody has reached");
      host.stopListening();
    }
  }

  #reboot(host: Host): void {
    if (host.application.over !== undefined) return;
    host.reboot();
    this.trace.event(this.#clock.now, host.number, "reboots");
  }

  /** Once the first connection is over for one end, and the other waits whether that knows. */
  #reopenLater(): void {
    const [a, b] = this.#lives[0].hosts;
    const client = a.application.over !== undefined ? a : b;
    const server = client === a ? b : a;
    if (client.application.over === undefined || server.endpoint.state !== "TIME-WAIT") return;
    this.#isReopening = true;
    // Not before what was under way has arrived: TIME-WAIT that is cut short no longer protects from that.
    const quiet = Math.max(this.#clock.now, this.plan.heals) + LONGEST_WAY;
    this.#clock.at(quiet + this.plan.reopens!.after, () => this.#reopen(client.number));
  }

  #reopen(client: number): void {
    const { hosts } = this.#lives[0];
    const plans = hosts.map(({ plan, number }): HostPlan => {
      const { bytes } = plan.application;
      const isClient = number === client;
      return {
        ...plan,
        opens: isClient ? "active" : "passive",
        listener: null,
        initialSequence: isClient ? this.plan.reopens!.initialSequence : plan.initialSequence ^ 0x55555555,
        fastOpen: "off",
        settings: { ...plan.settings, maxRto: 120_000 }, // longer than TIME-WAIT in all
        application: { ...plan.application, bytes: Math.min(bytes, 500), closes: "sent", changes: [] },
      };
    });
    const [a, b] = hosts;
    const life = this.#life([plans[0], plans[1]], [a.clock, b.clock]);
    this.#lives.push(life);
    life.hosts[1 - client].open();
    life.hosts[client].open();
  }

  #transmit(life: number, i: number, segment: Uint8Array, ecn: number): void {
    const path = this.#paths[i];
    const { now } = this.#clock;
    this.#lives[life].watch.sent(i, segment);
    const identification = path.counters.sent & 0xffff;
    const packet = this.#packers[i].pack(segment, ecn, identification);
    const fate = path.send(packet);
    fates[i][identification] = fate;
    livesOf[i][identification] = life;
    this.trace.segment(now, ">", i, segment, () => fateNames(fate).join(", "));
    this.#tap?.sent(i, packet, now, fate, life);
    if (fate & TOO_BIG && this.plan.paths[i].icmp)
      this.#tellTooBig(this.#lives[life].hosts[i], segment, path);
  }

  /** The router before the narrow link says so (RFC 1191, RFC 4443), after the time to it and back. */
  #tellTooBig(host: Host, segment: Uint8Array, path: Path): void {
    const { mtu, delay } = path.settings;
    const quoted = segment.slice(0, 8);
    const [type, code] = this.plan.family === 4 ? [3, 4] : [2, 0];
    this.#clock.after(delay, () => {
      host.endpoint.onIcmp({ type, code, mtu, quoted });
      host.drain();
    });
  }

  #arrive(i: number, packet: Uint8Array): void {
    const segment = segmentIn(packet);
    const identification = identificationOf(packet);
    const life = livesOf[1 - i][identification];
    const isCorrupt = (fates[1 - i][identification] & CORRUPTED) !== 0;
    if (isCorrupt && this.#isIntact(i, segment)) {
      this.#cancelled++;
      return;
    }
    this.#tap?.arrived(i, packet, this.#clock.now, life);
    this.trace.segment(this.#clock.now, "<", i, segment, () => (isCorrupt ? "corrupted" : ""));
    const host = this.#receiver(i, segment);
    if (isCorrupt) {
      this.#arriveCorrupt(host, segment);
      return;
    }
    this.#lives[life].watch.arrived(i, segment);
    host.arrive(segment, ecnOf(packet));
    host.drain();
  }

  /** Who of host `i` gets a segment: TIME-WAIT, until it makes way (RFC 9293 3.6.1). */
  #receiver(i: number, segment: Uint8Array): Host {
    const [before, now] = this.#lives;
    if (now === undefined) return before.hosts[i];
    const old = before.hosts[i];
    if (old.endpoint.state !== "TIME-WAIT") return now.hosts[i];
    if (!old.endpoint.yieldsTo(segment)) return old;
    old.makeWay();
    return now.hosts[i];
  }

  #isIntact(i: number, segment: Uint8Array): boolean {
    const dst = this.#addresses[i].address;
    const src = this.#addresses[1 - i].address;
    return verifyChecksum(segment, { src, dst }) === "good";
  }

  /** Nothing may come of it but a count. */
  #arriveCorrupt(host: Host, segment: Uint8Array): void {
    if (host.listener !== null) {
      const before = host.listener.status();
      host.arrive(segment);
      check(host.listener?.status() === before, "a corrupted segment changed a listener");
      return;
    }
    const { endpoint } = host;
    const before = endpoint.status();
    host.arrive(segment);
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

  #checkEnd(hosts: readonly [Host, Host]): void {
    const { orderly, faultless } = this.plan;
    const [a, b] = hosts;
    for (const host of hosts) {
      host.application.readRest();
      const name = "AB"[host.number];
      const { state, counters, options } = host.endpoint.status();
      check(state === "CLOSED", () => `nothing happens any more, and ${name} is in ${state}`);
      check(
        host.application.over !== undefined || host.isForgotten,
        () => `${name} was not told that it is closed`,
      );
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
  }
}

function reasonOf(host: Host): string {
  if (host.isForgotten) return "forgotten";
  if (host.hasMadeWay) return "finished";
  const { over } = host.application;
  return over === undefined ? "open" : over.reason;
}

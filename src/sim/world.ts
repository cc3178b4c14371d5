import type { Box, Surroundings } from "./boxes/box.ts";
import { Clock } from "./clock.ts";
import { type Connection, Machine, type MachineOptions } from "./machine.ts";
import { Port, Routes, type Station } from "./network.ts";
import { Path, type PathSettings } from "./path.ts";
import { type Ground, Place } from "./place.ts";
import { Random } from "./random.ts";
import { Tap } from "./tap.ts";
import { Trace } from "./trace.ts";

/** Midnight of 1 January 2026, UTC: when a world begins, unless it is told otherwise. */
const EPOCH = 1_767_225_600_000;

export interface WorldOptions {
  /** All randomness comes of it; 1. */
  readonly seed?: number | string;
  /** What captures say of the world's time 0, in milliseconds since 1970; midnight of 1 January 2026. */
  readonly epoch?: number;
  /** Keeps every packet's way, every change of state and every remark in `trace`; true. Switch it off for long runs. */
  readonly trace?: boolean;
}

/** A cable between two stations: a path each way. */
export interface Cable {
  readonly a: Port;
  readonly b: Port;
  /** From the first station to the second. */
  readonly forth: Path;
  readonly back: Path;
  /** Changes both ways at once (`Path.set`). */
  set(changes: Partial<PathSettings>): void;
}

/**
 * A network in virtual time: hosts, cables and boxes between them, taps. Nothing in it depends on anything but its seed
 * and what is done in it: the same world run twice sends the same bytes at the same times, in every runtime.
 *
 * @example
 * ```ts
 * import { World } from "tcpwire/sim";
 *
 * const world = new World({ seed: 7 });
 * const client = world.host("client", "192.0.2.1");
 * const server = world.host("server", "198.51.100.2");
 * world.link(client, server, { delay: 10 });
 * let heard = "";
 * server.listen(80, () => ({ data: (bytes) => (heard += new TextDecoder().decode(bytes)) }));
 * const connection = client.connect("198.51.100.2", 80);
 * connection.send(new TextEncoder().encode("hello"));
 * world.run(1000);
 * [connection.state, heard]; // -> [ "ESTABLISHED", "hello" ]
 * ```
 */
export class World {
  readonly clock: Clock;
  /** For what is done in the world; its parts have generators of their own. */
  readonly random: Random;
  readonly trace: Trace | undefined;
  readonly #epoch: number;
  readonly #routes = new Routes();
  readonly #stations: Station[] = [];
  readonly #taps: Tap[] = [];
  readonly #surroundings: Surroundings;
  readonly #ground: Ground;
  /** The packet that a box has just been given; 0 when whoever sends makes a new one. */
  #passing = 0;

  constructor({ seed = 1, epoch = EPOCH, trace = true }: WorldOptions = {}) {
    this.clock = new Clock();
    this.random = new Random(seed);
    this.trace = trace ? new Trace() : undefined;
    this.#epoch = epoch;
    this.#ground = { clock: this.clock, routes: this.#routes, trace: this.trace };
    this.#surroundings = {
      routes: this.#routes,
      dropped: (box, _, reason) => this.trace?.note(this.#passing, box.name, reason),
      noted: (box, text) => this.trace?.note(this.#passing, box.name, text),
      originate: (_, send) => this.#within(0, send),
    };
  }

  /** The time, milliseconds since it began. */
  get now(): number {
    return this.clock.now;
  }

  /** Its machines. */
  get machines(): Machine[] {
    return this.#stations.filter((station) => station instanceof Machine);
  }

  /** A new machine with a host on it, connected to nothing. @param address one, or several: the first is what it sends from */
  host(name: string, address: string | readonly string[], options: MachineOptions = {}): Machine {
    const random = this.random.fork(`host ${name}`);
    const addresses = typeof address === "string" ? [address] : address;
    const machine = new Machine(name, addresses, options, this.#ground, random);
    this.#stations.push(machine);
    return machine;
  }

  /**
   * A place for a `Host` of tcpwire/net, connected to nothing: `new Host(world.place("client", "192.0.2.1"))`. Its
   * sockets speak in promises, so let time pass with `runAsync`.
   *
   * @param mtu bytes of the largest packet that the host sends
   */
  place(name: string, address: string | readonly string[], mtu = 1500): Place {
    const random = this.random.fork(`place ${name}`);
    const addresses = typeof address === "string" ? [address] : address;
    const place = new Place(name, addresses, mtu, this.#ground, random);
    this.#stations.push(place);
    return place;
  }

  /** Puts a box into the world, connected to nothing, and returns it. */
  add<B extends Box>(box: B): B {
    box.settle(this.#surroundings);
    this.#stations.push(box);
    return box;
  }

  /**
   * Connects two stations.
   * @param forth how the cable is from `a` to `b`
   * @param back how it is the other way; the same when left out
   */
  link(
    a: Station,
    b: Station,
    forth: Partial<PathSettings> = {},
    back: Partial<PathSettings> = forth,
  ): Cable {
    const [from, to] = [new Port(a), new Port(b)];
    const cable = {
      a: from,
      b: to,
      forth: this.#path(from, to, forth),
      back: this.#path(to, from, back),
      set(changes: Partial<PathSettings>) {
        cable.forth.set(changes);
        cable.back.set(changes);
      },
    };
    this.#routes.forget();
    return cable;
  }

  /** Listens at ports, or at all ports that a station has by now, and captures what passes. */
  tap(...where: readonly (Port | Station)[]): Tap {
    const tap = new Tap(BigInt(this.#epoch) * 1_000_000n);
    for (const each of where) {
      const ports = each instanceof Port ? [each] : each.ports;
      for (const port of ports) tap.listen(port);
    }
    for (const { name, addresses } of this.#stations) {
      for (const address of addresses) tap.name(address, name);
    }
    this.#taps.push(tap);
    return tap;
  }

  /** Writes into the trace what no packet shows. @param whose the host or the connection whose doing it is */
  remark(whose: Machine | Connection, text: string): void {
    const isHost = whose instanceof Machine;
    const { name: host } = isHost ? whose : whose.machine;
    this.trace?.remark({ at: this.now, host, text, ...(isHost ? {} : { socket: whose.socket }) });
  }

  /** Writes a comment on the next packet of each tap. */
  comment(text: string): void {
    for (const tap of this.#taps) tap.say(text);
  }

  /** Has something done at a time. */
  at(time: number, what: () => void): void {
    this.clock.at(time, what);
  }

  /** Lets time pass up to `until`. @throws as `Clock.run` does, past ten million steps */
  run(until: number): void {
    this.clock.run(until, MOST_STEPS);
  }

  /**
   * The same, with a turn for promises after each step: what awaits something that has just happened goes on before
   * more time passes. Turns are counted, so that the same world does the same in every runtime.
   *
   * @throws as `run` does
   */
  async runAsync(until: number): Promise<void> {
    await turns();
    for (let left = MOST_STEPS; this.clock.next <= until; left--) {
      if (left <= 0) throw new Error(`World: ${MOST_STEPS} steps and it is only ${this.now} ms`);
      this.clock.step();
      await turns();
    }
    this.clock.run(until);
  }

  /** Turns everything off: its hosts give their memory back. What was seen stays. */
  close(): void {
    for (const machine of this.machines) machine.crash();
  }

  #path(from: Port, to: Port, settings: Partial<PathSettings>): Path {
    const random = this.random.fork(`path ${from.name} ${to.name}`);
    const path = new Path(this.clock, random, settings, (packet, now, tag) => {
      const { kind, name } = to.station;
      if (kind === "host") this.trace?.arrive(tag, name, now);
      this.#within(kind === "box" ? tag : 0, () => to.receive(packet, now, tag));
    });
    from.connect(
      to,
      path,
      () => this.now,
      (packet, port) => this.#tagOf(packet, port),
    );
    if (this.trace) {
      from.observers.push({
        sent: (_packet, _port, fate, _arrival, _now, tag) => this.trace!.fate(tag, fate),
      });
    }
    return path;
  }

  #tagOf(packet: Uint8Array, port: Port): number {
    if (this.#passing > 0) return this.#passing;
    return this.trace?.begin(packet, port.station.name, this.now) ?? 0;
  }

  #within(passing: number, run: () => void): void {
    const before = this.#passing;
    this.#passing = passing;
    run();
    this.#passing = before;
  }
}

const MOST_STEPS = 10_000_000;
/** Promises that may wait for one another within a step. */
const TURNS = 32;

async function turns(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await undefined;
}

import type { Clock as HostClock, Link, SocketStateChange } from "../net/index.ts";
import type { Clock } from "./clock.ts";
import type { Port, Routes, Station } from "./network.ts";
import type { Random } from "./random.ts";
import type { Trace } from "./trace.ts";

/** What a place needs of its world. */
export interface Ground {
  readonly clock: Clock;
  readonly routes: Routes;
  readonly trace: Trace | undefined;
}

/**
 * A place in a world for a `Host` of tcpwire/net, with everything that its constructor takes: the link into the world,
 * the world's time, randomness that repeats, and a pen for the world's trace. Made by `World.place`.
 */
export class Place implements Station {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: Port[] = [];
  readonly link: Link;
  readonly clock: HostClock;
  readonly random: () => number;
  readonly onState: ((change: SocketStateChange) => void) | undefined;
  #isOn = true;
  /** Timers that run, to be stopped when the power goes. */
  readonly #timers = new Set<() => void>();
  #deliver: (packet: Uint8Array) => void = ignore;

  constructor(
    name: string,
    addresses: readonly string[],
    mtu: number,
    { clock, routes, trace }: Ground,
    random: Random,
  ) {
    this.name = name;
    this.addresses = addresses;
    this.random = () => random.u32();
    this.clock = this.#clockOf(clock);
    this.onState = trace && ((change) => this.#note(trace, change, clock.now));
    this.link = {
      kind: "ip",
      mtu,
      start: (receive) => {
        this.#deliver = receive;
      },
      send: (packet) => {
        // What is nowhere to be found goes out at the first port, as to a default gateway.
        if (this.#isOn) (routes.of(this, packet) ?? this.ports[0])?.send(packet);
      },
      close: () => {
        this.#deliver = ignore;
      },
    };
  }

  get kind(): "host" | "off" {
    return this.#isOn ? "host" : "off";
  }

  /** The power goes: nothing is sent, heard or done here any more, and nobody is told. */
  turnOff(): void {
    this.#isOn = false;
    for (const stop of this.#timers) stop();
  }

  /** The power is back, for another host: whoever was there knows nothing. */
  turnOn(): void {
    this.#isOn = true;
  }

  receive(packet: Uint8Array): void {
    if (this.#isOn) this.#deliver(packet);
  }

  #note(trace: Trace, change: SocketStateChange, at: number): void {
    if (!this.#isOn) return;
    const { localPort, remoteAddress: remote, remotePort, state } = change;
    trace.enter({ at, host: this.name, localPort, remote, remotePort, state });
  }

  /** Virtual time as a host sees it. */
  #clockOf(clock: Clock): HostClock {
    return {
      now: () => clock.now,
      timer: (run) => {
        let handle = -1;
        const stop = () => clock.cancel(handle);
        this.#timers.add(stop);
        return {
          set: (at) => {
            stop();
            handle = at === Number.POSITIVE_INFINITY || !this.#isOn ? -1 : clock.at(at, run);
          },
        };
      },
    };
  }
}

function ignore(): void {}

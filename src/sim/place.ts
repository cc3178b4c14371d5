import type { Clock as HostClock, Link } from "../net/index.ts";
import type { Clock } from "./clock.ts";
import type { Port, Routes, Station } from "./network.ts";
import type { Random } from "./random.ts";

/**
 * A place in a world for a `Host` of tcpwire/net, with everything that its constructor takes: the link into the world,
 * the world's time, and randomness that repeats. Made by `World.place`.
 */
export class Place implements Station {
  readonly kind = "host";
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: Port[] = [];
  readonly link: Link;
  readonly clock: HostClock;
  readonly random: () => number;
  #deliver: (packet: Uint8Array) => void = () => {};

  constructor(
    name: string,
    addresses: readonly string[],
    mtu: number,
    clock: Clock,
    routes: Routes,
    random: Random,
  ) {
    this.name = name;
    this.addresses = addresses;
    this.random = () => random.u32();
    this.clock = hostClock(clock);
    this.link = {
      kind: "ip",
      mtu,
      start: (receive) => {
        this.#deliver = receive;
      },
      send: (packet) => {
        // What is nowhere to be found goes out at the first port, as to a default gateway.
        (routes.of(this, packet) ?? this.ports[0])?.send(packet);
      },
      close: () => {
        this.#deliver = () => {};
      },
    };
  }

  receive(packet: Uint8Array): void {
    this.#deliver(packet);
  }
}

/** Virtual time as a host sees it. */
function hostClock(clock: Clock): HostClock {
  return {
    now: () => clock.now,
    timer(run) {
      let handle = -1;
      return {
        set(at) {
          clock.cancel(handle);
          handle = at === Number.POSITIVE_INFINITY ? -1 : clock.at(at, run);
        },
      };
    },
  };
}

import { destinationOf } from "./packet.ts";
import { DROPPED, type Path } from "./path.ts";

/** What hangs in a network: a host, or a box between hosts. */
export interface Station {
  readonly name: string;
  /** Where packets end, or pass; a host that is off hears nothing. */
  readonly kind: "host" | "box" | "off";
  /** IP addresses that packets for it carry. */
  readonly addresses: readonly string[];
  /** Its ends of cables, in the order in which they were plugged in. */
  readonly ports: Port[];
  /** Takes a packet that arrived at one of them. It is borrowed, and may be changed until the call returns. */
  receive(packet: Uint8Array, port: Port, now: number): void;
}

/** What looks at the packets of a port. They are borrowed, and not to be changed. */
export interface PortObserver {
  /** Sent, with what becomes of it (`Watch`). */
  sent?(packet: Uint8Array, port: Port, fate: number, arrival: number, now: number, tag: number): void;
  /** Arrived, before its station sees it. */
  received?(packet: Uint8Array, port: Port, now: number, tag: number): void;
}

/** One end of a cable, where a station sends and receives. */
export class Port {
  readonly station: Station;
  /** `client0`: its station's name and its place among the ports. */
  readonly name: string;
  readonly observers: PortObserver[] = [];
  #path: Path | undefined;
  #peer: Port | undefined;
  #tagOf: (packet: Uint8Array, port: Port) => number = () => 0;

  constructor(station: Station) {
    this.station = station;
    this.name = `${station.name}.${station.ports.length}`;
    station.ports.push(this);
  }

  /** The port at the other end of the cable. */
  get peer(): Port {
    if (this.#peer === undefined) throw new Error(`${this.name} is not connected`);
    return this.#peer;
  }

  /** What the port sends into. */
  get path(): Path {
    if (this.#path === undefined) throw new Error(`${this.name} is not connected`);
    return this.#path;
  }

  /** Plugs in a cable. @param tagOf the number by which a packet sent is known on its way */
  connect(
    peer: Port,
    path: Path,
    now: () => number,
    tagOf: (packet: Uint8Array, port: Port) => number,
  ): void {
    this.#peer = peer;
    this.#path = path;
    this.#tagOf = tagOf;
    path.watch = (packet, _, fate, arrival, tag) => {
      for (const observer of this.observers) observer.sent?.(packet, this, fate, arrival, now(), tag);
    };
  }

  /** @returns whether it will arrive */
  send(packet: Uint8Array): boolean {
    return (this.path.send(packet, this.#tagOf(packet, this)) & DROPPED) === 0;
  }

  /** A packet arrives. */
  receive(packet: Uint8Array, now: number, tag: number): void {
    for (const observer of this.observers) observer.received?.(packet, this, now, tag);
    this.station.receive(packet, this, now);
  }
}

/**
 * Which port of a station leads to an address, by the fewest cables; the cables need no more than to be there. What was
 * found is kept until `forget`, which is called when a cable is plugged in.
 */
export class Routes {
  readonly #known = new Map<Station, Map<string, Port | undefined>>();

  forget(): void {
    this.#known.clear();
  }

  /** The port of `from` that leads to the packet's destination; `undefined` where none does. */
  of(from: Station, packet: Uint8Array): Port | undefined {
    return this.to(from, destinationOf(packet));
  }

  /** The port of `from` that leads to `address`; `undefined` where none does. */
  to(from: Station, address: string): Port | undefined {
    let routes = this.#known.get(from);
    if (routes === undefined) {
      routes = new Map();
      this.#known.set(from, routes);
    }
    if (!routes.has(address)) routes.set(address, search(from, address));
    return routes.get(address);
  }
}

function search(from: Station, address: string): Port | undefined {
  // What is for itself leads nowhere: not to a neighbour, who would send it back.
  if (from.addresses.includes(address)) return undefined;
  const seen = new Set<Station>([from]);
  let front = from.ports.map((first) => ({ first, at: first.peer.station }));
  while (front.length > 0) {
    const found = front.find(({ at }) => at.addresses.includes(address));
    if (found) return found.first;
    front = front.flatMap(({ first, at }) => {
      if (seen.has(at)) return [];
      seen.add(at);
      return at.ports.map((port) => ({ first, at: port.peer.station }));
    });
  }
  return undefined;
}

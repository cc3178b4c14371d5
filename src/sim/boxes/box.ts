import type { Port, Routes, Station } from "../network.ts";
import { isIp, lowerHops } from "../packet.ts";
import { fragmentsOf } from "./fragments.ts";
import { type IcmpReason, icmpErrorAbout } from "./icmp.ts";

/** What a box needs of the world it stands in. */
export interface Surroundings {
  readonly routes: Routes;
  /** The packet that just arrived goes no further. */
  dropped(box: Box, packet: Uint8Array, reason: string): void;
  /** It has done something to the packet that just arrived. */
  noted(box: Box, text: string): void;
  /** What is sent within `send` is a packet of the box's own, and not the one that just arrived. */
  originate(box: Box, send: () => void): void;
}

/** A packet that goes no further. */
export interface Drop {
  readonly reason: string;
  /** What the box sends instead. */
  readonly answer?: Uint8Array | undefined;
}

/**
 * A box between hosts: packets come in at a port, may be changed, dropped or answered, and go on by their destination.
 * Made by itself and put into a world by `World.add`.
 *
 * With an address it tells whoever sent a packet why it goes no further, by ICMP: it is larger than the next link takes,
 * its hops are used up, no route leads there. Without one it is silent: a black hole. IPv4 that does not forbid it goes on
 * in fragments where it is too large.
 */
export abstract class Box implements Station {
  readonly kind = "box";
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: Port[] = [];
  #surroundings: Surroundings | undefined;

  constructor(name: string, addresses: readonly string[] = []) {
    this.name = name;
    this.addresses = addresses;
  }

  /** Called once, by the world. */
  settle(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
  }

  receive(packet: Uint8Array, port: Port, now: number): void {
    const drop = this.#judge(packet, port, now);
    if (drop === undefined) this.#forward(packet);
    else this.#drop(packet, drop);
  }

  /**
   * Does what the box is for; the packet may be changed.
   * @returns why it goes no further; nothing when it goes on to its destination
   */
  protected abstract handle(packet: Uint8Array, port: Port, now: number): Drop | undefined;

  /** Sends a packet of the box's own. */
  protected send(packet: Uint8Array): void {
    this.#around.originate(this, () => this.#forward(packet));
  }

  /** A packet that goes no further, its source told so, where the box has an address to tell it from. */
  protected refuse(packet: Uint8Array, reason: IcmpReason, mtu?: number): Drop {
    const isV4 = packet[0] >> 4 === 4;
    const from = this.addresses.find((address) => !address.includes(":") === isV4);
    return {
      reason,
      answer: from === undefined ? undefined : icmpErrorAbout(this.asSent(packet), from, reason, mtu),
    };
  }

  /** A packet as its sender knows it, for an error to quote: where the box changed its ends, a copy with the old ones. */
  protected asSent(packet: Uint8Array): Uint8Array {
    return packet;
  }

  #drop(packet: Uint8Array, { reason, answer }: Drop): void {
    this.#around.dropped(this, packet, reason);
    if (answer) this.send(answer);
  }

  #judge(packet: Uint8Array, port: Port, now: number): Drop | undefined {
    if (!isIp(packet)) return { reason: "no IP packet" };
    if (lowerHops(packet) <= 0) return this.refuse(packet, "hop limit exceeded");
    return this.handle(packet, port, now);
  }

  #forward(packet: Uint8Array): void {
    const port = this.#around.routes.of(this, packet);
    if (port === undefined) {
      this.#drop(packet, this.refuse(packet, "no route"));
      return;
    }
    const { mtu } = port.path.settings;
    const fragments = packet.length <= mtu ? [packet] : fragmentsOf(packet, mtu);
    if (fragments === undefined) {
      this.#drop(packet, this.refuse(packet, "too big", mtu));
      return;
    }
    if (fragments.length > 1) this.#around.noted(this, `in ${fragments.length} fragments`);
    for (const fragment of fragments) port.send(fragment);
  }

  get #around(): Surroundings {
    if (this.#surroundings === undefined) throw new Error(`${this.name} is in no world: World.add`);
    return this.#surroundings;
  }
}

/** A box that does nothing but its routing, and tells of what it cannot pass on when it has an address. */
export class Router extends Box {
  protected handle(): undefined {}
}

/** A station that sends what it likes, as whoever it likes, and hears nothing that is not addressed to it. */
export class Attacker extends Box {
  /** What came for one of its addresses, the newest last. */
  readonly heard: Uint8Array[] = [];

  override receive(packet: Uint8Array): void {
    this.heard.push(packet.slice());
  }

  protected handle(): undefined {}

  /** Sends a packet, its source address whatever it says. */
  inject(packet: Uint8Array): void {
    this.send(packet);
  }
}

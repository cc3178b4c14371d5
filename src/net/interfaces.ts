import { Ethernet } from "./ethernet.ts";
import { macOf, randomMac } from "./ethernet-address.ts";
import type { InterfaceOptions, PacketStreams, RouteOptions } from "./host-options.ts";
import { Interface, type LocalAddress } from "./interface.ts";
import { type IpAddress, ipAddress, isWithin, type Prefix, parsePrefix } from "./ip-address.ts";
import { type Link, type Receive, streamLink } from "./link.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Route } from "./routes.ts";
import type { Stack } from "./stack.ts";

const LOOPBACK_MTU = 16384;
const LEAST_MTU = 68;
const LARGEST_MTU = 65535;
const EVERYWHERE = ["0.0.0.0/0", "::/0"].map(parsePrefix);

/** Gives a host its links, addresses and routes. */
export class Interfaces {
  readonly #stack: Stack;
  /** By what the caller knows them as. */
  readonly #byLink = new Map<Link | PacketStreams, Interface>();
  #hasDefault = false;

  constructor(stack: Stack) {
    this.#stack = stack;
    const loopback = this.#add(new LoopbackLink(), true, null);
    for (const text of ["127.0.0.1/8", "::1"]) this.#addAddress(loopback, parsePrefix(text));
  }

  /** @throws {TypeError} {RangeError} for options that make no sense */
  add({ link: given, addresses, gateway, mac }: InterfaceOptions): void {
    const link = "start" in given ? given : streamLink(given);
    const ethernet = link.kind === "ethernet" ? this.#ethernet(mac) : null;
    const made = this.#add(link, false, ethernet);
    ethernet?.serve(made);
    this.#byLink.set(given, made);
    for (const text of addresses) this.#addAddress(made, parsePrefix(text));
    const gateways = typeof gateway === "string" ? [gateway] : (gateway ?? []);
    for (const text of gateways) {
      const via = ipAddress(text);
      const to = EVERYWHERE.find(({ address }) => address.family === via.family)!;
      this.#stack.routes.add({ to, interface: made, via });
    }
    if (link.kind === "ip" && gateways.length === 0 && !this.#hasDefault) {
      this.#hasDefault = true;
      for (const to of EVERYWHERE) this.#stack.routes.add({ to, interface: made, via: null });
    }
  }

  addRoute({ to, via, link }: RouteOptions): void {
    const by = link === undefined ? this.#stack.interfaces[1] : this.#byLink.get(link);
    if (by === undefined) throw new TypeError(`route to ${to}: not one of the host's links`);
    this.#stack.routes.add({
      to: parsePrefix(to),
      interface: by,
      via: via === undefined ? null : ipAddress(via),
    });
  }

  /** The address that packets by `route` come from: of the same network if there is one, and of the same interface. */
  sourceFor(route: Route, to: IpAddress): LocalAddress | undefined {
    const ours = this.#stack.addresses.filter(({ address }) => address.family === to.family);
    const near = ours.filter((local) => local.interface === route.interface);
    return (
      ours.find(({ address }) => address.equals(to)) ??
      near.find((local) => isWithin(local, route.via ?? to)) ??
      near[0] ??
      ours.find((local) => !local.interface.isLoopback)
    );
  }

  #ethernet(mac: Uint8Array | undefined): Ethernet {
    return new Ethernet(this.#stack, mac === undefined ? randomMac(this.#stack.random) : macOf(mac));
  }

  #add(link: Link, isLoopback: boolean, neighbours: Neighbours | null): Interface {
    const { mtu } = link;
    if (!(Number.isInteger(mtu) && mtu >= LEAST_MTU && mtu <= LARGEST_MTU)) {
      throw new RangeError(`mtu: ${mtu} is not ${LEAST_MTU} to ${LARGEST_MTU}`);
    }
    const stack = this.#stack;
    const made = new Interface(link, isLoopback, neighbours, stack.pool, stack.counters);
    stack.interfaces.push(made);
    const receive: Receive = (packet, more = false) => stack.arrived(made, packet, more);
    link.start(
      receive,
      () => stack.resume(),
      (error) => stack.ended(made, error),
    );
    return made;
  }

  #addAddress(made: Interface, { address, bits }: Prefix): void {
    const stack = this.#stack;
    const local: LocalAddress = { address, bits, interface: made, index: stack.addresses.length };
    made.addresses.push(local);
    stack.addresses.push(local);
    const [loopback] = stack.interfaces;
    const all = address.family === 4 ? 32 : 128;
    stack.routes.add({ to: { address, bits: all }, interface: loopback, via: null });
    if (bits < all) stack.routes.add({ to: { address, bits }, interface: made, via: null });
  }
}

/** What a host sends to itself: the packets wait until it has done what it is at. */
class LoopbackLink implements Link {
  readonly kind = "ip";
  readonly mtu = LOOPBACK_MTU;
  #receive: Receive = () => {};

  start(receive: Receive): void {
    this.#receive = receive;
  }

  send(packet: Uint8Array, more?: boolean): void {
    this.#receive(packet, more);
  }
}

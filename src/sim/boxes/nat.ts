import { ACK, SYN, TCP_DST_PORT, TCP_OFFSET_FLAGS, TCP_SRC_PORT } from "../../../assembly/layout/wire.ts";
import { get16 } from "../../wire/bytes.ts";
import { rewriteSegment } from "../../wire/rewrite.ts";
import type { Port } from "../network.ts";
import { destinationOf, endKey, readdress, sourceOf, tcpOffset } from "../packet.ts";
import { Box, type Drop } from "./box.ts";
import { IdleTable } from "./idle-table.ts";
import { QUOTED_LEAST, type Quote, quoteIn, readdressError, resocket } from "./quote.ts";

export interface NatOptions {
  /** The address that everybody outside sees. */
  readonly address: string;
  /** Milliseconds of silence after which a mapping is forgotten; 7,440,000, the least of RFC 5382 REQ-5 (2 h 4 min). */
  readonly idleTimeout?: number;
  /** Ports that may be mapped, first and last; 1024 to 65,535. */
  readonly ports?: readonly [first: number, last: number];
}

interface Mapping {
  readonly inside: string;
  readonly address: string;
  readonly port: number;
  readonly outer: number;
}

/**
 * A network address and port translator (NAPT): whoever sends through its first port, inside, appears outside as the
 * NAT's address and a port of its own, the same for all destinations (RFC 5382 REQ-1), others inside among them, who may
 * be reached by what outside knows them as ("hairpinning", REQ-8). The port stays what it was where it is free. Only a
 * SYN makes a mapping: what comes for a forgotten one vanishes. ICMP errors about what it has mapped pass both ways, and
 * quote what their receiver has sent (REQ-9; RFC 5508 REQ-3 to REQ-5, REQ-7): path-MTU discovery works through it.
 */
export class Nat extends Box {
  readonly #byInside: IdleTable<Mapping>;
  readonly #byPort = new Map<number, Mapping>();
  readonly #first: number;
  readonly #last: number;

  constructor(name: string, { address, idleTimeout = 7_440_000, ports = [1024, 65535] }: NatOptions) {
    super(name, [address]);
    [this.#first, this.#last] = ports;
    this.#byInside = new IdleTable(idleTimeout, this.#last - this.#first + 1, ({ outer }) => {
      this.#byPort.delete(outer);
    });
  }

  /** What is mapped at `now`: `["10.0.0.7:50000 -> 1024"]`. */
  mappings(now: number): string[] {
    this.#byInside.expire(now);
    return [...this.#byPort.values()].map(({ address, port, outer }) => `${address}:${port} -> ${outer}`);
  }

  protected handle(packet: Uint8Array, port: Port, now: number): Drop | undefined {
    const [address] = this.addresses;
    if (packet[0] >> 4 !== (address.includes(":") ? 6 : 4)) return { reason: "of another family" };
    this.#byInside.expire(now);
    const isOutwards = port === this.ports[0];
    const drop = this.#translate(packet, isOutwards, now);
    // From one inside to another, by what outside knows it as: out and in again.
    if (drop || !isOutwards || destinationOf(packet) !== address) return drop;
    return this.#translate(packet, false, now);
  }

  #translate(packet: Uint8Array, isOutwards: boolean, now: number): Drop | undefined {
    const at = tcpOffset(packet);
    if (at >= 0) return isOutwards ? this.#outwards(packet, at, now) : this.#inwards(packet, at, now);
    const quote = quoteIn(packet);
    if ("reason" in quote) return quote;
    return isOutwards ? this.#errorOutwards(packet, quote) : this.#errorInwards(packet, quote);
  }

  protected override asSent(packet: Uint8Array): Uint8Array {
    const tcp = tcpOffset(packet, QUOTED_LEAST);
    if (tcp < 0) return packet;
    const sent = { packet: packet.slice(), tcp };
    this.#reveal(sent);
    this.#hide(sent);
    return sent.packet;
  }

  #outwards(packet: Uint8Array, at: number, now: number): Drop | undefined {
    const inside = endKey(packet, at, true);
    const opens = (packet[at + TCP_OFFSET_FLAGS + 1] & (SYN | ACK)) === SYN;
    const mapping =
      this.#byInside.use(inside, now) ?? (opens ? this.#map(inside, packet, at, now) : undefined);
    if (mapping === undefined) return { reason: opens ? "no port is free" : "no mapping" };
    const from = sourceOf(packet);
    const [to] = this.addresses;
    rewriteSegment(packet.subarray(at), { srcPort: mapping.outer, src: { from, to } });
    readdress(packet, true, to);
    return undefined;
  }

  #inwards(packet: Uint8Array, at: number, now: number): Drop | undefined {
    const [from] = this.addresses;
    if (destinationOf(packet) !== from) return { reason: "not for this NAT" };
    const mapping = this.#byPort.get(get16(packet, at + TCP_DST_PORT));
    if (mapping === undefined) return { reason: "no mapping" };
    this.#byInside.use(mapping.inside, now);
    rewriteSegment(packet.subarray(at), { dstPort: mapping.port, dst: { from, to: mapping.address } });
    readdress(packet, false, mapping.address);
    return undefined;
  }

  // No mapping ends by an error (RFC 5382 REQ-10), and none lives longer for it: anybody can send one.

  /** From outside, about a packet that went out through here (RFC 5508 REQ-4). */
  #errorInwards(error: Uint8Array, quote: Quote): Drop | undefined {
    if (destinationOf(error) !== this.addresses[0]) return { reason: "not for this NAT" };
    const mapping = this.#reveal(quote);
    if (mapping === undefined) return { reason: "no mapping" };
    readdressError(error, false, mapping.address);
    return undefined;
  }

  /** From inside, about a packet that came in through here: as if the NAT had sent it (RFC 5508 REQ-5). */
  #errorOutwards(error: Uint8Array, quote: Quote): Drop | undefined {
    if (!this.#hide(quote)) return { reason: "no mapping" };
    readdressError(error, true, this.addresses[0]);
    return undefined;
  }

  /** Writes who sent it in place of what outside takes for its source. @returns whose that is */
  #reveal(quote: Quote): Mapping | undefined {
    if (sourceOf(quote.packet) !== this.addresses[0]) return undefined;
    const mapping = this.#byPort.get(get16(quote.packet, quote.tcp + TCP_SRC_PORT));
    if (mapping) resocket(quote, true, mapping);
    return mapping;
  }

  /** Writes what outside knows in place of a destination inside. */
  #hide(quote: Quote): boolean {
    const mapping = this.#byInside.look(endKey(quote.packet, quote.tcp, false));
    if (mapping) resocket(quote, false, { address: this.addresses[0], port: mapping.outer });
    return mapping !== undefined;
  }

  #map(inside: string, packet: Uint8Array, at: number, now: number): Mapping | undefined {
    const port = get16(packet, at + TCP_SRC_PORT);
    const outer = this.#freePort(port);
    if (outer === undefined) return undefined;
    const mapping = { inside, address: sourceOf(packet), port, outer };
    this.#byInside.set(inside, mapping, now);
    this.#byPort.set(outer, mapping);
    return mapping;
  }

  #freePort(wanted: number): number | undefined {
    const count = this.#last - this.#first + 1;
    const start = wanted >= this.#first && wanted <= this.#last ? wanted : this.#first;
    for (let i = 0; i < count; i++) {
      const port = this.#first + ((start - this.#first + i) % count);
      if (!this.#byPort.has(port)) return port;
    }
    return undefined;
  }
}

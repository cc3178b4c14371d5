import { ACK, SYN, TCP_DST_PORT, TCP_OFFSET_FLAGS, TCP_SRC_PORT } from "../../../assembly/layout/wire.ts";
import { get16 } from "../../wire/bytes.ts";
import { rewriteSegment } from "../../wire/rewrite.ts";
import type { Port } from "../network.ts";
import { destinationOf, endKey, readdress, sourceOf, tcpOffset } from "../packet.ts";
import { Box, type Drop } from "./box.ts";
import { IdleTable } from "./idle-table.ts";

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
 * NAT's address and a port of its own, the same for all destinations (RFC 5382 REQ-1). The port stays what it was where
 * it is free. Only a SYN makes a mapping: what comes for a forgotten one vanishes.
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
    const at = tcpOffset(packet);
    if (at < 0) return { reason: "no TCP" };
    return port === this.ports[0] ? this.#outwards(packet, at, now) : this.#inwards(packet, at, now);
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
    this.#byInside.expire(now);
    const mapping = this.#byPort.get(get16(packet, at + TCP_DST_PORT));
    if (mapping === undefined) return { reason: "no mapping" };
    this.#byInside.use(mapping.inside, now);
    rewriteSegment(packet.subarray(at), { dstPort: mapping.port, dst: { from, to: mapping.address } });
    readdress(packet, false, mapping.address);
    return undefined;
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

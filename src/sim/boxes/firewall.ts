import { ACK, SYN, TCP_DST_PORT, TCP_OFFSET_FLAGS } from "../../../assembly/layout/wire.ts";
import type { Port } from "../network.ts";
import { destinationOf, flowKey, reverseFlowKey, tcpOffset } from "../packet.ts";
import { Box, type Drop } from "./box.ts";
import { icmpErrorAbout } from "./icmp.ts";
import { IdleTable } from "./idle-table.ts";
import { quoteIn } from "./quote.ts";
import { resetFor } from "./reset.ts";

export interface FirewallOptions {
  /** Milliseconds of silence after which a connection is forgotten; 3,600,000. */
  readonly idleTimeout?: number;
  /** Ports that connections may be opened to from outside; none. */
  readonly open?: Iterable<number>;
  /** What meets a segment of no known connection: "drop", "reset", or ICMP's "prohibited" in the name of its destination. */
  readonly unknown?: "drop" | "reset" | "prohibited";
  /** ICMP errors: those about connections it knows pass ("related"), or none does ("drop"), path-MTU discovery's included. */
  readonly icmp?: "related" | "drop";
  /** Connections it remembers; 65,536. */
  readonly most?: number;
}

/**
 * A stateful firewall between its first port, inside, and its others: connections are opened from inside, or to open
 * ports, and what belongs to none is dropped. It tells nobody when it forgets one.
 */
export class Firewall extends Box {
  readonly #table: IdleTable<boolean>;
  readonly #open: ReadonlySet<number>;
  readonly #unknown: "drop" | "reset" | "prohibited";
  readonly #passesRelated: boolean;

  constructor(name: string, options: FirewallOptions = {}) {
    super(name);
    const { idleTimeout = 3_600_000, open = [], unknown = "drop", icmp = "related", most = 65_536 } = options;
    this.#table = new IdleTable(idleTimeout, most);
    this.#open = new Set(open);
    this.#unknown = unknown;
    this.#passesRelated = icmp === "related";
  }

  /** Connections it knows at `now`. */
  connections(now: number): number {
    return this.#table.size(now);
  }

  protected handle(packet: Uint8Array, port: Port, now: number): Drop | undefined {
    const at = tcpOffset(packet);
    const isInside = port === this.ports[0];
    if (at < 0) return this.#error(packet, isInside, now);
    // One entry stands for both directions, under the key of the packets from inside.
    const key = isInside ? flowKey(packet, at) : reverseFlowKey(packet, at);
    if (this.#table.use(key, now) !== undefined) return undefined;
    const flags = packet[at + TCP_OFFSET_FLAGS + 1];
    const opens = (flags & (SYN | ACK)) === SYN;
    if (
      opens &&
      (isInside || this.#open.has((packet[at + TCP_DST_PORT] << 8) | packet[at + TCP_DST_PORT + 1]))
    ) {
      this.#table.set(key, true, now);
      return undefined;
    }
    return { reason: "no such connection", answer: this.#answer(packet) };
  }

  /** An ICMP error passes when it is about a packet of a connection that is known, and errors may pass at all. */
  #error(error: Uint8Array, isInside: boolean, now: number): Drop | undefined {
    const quote = quoteIn(error);
    if ("reason" in quote) return quote;
    if (!this.#passesRelated) return { reason: "no ICMP passes" };
    const { packet, tcp } = quote;
    // Whoever sent what is quoted is on the other side of where the error comes from.
    const key = isInside ? reverseFlowKey(packet, tcp) : flowKey(packet, tcp);
    this.#table.expire(now);
    return this.#table.has(key) ? undefined : { reason: "no such connection" };
  }

  #answer(packet: Uint8Array): Uint8Array | undefined {
    if (this.#unknown === "drop") return undefined;
    return this.#unknown === "reset"
      ? resetFor(packet)
      : icmpErrorAbout(packet, destinationOf(packet), "prohibited");
  }
}

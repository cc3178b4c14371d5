import { TCP_DST_PORT, TCP_OFFSET_FLAGS, TCP_SRC_PORT } from "../../../assembly/layout/wire.ts";
import { get16 } from "../../wire/bytes.ts";
import { destinationOf, isIcmp, sourceOf, tcpOffset } from "../packet.ts";
import { Box, type Drop } from "./box.ts";
import { icmpErrorAbout } from "./icmp.ts";
import { resetFor } from "./reset.ts";

/** A rule in the manner of iptables: a packet matches when it has everything that is named. */
export interface FilterRule {
  /** Source address. */
  readonly from?: string;
  /** Destination address. */
  readonly to?: string;
  /** What it carries; ICMPv6 counts as ICMP. */
  readonly protocol?: "tcp" | "icmp";
  readonly srcPort?: number;
  readonly dstPort?: number;
  /** TCP flags of which at least one is set: `FIN | RST`. */
  readonly flags?: number;
  /** From this time on, in milliseconds. */
  readonly after?: number;
  /** Before this time. */
  readonly before?: number;
  /** `drop`: it vanishes; `reject`: it is answered; `accept`: no further rule is asked. */
  readonly action: "drop" | "reject" | "accept";
  /**
   * What a `reject` answers with, as iptables' `--reject-with`: a RST, when left out, or an ICMP error. Both come in the name
   * of the packet's destination, errors in the filter's own where it has an address.
   */
  readonly with?: "reset" | Rejection;
}

/** ICMP errors of filters. */
export type Rejection = "prohibited" | "host unreachable" | "port unreachable";

/**
 * A packet filter without memory: the first rule that matches decides, and what none matches goes on.
 *
 * @example
 * ```ts
 * import { Filter } from "tcpwire/sim";
 * import { FIN } from "tcpwire/wire";
 *
 * const filter = new Filter("iptables", [{ from: "10.0.0.2", flags: FIN, action: "drop" }]);
 * filter.rules.push({ after: 60_000, action: "drop" });
 * ```
 */
export class Filter extends Box {
  /** In the order in which they are asked; may be changed at any time. */
  readonly rules: FilterRule[];
  /** How many packets each rule has decided on. */
  readonly hits = new Map<FilterRule, number>();

  constructor(name: string, rules: Iterable<FilterRule> = [], addresses: readonly string[] = []) {
    super(name, addresses);
    this.rules = [...rules];
  }

  protected handle(packet: Uint8Array, _port: unknown, now: number): Drop | undefined {
    const at = tcpOffset(packet);
    const rule = this.rules.find((candidate) => matches(candidate, packet, at, now));
    if (rule === undefined) return undefined;
    this.hits.set(rule, (this.hits.get(rule) ?? 0) + 1);
    if (rule.action === "accept") return undefined;
    if (rule.action === "drop") return { reason: "dropped by a rule" };
    return { reason: "rejected by a rule", answer: this.#answer(rule, packet) };
  }

  #answer({ with: how = "reset" }: FilterRule, packet: Uint8Array): Uint8Array | undefined {
    if (how === "reset") return resetFor(packet);
    return this.refuse(packet, how).answer ?? icmpErrorAbout(packet, destinationOf(packet), how);
  }
}

function matches(rule: FilterRule, packet: Uint8Array, tcp: number, now: number): boolean {
  if (rule.after !== undefined && now < rule.after) return false;
  if (rule.before !== undefined && now >= rule.before) return false;
  if (rule.from !== undefined && sourceOf(packet) !== rule.from) return false;
  if (rule.to !== undefined && destinationOf(packet) !== rule.to) return false;
  if (rule.protocol === "tcp" && tcp < 0) return false;
  if (rule.protocol === "icmp" && !isIcmp(packet)) return false;
  if (rule.srcPort === undefined && rule.dstPort === undefined && rule.flags === undefined) return true;
  if (tcp < 0) return false;
  if (rule.srcPort !== undefined && get16(packet, tcp + TCP_SRC_PORT) !== rule.srcPort) return false;
  if (rule.dstPort !== undefined && get16(packet, tcp + TCP_DST_PORT) !== rule.dstPort) return false;
  return rule.flags === undefined || (get16(packet, tcp + TCP_OFFSET_FLAGS) & rule.flags) !== 0;
}

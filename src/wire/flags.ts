import { AE, CWR, ECE, FIN, RESERVED_MASK, SYN } from "../../assembly/layout/wire.ts";

export {
  ACK,
  AE,
  CWR,
  ECE,
  FIN,
  FLAGS_MASK,
  PSH,
  RESERVED_MASK,
  RST,
  SYN,
  URG,
} from "../../assembly/layout/wire.ts";

/** The control bits' names from the lowest bit up, in the order in which Wireshark lists them. */
const NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"] as const;

/** A control bit's name (RFC 9293 3.1; AE by RFC 9768, once NS). */
export type FlagName = (typeof NAMES)[number];

/** tcpdump's letters in the same order. */
const LETTERS = "FSRP.UEWe";

/** The names of the control bits that are set, from FIN up; the three reserved bits have none. */
export function flagNames(flags: number): FlagName[] {
  return NAMES.filter((_, bit) => (flags >> bit) & 1);
}

/**
 * Control bits as tcpdump prints them.
 *
 * @example
 * ```ts
 * import { ACK, formatFlags, SYN } from "tcpwire/wire";
 *
 * formatFlags(SYN | ACK); // -> "[S.]"
 * formatFlags(0); // -> "[none]"
 * ```
 */
export function formatFlags(flags: number): string {
  let letters = "";
  for (let bit = 0; bit < LETTERS.length; bit++) if ((flags >> bit) & 1) letters += LETTERS[bit];
  return `[${letters || "none"}]`;
}

/**
 * Control bits as Wireshark's info column lists them.
 *
 * @example
 * ```ts
 * import { ACK, describeFlags, SYN } from "tcpwire/wire";
 *
 * describeFlags(SYN | ACK); // -> "SYN, ACK"
 * describeFlags(0); // -> "<None>"
 * ```
 */
export function describeFlags(flags: number): string {
  const names: string[] = flagNames(flags);
  if (flags & RESERVED_MASK) names.push("Reserved");
  return names.join(", ") || "<None>";
}

/**
 * The bits of a text: tcpdump's letters, with or without brackets (`"[S.]"`, `"P."`), or names separated
 * by commas, bars or spaces, in either case (`"SYN, ACK"`, `"syn|ack"`). `""`, `"none"` and `"<None>"` are 0.
 *
 * @throws {TypeError} for a letter or name that is no control bit
 */
export function parseFlags(text: string): number {
  const bare = text.trim().replace(/^\[(.*)\]$/, "$1");
  if (/^(|none|<none>)$/i.test(bare)) return 0;
  if (/^[FSRP.UEWe]+$/.test(bare)) {
    return [...bare].reduce((flags, letter) => flags | (1 << LETTERS.indexOf(letter)), 0);
  }
  return bare.split(/[\s,|+]+/).reduce((flags, word) => {
    const bit = NAMES.indexOf(word.toUpperCase() as FlagName);
    if (bit < 0) throw new TypeError(`flags: no control bit is called ${JSON.stringify(word)}`);
    return flags | (1 << bit);
  }, 0);
}

// AE, CWR and ECE lie next to each other, so the ACE field is three bits of the word.
const ACE_SHIFT = 6;
const ACE_MASK = AE | CWR | ECE;

/**
 * The ACE field: AE, CWR and ECE read as one number, 0 to 7 (RFC 9768 3.2.2). After the handshake of a
 * connection that negotiated AccECN it is the sender's count of CE-marked packets, modulo 8.
 */
export function aceField(flags: number): number {
  return (flags & ACE_MASK) >> ACE_SHIFT;
}

/** `flags` with the ACE field set to `count` modulo 8. */
export function withAce(flags: number, count: number): number {
  return (flags & ~ACE_MASK) | ((count << ACE_SHIFT) & ACE_MASK);
}

/**
 * What a SYN offers: no ECN, the classic one of RFC 3168, or the accurate one of RFC 9768 (3.1.1). Combinations of AE,
 * CWR and ECE that nothing has a meaning for yet count as accurate (3.1.3, forward compatibility).
 */
export function ecnOffer(flags: number): "none" | "classic" | "accurate" {
  const ace = aceField(flags);
  if (ace === 0) return "none";
  return ace === 3 ? "classic" : "accurate";
}

/** The IP-ECN codepoints (RFC 3168 5). */
export type IpEcn = "not-ect" | "ect1" | "ect0" | "ce";

/**
 * What a SYN-ACK answers to an offer of accurate ECN, and, where it accepts, which IP-ECN codepoint the SYN
 * arrived with (RFC 9768 3.1.1, table 2). `broken` reflects the bits of the SYN; `reserved` was the ECN nonce.
 */
export function ecnAnswer(
  flags: number,
): { ecn: "none" | "classic" | "reserved" | "broken" } | { ecn: "accurate"; arrived: IpEcn } {
  switch (aceField(flags)) {
    case 0b010:
      return { ecn: "accurate", arrived: "not-ect" };
    case 0b011:
      return { ecn: "accurate", arrived: "ect1" };
    case 0b100:
      return { ecn: "accurate", arrived: "ect0" };
    case 0b110:
      return { ecn: "accurate", arrived: "ce" };
    case 0b001:
      return { ecn: "classic" };
    case 0b101:
      return { ecn: "reserved" };
    case 0b111:
      return { ecn: "broken" };
    default:
      return { ecn: "none" };
  }
}

/** Whether all of `bits` are set. */
export function hasAll(flags: number, bits: number): boolean {
  return (flags & bits) === bits;
}

/**
 * How many sequence numbers a segment takes up beyond its data: one each for SYN and FIN (RFC 9293 3.4).
 */
export function controlLength(flags: number): number {
  return (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}

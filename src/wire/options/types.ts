import type { SegmentCode } from "../errors.ts";
import type { AccEcnOption } from "./accecn.ts";
import type { EnoOption } from "./eno.ts";
import type { ExperimentOption } from "./experiments.ts";
import type { MptcpOption } from "./mptcp-types.ts";

/** A block of received data (RFC 2018 3): `left` is its first sequence number, `right` the one after its last. */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/**
 * One option of a TCP header. `type` tells which; all numbers are unsigned. The list of a parsed header holds
 * every one of its bytes, padding included, so that building it again gives the same bytes.
 */
export type TcpOption =
  /** Kind 0: the list ends; `padding` is what follows up to the end of the header (RFC 9293 3.1: zeros). */
  | { readonly type: "eol"; readonly padding?: Uint8Array }
  /** Kind 1. */
  | { readonly type: "nop" }
  /** Kind 2: the largest segment the sender wants to receive, without headers (RFC 9293 3.7.1). */
  | { readonly type: "mss"; readonly value: number }
  /** Kind 3: as on the wire, 0 to 255; a shift above 14 is used as 14 (RFC 7323 2.3, `effectiveShift`). */
  | { readonly type: "windowScale"; readonly shift: number }
  /** Kind 4 (RFC 2018 2). */
  | { readonly type: "sackPermitted" }
  /** Kind 5 (RFC 2018 3; a first block below the acknowledgment or inside the second is a D-SACK, RFC 2883). */
  | { readonly type: "sack"; readonly blocks: readonly SackBlock[] }
  /** Kinds 6 and 7 (RFC 1072, obsolete). */
  | { readonly type: "echo"; readonly value: number }
  | { readonly type: "echoReply"; readonly value: number }
  /** Kind 8 (RFC 7323 3.2). `tsecr` means something only with ACK. */
  | { readonly type: "timestamps"; readonly tsval: number; readonly tsecr: number }
  /** Kinds 9 and 10 (RFC 1693, historic). `reserved`: the low 6 bits, where not zero. */
  | { readonly type: "partialOrderPermitted" }
  | {
      readonly type: "partialOrderProfile";
      readonly start: boolean;
      readonly end: boolean;
      readonly reserved?: number;
    }
  /** Kinds 11 to 13: connection counts of T/TCP (RFC 1644, historic). */
  | { readonly type: "cc"; readonly count: number }
  | { readonly type: "ccNew"; readonly count: number }
  | { readonly type: "ccEcho"; readonly count: number }
  /** Kinds 14 and 15 (RFC 1146, historic). Algorithms: 0 TCP, 1 and 2 Fletcher's of 8 and 16 bits. */
  | { readonly type: "alternateChecksumRequest"; readonly algorithm: number }
  | { readonly type: "alternateChecksumData"; readonly data: Uint8Array }
  /** Kinds 16 and 17, of which no document exists. */
  | { readonly type: "skeeter"; readonly data: Uint8Array }
  | { readonly type: "bubba"; readonly data: Uint8Array }
  /** Kind 18. */
  | { readonly type: "trailerChecksum"; readonly value: number }
  /** Kind 19: 16 bytes (RFC 2385, obsoleted by TCP-AO). */
  | { readonly type: "md5"; readonly digest: Uint8Array }
  /** Kind 20 (CCSDS 714.0-B): the capability bits BETS, SNACK1, SNACK2, COM, NLTS from the highest down. */
  | {
      readonly type: "scps";
      readonly capabilities: number;
      readonly connectionId: number;
      readonly extended?: Uint8Array;
    }
  /** Kind 21 (CCSDS 714.0-B): a hole that lies `offset` above the acknowledgment, both in MSS units. */
  | { readonly type: "snack"; readonly offset: number; readonly size: number; readonly bits?: Uint8Array }
  /** Kinds 22 to 24 and 26 (CCSDS 714.0-B; S. Bellovin's compression filter). */
  | { readonly type: "recordBoundary"; readonly data: Uint8Array }
  | { readonly type: "corruptionExperienced"; readonly data: Uint8Array }
  | { readonly type: "snap"; readonly data: Uint8Array }
  | { readonly type: "compressionFilter"; readonly data: Uint8Array }
  /**
   * Kind 27 (RFC 4782 4.1). `rate` r stands for 40000 * 2^r bit/s, 0 for none. `reserved`: the high 4 bits of
   * the first byte, then the low 2 of the last, where not zero.
   */
  | {
      readonly type: "quickStart";
      readonly rate: number;
      readonly ttlDifference: number;
      readonly nonce: number;
      readonly reserved?: number;
    }
  /** Kind 28 (RFC 5482 3): `value` 0 to 32767 in the unit. */
  | { readonly type: "userTimeout"; readonly unit: "seconds" | "minutes"; readonly value: number }
  /** Kind 29 (RFC 5925 2.2). */
  | {
      readonly type: "tcpAo";
      readonly keyId: number;
      readonly rNextKeyId: number;
      readonly mac: Uint8Array;
    }
  | MptcpOption
  /**
   * Kind 34 (RFC 7413 4.1.1): 0 bytes ask for a cookie, 4 to 16 are one, an even number. `experiment` is the
   * kind when sent as experiment F989.
   */
  | { readonly type: "fastOpen"; readonly cookie: Uint8Array; readonly experiment?: 253 | 254 }
  | EnoOption
  | AccEcnOption
  | ExperimentOption
  /** Any other kind, or one of the above that no RFC fixes and whose contents are not as expected. */
  | { readonly type: "unknown"; readonly kind: number; readonly data: Uint8Array }
  /** What is not well formed: all its bytes from the kind on, and where they lay. */
  | {
      readonly type: "malformed";
      readonly code: SegmentCode;
      readonly offset: number;
      readonly bytes: Uint8Array;
    };

/** The `type` of an option. */
export type TcpOptionType = TcpOption["type"];

/** The options of one type. */
export type TcpOptionOf<T extends TcpOptionType> = Extract<TcpOption, { readonly type: T }>;

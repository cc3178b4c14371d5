export {
  MPTCP_CHECKSUM_REQUIRED,
  MPTCP_EXTENSIBILITY,
  MPTCP_HMAC,
  MPTCP_NO_MORE_SUBFLOWS,
} from "../../../assembly/layout/options.ts";

/**
 * The handshake (RFC 8684 3.1, RFC 6824 3.1 for version 0). Which fields there are depends on the segment:
 * a SYN of version 1 has no key, a SYN-ACK the sender's, the ACK both, and with data its length and
 * possibly its checksum too.
 */
export interface MpCapable {
  readonly type: "mptcp";
  readonly subtype: "MP_CAPABLE";
  readonly version: number;
  /** A to H, A highest: `MPTCP_CHECKSUM_REQUIRED` and the like. */
  readonly flags: number;
  readonly senderKey?: bigint;
  readonly receiverKey?: bigint;
  /** Bytes of data that the segment maps. */
  readonly dataLength?: number;
  readonly checksum?: number;
}

/** A further subflow joins: its SYN, SYN-ACK or ACK (RFC 8684 3.2). */
export type MpJoin = { readonly type: "mptcp"; readonly subtype: "MP_JOIN"; readonly reserved?: number } & (
  | {
      readonly phase: "syn";
      readonly backup: boolean;
      readonly addressId: number;
      readonly token: number;
      readonly random: number;
    }
  | {
      readonly phase: "syn-ack";
      readonly backup: boolean;
      readonly addressId: number;
      /** The leftmost 64 bits. */
      readonly hmac: Uint8Array;
      readonly random: number;
    }
  | {
      readonly phase: "ack";
      /** 160 bits. */
      readonly hmac: Uint8Array;
    }
);

/**
 * The data sequence signal (RFC 8684 3.3). A data acknowledgment or data sequence number of 8 bytes is a
 * bigint, one of 4 bytes a number.
 */
export interface Dss {
  readonly type: "mptcp";
  readonly subtype: "DSS";
  readonly dataFin: boolean;
  readonly dataAck?: number | bigint;
  readonly mapping?: {
    readonly dataSeq: number | bigint;
    /** Relative to the subflow's initial sequence number. */
    readonly subflowSeq: number;
    /** Bytes mapped. */
    readonly length: number;
    readonly checksum?: number;
  };
  readonly reserved?: number;
}

/** Another address of the sender (RFC 8684 3.4.1; RFC 6824 3.4.1 for version 0, which has no HMAC). */
export interface AddAddr {
  readonly type: "mptcp";
  readonly subtype: "ADD_ADDR";
  readonly version: 0 | 1;
  /** Version 1: repeats the option to confirm it. */
  readonly echo: boolean;
  readonly addressId: number;
  readonly address: string;
  readonly port?: number;
  /** The rightmost 64 bits. */
  readonly hmac?: Uint8Array;
  readonly reserved?: number;
}

/** Addresses that are gone (RFC 8684 3.4.2). */
export interface RemoveAddr {
  readonly type: "mptcp";
  readonly subtype: "REMOVE_ADDR";
  readonly addressIds: readonly number[];
  readonly reserved?: number;
}

/** A subflow becomes a backup or ceases to be one (RFC 8684 3.3.8; the address ID is version 0's). */
export interface MpPrio {
  readonly type: "mptcp";
  readonly subtype: "MP_PRIO";
  readonly backup: boolean;
  readonly addressId?: number;
  readonly reserved?: number;
}

/** A checksum failed: from here on there is one subflow or plain TCP (RFC 8684 3.7). */
export interface MpFail {
  readonly type: "mptcp";
  readonly subtype: "MP_FAIL";
  readonly dataSeq: bigint;
  readonly reserved?: number;
}

/** The whole connection is aborted (RFC 8684 3.5). */
export interface MpFastclose {
  readonly type: "mptcp";
  readonly subtype: "MP_FASTCLOSE";
  readonly receiverKey: bigint;
  readonly reserved?: number;
}

/** Why a subflow is reset (RFC 8684 3.6). */
export interface MpTcprst {
  readonly type: "mptcp";
  readonly subtype: "MP_TCPRST";
  /** U, V, W and T, U highest. */
  readonly flags: number;
  readonly reason: number;
}

/** A subtype that is private (0xF), unassigned, or of a length that its subtype does not have. */
export interface MptcpOther {
  readonly type: "mptcp";
  readonly subtype: "OTHER";
  /** 0 to 15. */
  readonly number: number;
  /** Everything after the length byte; the high 4 bits of the first byte are the number. */
  readonly data: Uint8Array;
}

/** Multipath TCP (kind 30). Nonzero reserved bits are kept in `reserved`. */
export type MptcpOption =
  | MpCapable
  | MpJoin
  | Dss
  | AddAddr
  | RemoveAddr
  | MpPrio
  | MpFail
  | MpFastclose
  | MpTcprst
  | MptcpOther;

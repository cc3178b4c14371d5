import type { Diagnosis } from "../../flow/index.ts";
import type { FindingCount } from "./findings.ts";
import type { AddressPair } from "./pairs.ts";

/**
 * What `tcpwire FILE` says of a capture, as plain data: what `--json` prints, and what the text is made of.
 * Times are RFC 3339 in UTC with nanoseconds, lengths bytes.
 */
export interface Report {
  readonly file: string;
  /** Bytes of the file, where that is known. */
  readonly size?: number;
  readonly format?: string;
  readonly compression?: string;
  readonly sections: number;
  readonly application?: string;
  readonly interfaces: readonly ReportInterface[];
  readonly span?: { readonly start: string; readonly end: string; readonly seconds: number };
  readonly frames: {
    readonly count: number;
    /** On the wire. */
    readonly bytes: number;
    readonly capturedBytes: number;
    /** Frames of which not every byte was captured. */
    readonly cutShort: number;
    readonly withoutIp: number;
    readonly tunnelled: number;
  };
  /** IP packets by what they carry; a packet inside another counts too. */
  readonly packets: {
    readonly ipv4: number;
    readonly ipv6: number;
    readonly tcp: number;
    readonly udp: number;
    readonly icmp: number;
    readonly other: number;
    readonly fragments: number;
    readonly reassembled: number;
    readonly fragmentsDropped: number;
  };
  readonly segments: {
    readonly count: number;
    readonly ipv4: number;
    readonly ipv6: number;
    readonly withPayload: number;
    readonly payloadBytes: number;
    readonly payloadCut: number;
    readonly vlan: number;
    readonly tunnelled: number;
    readonly zeroWindow: number;
    readonly superSegments: number;
  };
  /** Segments by flag: `SYN`, `ACK`... */
  readonly flags: Readonly<Record<string, number>>;
  /** SYNs without ACK, and with it. */
  readonly handshakes: { readonly syn: number; readonly synAck: number };
  readonly options: readonly { readonly kind: number; readonly name: string; readonly count: number }[];
  readonly checksums: {
    readonly good: number;
    readonly bad: number;
    readonly partial: number;
    readonly unverified: number;
    /** The first frames with a bad one. */
    readonly badFrames: readonly number[];
    /** Who sent the partial ones, the most first. */
    readonly partialSenders: readonly { readonly address: string; readonly count: number }[];
  };
  /** Conversations that the segments belong to. */
  readonly conversations: number;
  /** Those with the most bytes on the wire, the most first. */
  readonly busiest: readonly BusyFlow[];
  /** Segments with each of Wireshark's findings, the most frequent first, and the first frames of each. */
  readonly findings: readonly FindingCount[];
  /** What went wrong in the conversations, worst first, as `tcpwire diagnose` tells it. */
  readonly diagnoses: readonly Diagnosis[];
  readonly malformed: readonly {
    /** `tcp`: in the TCP header. The others kept the search from getting to one. */
    readonly where: "link" | "ip" | "tunnel" | "depth" | "tcp";
    readonly name: string;
    readonly says: string;
    readonly count: number;
    readonly frames?: readonly number[];
  }[];
  /** Segments in equal spans of time, `nanoseconds` each, from `start` on. */
  readonly activity?: {
    readonly start: string;
    readonly nanoseconds: number;
    readonly segments: readonly number[];
  };
  readonly pairs: {
    readonly count: number;
    readonly forgotten: number;
    readonly busiest: readonly AddressPair[];
  };
  /** Why reading stopped before the end. */
  readonly error?: string;
}

export interface ReportInterface {
  readonly section: number;
  readonly id: number;
  readonly name?: string;
  readonly description?: string;
  readonly linkType: string;
  /** Whether frames of this link type are searched for TCP. */
  readonly parsed: boolean;
  readonly ticksPerSecond: number;
  readonly snapLength: number;
  /** Packets that were lost in capturing, where the capture says. */
  readonly dropped?: number;
}

/** A conversation, as far as the report tells of it. Pairs are from the client to the server, and back. */
export interface BusyFlow {
  readonly stream: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  /** Zeek's. */
  readonly connState: string;
  readonly history: string;
  readonly packets: readonly [number, number];
  /** On the wire. */
  readonly bytes: readonly [number, number];
  readonly seconds: number;
  /** Segments judged to be sent again. */
  readonly resent: number;
}

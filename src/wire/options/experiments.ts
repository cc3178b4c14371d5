import {
  EXID_ACCECN,
  EXID_ACCECN_0,
  EXID_ACCECN_1,
  EXID_ACK_RATE_REQUEST,
  EXID_AUTONOMOUS_SYSTEM,
  EXID_CAPABILITY,
  EXID_ENO,
  EXID_EXTENDED_DATA_OFFSET,
  EXID_FAST_OPEN,
  EXID_HOST_ID,
  EXID_LOW_LATENCY,
  EXID_SERVICE_NUMBER,
  EXID_SMC_R,
  EXID_TIMESTAMP_INTERVAL,
} from "../../../assembly/layout/options.ts";

export {
  EXID_ACCECN,
  EXID_ACCECN_0,
  EXID_ACCECN_1,
  EXID_ACK_RATE_REQUEST,
  EXID_AUTONOMOUS_SYSTEM,
  EXID_CAPABILITY,
  EXID_ENO,
  EXID_EXTENDED_DATA_OFFSET,
  EXID_FAST_OPEN,
  EXID_HOST_ID,
  EXID_LOW_LATENCY,
  EXID_SERVICE_NUMBER,
  EXID_SMC_R,
  EXID_TIMESTAMP_INTERVAL,
};

/**
 * Experiment identifiers (RFC 6994 3, IANA TCP/UDP ExIDs) and their names. An identifier has 16 bits, or 32 where
 * it was registered so.
 */
const EXPERIMENTS: ReadonlyMap<number, string> = new Map([
  [EXID_ACK_RATE_REQUEST, "TCP ACK Rate Request"],
  [EXID_HOST_ID, "Host ID"],
  [EXID_AUTONOMOUS_SYSTEM, "Autonomous System Compensation"],
  [EXID_CAPABILITY, "Capability Option"],
  [EXID_EXTENDED_DATA_OFFSET, "Extended Data Offset"],
  [EXID_ENO, "Encryption Negotiation"],
  [EXID_SERVICE_NUMBER, "Service Number"],
  [EXID_TIMESTAMP_INTERVAL, "Timestamp Interval"],
  [EXID_ACCECN_0, "Accurate ECN, order 0"],
  [EXID_ACCECN_1, "Accurate ECN, order 1"],
  [EXID_ACCECN, "Accurate ECN"],
  [EXID_FAST_OPEN, "Fast Open"],
  [EXID_LOW_LATENCY, "Low Latency"],
  [EXID_SMC_R, "Shared Memory Communications over RDMA"],
]);

/** An experiment with no option of its own here (kinds 253 and 254, RFC 6994). */
export interface ExperimentOption {
  readonly type: "experiment";
  readonly kind: 253 | 254;
  /** The identifier: 16 bits, or 32 where it is above 0xffff. */
  readonly exid: number;
  readonly data: Uint8Array;
}

/** What an experiment is called, `undefined` when it is not known. */
export function experimentName(exid: number): string | undefined {
  return EXPERIMENTS.get(exid);
}

/** Whether the identifier that starts with these 32 bits is one of 32 bits. */
export function isWideExid(exid: number): boolean {
  return exid > 0xffff && EXPERIMENTS.has(exid);
}

import { get24, put24 } from "../bytes.ts";
import { unsigned } from "../range.ts";

/**
 * Accurate ECN's byte counters (kinds 172 and 174, RFC 9768 3.2.3; earlier drafts as experiments ACC0 and
 * ACC1). Order 0 sends `ee0b`, `eceb`, `ee1b`, order 1 the reverse; the last ones may be left out.
 * Each counter holds the low 24 bits.
 */
export interface AccEcnOption {
  readonly type: "accEcn";
  readonly order: 0 | 1;
  /** Bytes that arrived marked ECT(0), plus 1. */
  readonly ee0b?: number;
  /** Bytes that arrived marked CE. */
  readonly eceb?: number;
  /** Bytes that arrived marked ECT(1), plus 1. */
  readonly ee1b?: number;
  /** The kind, when sent as an experiment. */
  readonly experiment?: 253 | 254;
}

const ORDERS = [
  ["ee0b", "eceb", "ee1b"],
  ["ee1b", "eceb", "ee0b"],
] as const;

/** Reads the counters in `bytes[start, end)`: 0, 3, 6 or 9 bytes. */
export function readAccEcn(bytes: Uint8Array, start: number, end: number, order: 0 | 1): AccEcnOption {
  const counters: { ee0b?: number; eceb?: number; ee1b?: number } = {};
  for (const [i, name] of ORDERS[order].entries()) {
    if (start + 3 * i < end) counters[name] = get24(bytes, start + 3 * i);
  }
  return { type: "accEcn", order, ...counters };
}

/** Bytes of the counters that are there. */
export function accEcnLength(option: AccEcnOption): number {
  const names = ORDERS[option.order];
  if (names === undefined) throw new RangeError(`accEcn.order: ${option.order} is neither 0 nor 1`);
  const given = names.filter((name) => option[name] !== undefined).length;
  if (names.slice(0, given).some((name) => option[name] === undefined)) {
    throw new TypeError(
      `accEcn: in order ${option.order} counters are left out from the end: ${names.join(", ")}`,
    );
  }
  return 3 * given;
}

/** Writes the counters at `at`. */
export function writeAccEcn(target: Uint8Array, at: number, option: AccEcnOption): void {
  for (const [i, name] of ORDERS[option.order].entries()) {
    const value = option[name];
    if (value === undefined) return;
    unsigned(`accEcn.${name}`, value, 0xffffff);
    put24(target, at + 3 * i, value);
  }
}

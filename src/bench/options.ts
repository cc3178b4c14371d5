import {
  OPT_ACCECN_0,
  OPT_MD5,
  OPT_MPTCP,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TCP_AO,
  OPT_TIMESTAMPS,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
} from "../../assembly/layout/wire.ts";
import type { Random } from "./random.ts";

/** What an option block is made from: the sender's timestamp clock in milliseconds, and chance. */
export interface OptionSource {
  readonly clock: number;
  readonly random: Random;
}

/** Writes an option block at `at` and returns its length, a multiple of four. */
export type OptionWriter = (view: DataView, at: number, source: OptionSource) => number;

/** NOP NOP timestamps: what nearly every segment of an established connection carries. */
export const timestampOptions: OptionWriter = (view, at, { clock }) => {
  view.setUint32(at, (OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_TIMESTAMPS << 8) | 10);
  view.setUint32(at + 4, clock);
  view.setUint32(at + 8, clock - 20);
  return 12;
};

/** What Linux puts into a SYN: MSS, SACK permitted, timestamps, window scale. */
export const synOptions: OptionWriter = (view, at, { clock }) => {
  view.setUint32(at, (OPT_MSS << 24) | (4 << 16) | 1460);
  view.setUint32(at + 4, (OPT_SACK_PERMITTED << 24) | (2 << 16) | (OPT_TIMESTAMPS << 8) | 10);
  view.setUint32(at + 8, clock);
  view.setUint32(at + 12, 0);
  view.setUint32(at + 16, (OPT_NOP << 24) | (OPT_WINDOW_SCALE << 16) | (3 << 8) | 7);
  return 20;
};

/** Timestamps followed by something that takes the long way through an option parser. */
export const unusualOptions: readonly OptionWriter[] = [
  timestampsAnd((view, at, { random }) => sack(view, at, 1, random)),
  timestampsAnd((view, at, { random }) => sack(view, at, 3, random)),
  // MPTCP data sequence signal with a 4-byte data ACK and mapping (RFC 8684 3.3)
  timestampsAnd((view, at, { random }) => filled(view, at, OPT_MPTCP, 20, random)),
  timestampsAnd((view, at, { random }) => filled(view, at, OPT_USER_TIMEOUT, 4, random)),
  timestampsAnd((view, at, { random }) => filled(view, at, OPT_ACCECN_0, 11, random)),
  (view, at, { random }) => filled(view, at, OPT_MD5, 18, random),
  (view, at, { random }) => filled(view, at, OPT_TCP_AO, 16, random),
  // A kind that no RFC assigns
  timestampsAnd((view, at, { random }) => filled(view, at, 77, 9, random)),
];

function timestampsAnd(rest: OptionWriter): OptionWriter {
  return (view, at, source) => 12 + rest(view, at + timestampOptions(view, at, source), source);
}

function sack(view: DataView, at: number, blocks: number, random: Random): number {
  view.setUint32(at, (OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_SACK << 8) | (2 + 8 * blocks));
  for (let i = 0; i < blocks; i++) {
    const left = random.next();
    view.setUint32(at + 4 + 8 * i, left);
    view.setUint32(at + 8 + 8 * i, left + 1448);
  }
  return 4 + 8 * blocks;
}

/** One option of `length` bytes, random inside, and as many NOPs behind as alignment wants. */
function filled(view: DataView, at: number, kind: number, length: number, random: Random): number {
  view.setUint8(at, kind);
  view.setUint8(at + 1, length);
  for (let i = 2; i < length; i++) view.setUint8(at + i, random.next());
  // MPTCP: subtype DSS, its flags: data ACK and mapping present, both of 4 bytes
  if (kind === OPT_MPTCP) view.setUint16(at + 2, 0x2005);
  const padded = (length + 3) & ~3;
  for (let i = length; i < padded; i++) view.setUint8(at + i, OPT_NOP);
  return padded;
}

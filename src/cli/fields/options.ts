import {
  OPT_EOL,
  OPT_MSS,
  OPT_NOP,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { OptionWalk } from "../option-walk.ts";
import type { Field, Rows } from "./field.ts";

/** The TCP options. An option may stand there twice: then its field has two values, as in Wireshark. */
export const optionFields: readonly Field[] = [
  {
    name: "tcp.option_kind",
    kind: "number",
    about: "the kind of every option, padding included, in order",
    value: optionKinds,
  },
  {
    name: "tcp.option_len",
    kind: "number",
    about: "the length of every option that has one",
    value: ({ segments }, i) => lengths(segments, i),
  },
  {
    name: "tcp.options",
    kind: "bytes",
    about: "the bytes of all options",
    value: ({ segments }, i) => bytesOf(segments, i),
  },
  {
    name: "tcp.options.mss_val",
    kind: "number",
    about: "maximum segment size",
    value: ({ segments }, i) => numbers(segments, i, OPT_MSS, 4, 2, 2),
  },
  {
    name: "tcp.options.wscale.shift",
    kind: "number",
    about: "window scale shift",
    value: ({ segments }, i) => numbers(segments, i, OPT_WINDOW_SCALE, 3, 2, 1),
  },
  {
    name: "tcp.options.timestamp.tsval",
    kind: "number",
    about: "timestamp value",
    value: ({ segments }, i) => numbers(segments, i, OPT_TIMESTAMPS, 10, 2, 4),
  },
  {
    name: "tcp.options.timestamp.tsecr",
    kind: "number",
    about: "timestamp echo reply",
    value: ({ segments }, i) => numbers(segments, i, OPT_TIMESTAMPS, 10, 6, 4),
  },
  {
    name: "tcpwire.sack_le_raw",
    kind: "number",
    about: "left edges of the SACK blocks as on the wire",
    value: ({ segments }, i) => edges(segments, i, 0),
  },
  {
    name: "tcpwire.sack_re_raw",
    kind: "number",
    about: "right edges of the SACK blocks as on the wire",
    value: ({ segments }, i) => edges(segments, i, 1),
  },
];

const walk = new OptionWalk();

/** The kind of every option of row `i`, in order; undefined without options. */
export function optionKinds({ segments }: Rows, i: number): number[] | undefined {
  if (!walk.reset(segments, i).next()) return undefined;
  const found = [walk.kind];
  while (walk.next()) found.push(walk.kind);
  return found;
}

function lengths(segments: Segments, i: number): number[] | undefined {
  const found: number[] = [];
  for (walk.reset(segments, i); walk.next(); ) {
    if (walk.kind !== OPT_EOL && walk.kind !== OPT_NOP) found.push(walk.length);
  }
  return found.length === 0 ? undefined : found;
}

function bytesOf(segments: Segments, i: number): Uint8Array | undefined {
  const bytes = walk.all(segments, i);
  return bytes.length === 0 ? undefined : bytes;
}

/**
 * The unsigned number of `size` bytes at `offset` in each option of `kind` and `length`: one number for one
 * option, so that the usual row allocates nothing.
 */
function numbers(
  segments: Segments,
  i: number,
  kind: number,
  length: number,
  offset: number,
  size: number,
): number | number[] | undefined {
  let found: number | number[] | undefined;
  for (walk.reset(segments, i); walk.next(); ) {
    if (walk.kind !== kind || walk.length !== length || !walk.holds(offset + size)) continue;
    let value = 0;
    for (let k = 0; k < size; k++) value = value * 256 + walk.bytes[walk.offset + offset + k];
    found = found === undefined ? value : typeof found === "number" ? [found, value] : [...found, value];
  }
  return found;
}

/** Left (`side` 0) or right (1) edges of the row's SACK blocks. */
function edges(segments: Segments, i: number, side: 0 | 1): number[] | undefined {
  const count = segments.sackCount[i];
  if (count === 0) return undefined;
  const found: number[] = [];
  for (let block = 0; block < count; block++) {
    found.push(segments.sackEdges[2 * (segments.sackStart[i] + block) + side]);
  }
  return found;
}

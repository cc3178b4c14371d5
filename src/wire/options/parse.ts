import { EXID_ACCECN_0, EXID_ACCECN_1, EXID_ENO, EXID_FAST_OPEN } from "../../../assembly/layout/options.ts";
import {
  OPT_ACCECN_0,
  OPT_ACCECN_1,
  OPT_ALT_CHECKSUM_DATA,
  OPT_ALT_CHECKSUM_REQUEST,
  OPT_BUBBA,
  OPT_CC,
  OPT_CC_ECHO,
  OPT_CC_NEW,
  OPT_COMPRESSION_FILTER,
  OPT_CORRUPTION,
  OPT_ECHO,
  OPT_ECHO_REPLY,
  OPT_ENO,
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_FAST_OPEN,
  OPT_MD5,
  OPT_MPTCP,
  OPT_MSS,
  OPT_NOP,
  OPT_PARTIAL_ORDER_PERMITTED,
  OPT_PARTIAL_ORDER_PROFILE,
  OPT_QUICK_START,
  OPT_RECORD_BOUNDARIES,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_SCPS,
  OPT_SKEETER,
  OPT_SNACK,
  OPT_SNAP,
  OPT_TCP_AO,
  OPT_TIMESTAMPS,
  OPT_TRAILER_CHECKSUM,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
  WINDOW_SCALE_MAX,
} from "../../../assembly/layout/wire.ts";
import { copy, get16, get32 } from "../bytes.ts";
import { segmentCode, WireError } from "../errors.ts";
import { readAccEcn } from "./accecn.ts";
import { ALIGNED_TIMESTAMPS, checkRange, isWalkable, lengthAllowed, optionStatus } from "./cursor.ts";
import { readEno } from "./eno.ts";
import { isWideExid } from "./experiments.ts";
import { readMptcp } from "./mptcp.ts";
import type { SackBlock, TcpOption, TcpOptionOf, TcpOptionType } from "./types.ts";

/**
 * The options in `bytes[start, end)`, in their order, duplicates and padding included. Copies what it keeps.
 *
 * What is not well formed becomes a `malformed` option: one with an impossible length takes the rest of the
 * bytes with it, one whose kind forbids its length only itself. With `strict` it is a `WireError` instead.
 *
 * @throws {WireError} with `strict`, for the first malformation; its offset counts from the start of `bytes`
 * @throws {RangeError} when the range is not in `bytes` or longer than 40
 *
 * @example
 * ```ts
 * import { parseOptions } from "tcpwire/wire";
 *
 * const header = Uint8Array.of(2, 4, 5, 180, 1, 3, 3, 7);
 * parseOptions(header); // -> [ { type: "mss", value: 1460 }, { type: "nop" }, { type: "windowScale", shift: 7 } ]
 * ```
 */
export function parseOptions(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
  { strict = false }: { readonly strict?: boolean } = {},
): TcpOption[] {
  checkRange(bytes, start, end);
  // What an established connection sends: a literal takes less time and memory than a list that grows.
  if (end - start === 12 && get32(bytes, start) === ALIGNED_TIMESTAMPS) {
    return [NOP, NOP, readTimestamps(bytes, start + 2)];
  }
  const options: TcpOption[] = [];
  // Each step takes a byte at least, and there are no more than 40.
  for (let at = start; at < end; ) {
    const kind = bytes[at];
    if (kind === OPT_NOP) {
      options.push(NOP);
      at++;
      continue;
    }
    if (kind === OPT_EOL) {
      options.push(at + 1 === end ? { type: "eol" } : { type: "eol", padding: copy(bytes, at + 1, end) });
      break;
    }
    const length = at + 1 < end ? bytes[at + 1] : 0;
    if (length >= 2 && at + length <= end && lengthAllowed(kind, length)) {
      options.push(readOption(kind, bytes, at, at + length));
      at += length;
    } else {
      const malformed = readMalformed(bytes, at, end, strict);
      options.push(malformed);
      at += malformed.bytes.length;
    }
  }
  return options;
}

/**
 * The last option of a type, `undefined` without one: where an option is repeated, the last counts, as in
 * Linux.
 *
 * @example
 * ```ts
 * import { findOption, parseOptions } from "tcpwire/wire";
 *
 * findOption(parseOptions(Uint8Array.of(3, 3, 7, 1)), "windowScale")?.shift; // -> 7
 * ```
 */
export function findOption<T extends TcpOptionType>(
  options: readonly TcpOption[],
  type: T,
): TcpOptionOf<T> | undefined {
  for (let i = options.length - 1; i >= 0; i--) {
    if (options[i].type === type) return options[i] as TcpOptionOf<T>;
  }
  return undefined;
}

/** The shift to use for a window scale option: 14 for anything above (RFC 7323 2.3). */
export function effectiveShift(shift: number): number {
  return Math.min(shift, WINDOW_SCALE_MAX);
}

/** A user timeout in milliseconds (RFC 5482 3). */
export function userTimeoutMs(option: TcpOptionOf<"userTimeout">): number {
  return option.value * (option.unit === "minutes" ? 60_000 : 1_000);
}

// Shared, for they are the most frequent and say nothing but their type.
const NOP: TcpOption = Object.freeze({ type: "nop" });
const SACK_PERMITTED: TcpOption = Object.freeze({ type: "sackPermitted" });

/** The well-formed option in `bytes[at, end)`. */
function readOption(kind: number, bytes: Uint8Array, at: number, end: number): TcpOption {
  switch (kind) {
    case OPT_TIMESTAMPS:
      return readTimestamps(bytes, at);
    case OPT_SACK:
      return { type: "sack", blocks: readBlocks(bytes, at + 2, end) };
    case OPT_MSS:
      return { type: "mss", value: get16(bytes, at + 2) };
    case OPT_WINDOW_SCALE:
      return { type: "windowScale", shift: bytes[at + 2] };
    case OPT_SACK_PERMITTED:
      return SACK_PERMITTED;
    default:
      return readRareOption(bytes, at, end);
  }
}

function readTimestamps(bytes: Uint8Array, at: number): TcpOption {
  return { type: "timestamps", tsval: get32(bytes, at + 2), tsecr: get32(bytes, at + 6) };
}

/** The option at `at` with what is wrong with it. @throws {WireError} with `strict` */
function readMalformed(
  bytes: Uint8Array,
  at: number,
  end: number,
  strict: boolean,
): TcpOptionOf<"malformed"> {
  const status = optionStatus(bytes, at, end);
  if (strict) throw new WireError(status, at);
  const next = isWalkable(status) ? at + bytes[at + 1] : end;
  return { type: "malformed", code: segmentCode(status), offset: at, bytes: copy(bytes, at, next) };
}

function readRareOption(bytes: Uint8Array, at: number, end: number): TcpOption {
  const kind = bytes[at];
  const data = at + 2;
  switch (kind) {
    case OPT_FAST_OPEN:
      return { type: "fastOpen", cookie: copy(bytes, data, end) };
    case OPT_MPTCP:
      return readMptcp(bytes, at, end);
    case OPT_ACCECN_0:
    case OPT_ACCECN_1:
      return readAccEcn(bytes, data, end, kind === OPT_ACCECN_0 ? 0 : 1);
    case OPT_MD5:
      return { type: "md5", digest: copy(bytes, data, end) };
    case OPT_TCP_AO: {
      const mac = copy(bytes, at + 4, end);
      return { type: "tcpAo", keyId: bytes[data], rNextKeyId: bytes[at + 3], mac };
    }
    case OPT_USER_TIMEOUT: {
      const word = get16(bytes, data);
      return { type: "userTimeout", unit: word & 0x8000 ? "minutes" : "seconds", value: word & 0x7fff };
    }
    case OPT_ENO:
      return readEno(bytes, data, end);
    case OPT_QUICK_START: {
      const nonce = get32(bytes, at + 4);
      const reserved = ((bytes[data] >> 4) << 2) | (nonce & 3);
      return {
        type: "quickStart",
        rate: bytes[data] & 0xf,
        ttlDifference: bytes[at + 3],
        nonce: nonce >>> 2,
        ...(reserved === 0 ? {} : { reserved }),
      };
    }
    case OPT_EXPERIMENT_1:
    case OPT_EXPERIMENT_2:
      return readExperiment(kind, bytes, data, end);
    default:
      return readOldOption(kind, bytes, data, end);
  }
}

/** Kinds that nobody has sent for long, and those that nobody has documented. */
function readOldOption(kind: number, bytes: Uint8Array, data: number, end: number): TcpOption {
  switch (kind) {
    case OPT_ECHO:
      return { type: "echo", value: get32(bytes, data) };
    case OPT_ECHO_REPLY:
      return { type: "echoReply", value: get32(bytes, data) };
    case OPT_PARTIAL_ORDER_PERMITTED:
      return { type: "partialOrderPermitted" };
    case OPT_PARTIAL_ORDER_PROFILE: {
      const flags = bytes[data];
      const reserved = flags & 0x3f;
      const ends = { start: (flags & 0x80) !== 0, end: (flags & 0x40) !== 0 };
      return { type: "partialOrderProfile", ...ends, ...(reserved === 0 ? {} : { reserved }) };
    }
    case OPT_CC:
      return { type: "cc", count: get32(bytes, data) };
    case OPT_CC_NEW:
      return { type: "ccNew", count: get32(bytes, data) };
    case OPT_CC_ECHO:
      return { type: "ccEcho", count: get32(bytes, data) };
    case OPT_ALT_CHECKSUM_REQUEST:
      return { type: "alternateChecksumRequest", algorithm: bytes[data] };
    case OPT_ALT_CHECKSUM_DATA:
      return { type: "alternateChecksumData", data: copy(bytes, data, end) };
    case OPT_SKEETER:
      return { type: "skeeter", data: copy(bytes, data, end) };
    case OPT_BUBBA:
      return { type: "bubba", data: copy(bytes, data, end) };
    case OPT_TRAILER_CHECKSUM:
      return { type: "trailerChecksum", value: bytes[data] };
    case OPT_SCPS:
      if (end - data < 2) break;
      return {
        type: "scps",
        capabilities: bytes[data],
        connectionId: bytes[data + 1],
        ...(end - data > 2 ? { extended: copy(bytes, data + 2, end) } : {}),
      };
    case OPT_SNACK:
      if (end - data < 4) break;
      return {
        type: "snack",
        offset: get16(bytes, data),
        size: get16(bytes, data + 2),
        ...(end - data > 4 ? { bits: copy(bytes, data + 4, end) } : {}),
      };
    case OPT_RECORD_BOUNDARIES:
      return { type: "recordBoundary", data: copy(bytes, data, end) };
    case OPT_CORRUPTION:
      return { type: "corruptionExperienced", data: copy(bytes, data, end) };
    case OPT_SNAP:
      return { type: "snap", data: copy(bytes, data, end) };
    case OPT_COMPRESSION_FILTER:
      return { type: "compressionFilter", data: copy(bytes, data, end) };
  }
  return { type: "unknown", kind, data: copy(bytes, data, end) };
}

function readExperiment(experiment: 253 | 254, bytes: Uint8Array, at: number, end: number): TcpOption {
  const exid = get16(bytes, at);
  const data = at + 2;
  switch (exid) {
    case EXID_FAST_OPEN:
      if (end - data > 16) break;
      return { type: "fastOpen", cookie: copy(bytes, data, end), experiment };
    case EXID_ACCECN_0:
    case EXID_ACCECN_1:
      if ((end - data) % 3 !== 0 || end - data > 9) break;
      return { ...readAccEcn(bytes, data, end, exid === EXID_ACCECN_0 ? 0 : 1), experiment };
    case EXID_ENO:
      return { ...readEno(bytes, data, end), experiment };
  }
  if (end - at >= 4) {
    const wide = get32(bytes, at);
    if (isWideExid(wide)) {
      return { type: "experiment", kind: experiment, exid: wide, data: copy(bytes, at + 4, end) };
    }
  }
  return { type: "experiment", kind: experiment, exid, data: copy(bytes, data, end) };
}

function readBlocks(bytes: Uint8Array, at: number, end: number): SackBlock[] {
  const blocks: SackBlock[] = [];
  for (; at < end; at += 8) blocks.push({ left: get32(bytes, at), right: get32(bytes, at + 4) });
  return blocks;
}

import { EXID_ACCECN_0, EXID_ACCECN_1, EXID_ENO, EXID_FAST_OPEN } from "../../../assembly/layout/options.ts";
import {
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import { put, put16, put32 } from "../bytes.ts";
import { byteCount, unsigned } from "../range.ts";
import { writeAccEcn } from "./accecn.ts";
import { writeEno } from "./eno.ts";
import { OPTIONS_MAX, optionKind, optionLength, optionsLength, type RareOption } from "./measure.ts";
import { writeMptcp } from "./mptcp.ts";
import type { TcpOption, TcpOptionOf } from "./types.ts";

/**
 * The bytes of a list of options, in its order and without padding at the end.
 *
 * @throws {RangeError} when they take more than 40 bytes or a value does not fit its field
 * @throws {TypeError} when an option is none
 *
 * @example
 * ```ts
 * import { buildOptions } from "tcpwire/wire";
 *
 * buildOptions([{ type: "nop" }, { type: "windowScale", shift: 7 }]); // -> Uint8Array(4) [ 1, 3, 3, 7 ]
 * ```
 */
export function buildOptions(options: readonly TcpOption[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OPTIONS_MAX);
  return bytes.slice(0, writeOptions(bytes, 0, options));
}

/**
 * Writes a list of options at `at` and returns where it ends. Nothing is written when the list is too long;
 * what a list with a bad value leaves behind is not defined.
 *
 * @throws as `buildOptions` does
 */
export function writeOptions(target: Uint8Array, at: number, options: readonly TcpOption[]): number {
  optionsLength(options);
  for (let i = 0; i < options.length; i++) at = writeOption(target, at, options[i]);
  return at;
}

function writeOption(target: Uint8Array, at: number, option: TcpOption): number {
  switch (option.type) {
    case "nop":
      target[at] = OPT_NOP;
      return at + 1;
    case "timestamps":
      unsigned("timestamps.tsval", option.tsval, 0xffffffff);
      unsigned("timestamps.tsecr", option.tsecr, 0xffffffff);
      writeKind(target, at, OPT_TIMESTAMPS, 10);
      put32(target, at + 2, option.tsval);
      put32(target, at + 6, option.tsecr);
      return at + 10;
    case "sack":
      return writeSack(target, at, option);
    case "mss":
      unsigned("mss.value", option.value, 0xffff);
      writeKind(target, at, OPT_MSS, 4);
      put16(target, at + 2, option.value);
      return at + 4;
    case "windowScale":
      unsigned("windowScale.shift", option.shift, 0xff);
      writeKind(target, at, OPT_WINDOW_SCALE, 3);
      target[at + 2] = option.shift;
      return at + 3;
    case "sackPermitted":
      writeKind(target, at, OPT_SACK_PERMITTED, 2);
      return at + 2;
    case "eol":
      target[at] = OPT_EOL;
      return put(target, at + 1, option.padding ?? []);
    case "malformed":
      return put(target, at, option.bytes);
    default: {
      const length = optionLength(option);
      writeKind(target, at, optionKind(option), length);
      writeRareOption(target, at + 2, option);
      return at + length;
    }
  }
}

function writeKind(target: Uint8Array, at: number, kind: number, length: number): void {
  target[at] = kind;
  target[at + 1] = length;
}

function writeSack(target: Uint8Array, at: number, { blocks }: TcpOptionOf<"sack">): number {
  writeKind(target, at, OPT_SACK, 2 + 8 * blocks.length);
  at += 2;
  for (let i = 0; i < blocks.length; i++, at += 8) {
    unsigned("sack.left", blocks[i].left, 0xffffffff);
    unsigned("sack.right", blocks[i].right, 0xffffffff);
    put32(target, at, blocks[i].left);
    put32(target, at + 4, blocks[i].right);
  }
  return at;
}

function writeRareOption(target: Uint8Array, at: number, option: RareOption): void {
  switch (option.type) {
    case "partialOrderPermitted":
      return;
    case "mptcp":
      writeMptcp(target, at, option);
      return;
    case "fastOpen":
      writeFastOpen(target, at, option);
      return;
    case "accEcn":
      at = writeExid(target, at, option.experiment, option.order === 0 ? EXID_ACCECN_0 : EXID_ACCECN_1);
      writeAccEcn(target, at, option);
      return;
    case "eno":
      writeEno(target, writeExid(target, at, option.experiment, EXID_ENO), option);
      return;
    case "md5":
      byteCount("md5.digest", option.digest, 16);
      put(target, at, option.digest);
      return;
    case "tcpAo":
      unsigned("tcpAo.keyId", option.keyId, 0xff);
      unsigned("tcpAo.rNextKeyId", option.rNextKeyId, 0xff);
      byteCount("tcpAo.mac", option.mac, 0, OPTIONS_MAX);
      target[at] = option.keyId;
      target[at + 1] = option.rNextKeyId;
      put(target, at + 2, option.mac);
      return;
    case "userTimeout":
      unsigned("userTimeout.value", option.value, 0x7fff);
      put16(target, at, (option.unit === "minutes" ? 0x8000 : 0) | option.value);
      return;
    case "quickStart":
      writeQuickStart(target, at, option);
      return;
    case "experiment":
      writeExperiment(target, at, option);
      return;
    case "unknown":
      writeUnknown(target, at, option);
      return;
    default:
      writeOldOption(target, at, option);
      return;
  }
}

function writeFastOpen(target: Uint8Array, at: number, option: TcpOptionOf<"fastOpen">): void {
  const { cookie, experiment } = option;
  byteCount("fastOpen.cookie", cookie, 0, 16);
  // RFC 7413 4.1.1; the experiment before it had no such rule.
  if (experiment === undefined && cookie.length > 0 && (cookie.length < 4 || cookie.length % 2 === 1)) {
    throw new RangeError(`fastOpen.cookie: ${cookie.length} bytes, not 0 or an even number from 4 to 16`);
  }
  put(target, writeExid(target, at, experiment, EXID_FAST_OPEN), cookie);
}

function writeQuickStart(target: Uint8Array, at: number, option: TcpOptionOf<"quickStart">): void {
  const reserved = option.reserved ?? 0;
  unsigned("quickStart.rate", option.rate, 0xf);
  unsigned("quickStart.ttlDifference", option.ttlDifference, 0xff);
  unsigned("quickStart.nonce", option.nonce, 0x3fffffff);
  unsigned("quickStart.reserved", reserved, 0x3f);
  target[at] = ((reserved >> 2) << 4) | option.rate;
  target[at + 1] = option.ttlDifference;
  put32(target, at + 2, option.nonce * 4 + (reserved & 3));
}

function writeExid(target: Uint8Array, at: number, experiment: number | undefined, exid: number): number {
  if (experiment === undefined) return at;
  checkExperiment("experiment", experiment);
  put16(target, at, exid);
  return at + 2;
}

function writeExperiment(target: Uint8Array, at: number, option: TcpOptionOf<"experiment">): void {
  checkExperiment("experiment.kind", option.kind);
  unsigned("experiment.exid", option.exid, 0xffffffff);
  byteCount("experiment.data", option.data, 0, OPTIONS_MAX);
  if (option.exid > 0xffff) {
    put32(target, at, option.exid);
    put(target, at + 4, option.data);
  } else {
    put16(target, at, option.exid);
    put(target, at + 2, option.data);
  }
}

function checkExperiment(name: string, kind: number): void {
  if (kind !== OPT_EXPERIMENT_1 && kind !== OPT_EXPERIMENT_2) {
    throw new RangeError(`${name}: ${kind} is neither 253 nor 254`);
  }
}

function writeUnknown(target: Uint8Array, at: number, option: TcpOptionOf<"unknown">): void {
  unsigned("unknown.kind", option.kind, 0xff);
  if (option.kind === OPT_EOL || option.kind === OPT_NOP) {
    throw new RangeError(`unknown.kind: ${option.kind} has no length byte`);
  }
  byteCount("unknown.data", option.data, 0, OPTIONS_MAX);
  put(target, at, option.data);
}

type OldOption = Exclude<
  RareOption,
  | { type: "partialOrderPermitted" | "mptcp" | "fastOpen" | "accEcn" | "eno" | "md5" | "tcpAo" }
  | { type: "userTimeout" | "quickStart" | "experiment" | "unknown" }
>;

function writeOldOption(target: Uint8Array, at: number, option: OldOption): void {
  switch (option.type) {
    case "echo":
    case "echoReply":
      unsigned(`${option.type}.value`, option.value, 0xffffffff);
      put32(target, at, option.value);
      return;
    case "cc":
    case "ccNew":
    case "ccEcho":
      unsigned(`${option.type}.count`, option.count, 0xffffffff);
      put32(target, at, option.count);
      return;
    case "partialOrderProfile": {
      const reserved = option.reserved ?? 0;
      unsigned("partialOrderProfile.reserved", reserved, 0x3f);
      target[at] = (option.start ? 0x80 : 0) | (option.end ? 0x40 : 0) | reserved;
      return;
    }
    case "alternateChecksumRequest":
      unsigned("alternateChecksumRequest.algorithm", option.algorithm, 0xff);
      target[at] = option.algorithm;
      return;
    case "trailerChecksum":
      unsigned("trailerChecksum.value", option.value, 0xff);
      target[at] = option.value;
      return;
    case "scps":
      unsigned("scps.capabilities", option.capabilities, 0xff);
      unsigned("scps.connectionId", option.connectionId, 0xff);
      target[at] = option.capabilities;
      target[at + 1] = option.connectionId;
      put(target, at + 2, option.extended ?? []);
      return;
    case "snack":
      unsigned("snack.offset", option.offset, 0xffff);
      unsigned("snack.size", option.size, 0xffff);
      put16(target, at, option.offset);
      put16(target, at + 2, option.size);
      put(target, at + 4, option.bits ?? []);
      return;
    default:
      byteCount(`${option.type}.data`, option.data, 0, OPTIONS_MAX);
      put(target, at, option.data);
  }
}

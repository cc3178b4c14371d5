import { EXID_FAST_OPEN } from "../../../assembly/layout/options.ts";
import { OPT_EXPERIMENT_2, OPT_FAST_OPEN, OPT_MD5 } from "../../../assembly/layout/wire.ts";
import type { AccEcnOption, SackBlock, TcpOption } from "../../wire/options/index.ts";
import { ScriptError } from "../script.ts";
import type { Cursor } from "./cursor.ts";

const MD5_BYTES = 16;

/** `<mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>`, its `<` taken. */
export function tcpOptions(cursor: Cursor): TcpOption[] {
  const options: TcpOption[] = [];
  do options.push(tcpOption(cursor));
  while (cursor.takes(","));
  cursor.expect(">");
  return options;
}

function tcpOption(cursor: Cursor): TcpOption {
  const { line } = cursor.peek();
  const name = cursor.word("a TCP option");
  switch (name) {
    case "nop":
      return { type: "nop" };
    case "eol":
      return { type: "eol" };
    case "mss":
      return { type: "mss", value: cursor.integer("an MSS", 0, 0xffff) };
    case "wscale":
      return { type: "windowScale", shift: cursor.integer("a window scale", 0, 0xff) };
    case "sackOK":
      return { type: "sackPermitted" };
    case "sack":
      return { type: "sack", blocks: sackBlocks(cursor) };
    case "TS":
      return timestamps(cursor);
    case "FO":
      return fastOpen(hex(cursor), false);
    case "FOEXP":
      return fastOpen(hex(cursor), true);
    case "md5":
      return md5(hex(cursor));
    case "ECN":
      return accEcn(cursor);
    default:
      throw new ScriptError(line, `\`${name}\` is no TCP option of the language`);
  }
}

function sackBlocks(cursor: Cursor): SackBlock[] {
  const blocks: SackBlock[] = [];
  do {
    const left = cursor.integer("a SACK block");
    cursor.expect(":");
    blocks.push({ left, right: cursor.integer("the end of a SACK block") });
  } while (cursor.is("integer"));
  return blocks;
}

function timestamps(cursor: Cursor): TcpOption {
  if (!cursor.takesWord("val")) throw cursor.wanted("`val`");
  const tsval = cursor.integer("a timestamp");
  if (!cursor.takesWord("ecr")) throw cursor.wanted("`ecr`");
  return { type: "timestamps", tsval, tsecr: cursor.integer("a timestamp") };
}

/** A cookie of a length that none has goes out all the same: a peer may be wrong. */
function fastOpen(cookie: Uint8Array, isExperiment: boolean): TcpOption {
  const { length } = cookie;
  if (length === 0 || (length >= 4 && length <= 16 && length % 2 === 0)) {
    return isExperiment ? { type: "fastOpen", cookie, experiment: 254 } : { type: "fastOpen", cookie };
  }
  const magic = [EXID_FAST_OPEN >> 8, EXID_FAST_OPEN & 0xff];
  return isExperiment
    ? { type: "unknown", kind: OPT_EXPERIMENT_2, data: Uint8Array.of(...magic, ...cookie) }
    : { type: "unknown", kind: OPT_FAST_OPEN, data: cookie };
}

/** A digest of the wrong length is no MD5 option: its bytes go out as they are. */
function md5(digest: Uint8Array): TcpOption {
  return digest.length === MD5_BYTES
    ? { type: "md5", digest }
    : { type: "unknown", kind: OPT_MD5, data: digest };
}

/** `ECN e0b 1 ceb 0 e1b 1`: the first counter tells the order. */
function accEcn(cursor: Cursor): AccEcnOption {
  const names: Readonly<Record<string, "ee0b" | "eceb" | "ee1b">> = { e0b: "ee0b", ceb: "eceb", e1b: "ee1b" };
  const counters: { ee0b?: number; eceb?: number; ee1b?: number } = {};
  const order = cursor.is("word", "e1b") ? 1 : 0;
  while (cursor.is("word") && Object.hasOwn(names, cursor.peek().text)) {
    counters[names[cursor.next().text]] = cursor.integer("a counter", 0, 0xffffff);
  }
  return { type: "accEcn", order, ...counters };
}

function hex(cursor: Cursor): Uint8Array {
  const given = (cursor.is("word") || cursor.is("integer")) && /^[\da-fA-F]+$/.test(cursor.peek().text);
  if (!given) return new Uint8Array(0);
  const { text, line } = cursor.next();
  if (text.length % 2 === 1) throw new ScriptError(line, `${text} has an odd number of hex digits`);
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

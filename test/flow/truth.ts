// tshark's answers (../shared/truth) as rows to follow and as answers to compare with.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { OPT_FAST_OPEN, OPT_MPTCP, SYN } from "../../assembly/layout/wire.ts";
import type { Row } from "./segments.ts";

const folders = [process.env.TCPWIRE_SHARED, "../shared", "../../shared"];
const shared = folders.find((folder) => folder && existsSync(`${folder}/truth`));

/** The folder beside the repository with captures and tshark's answers, `undefined` where there is none. */
export const sharedFolder = shared;

/** The folder of tshark's answers, `undefined` where it is not beside the repository. */
export const truthFolder = shared && `${shared}/truth`;

export type Answers = Record<string, string>;

/** One capture: what tshark saw, as rows, and what it said of each. */
export interface Truth {
  name: string;
  rows: Row[];
  answers: Answers[];
}

export function truthNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".tsv.gz"));
}

export function readTruth(path: string): Truth {
  const packed = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(packed) : packed).toString();
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = header.split("\t");
  const answers = lines
    .map((line) => Object.fromEntries(line.split("\t").map((value, i) => [names[i], value])))
    // Headers quoted in ICMP errors and sFlow samples are no segments of a conversation.
    .filter((r) => r.in_icmp === "0" && !r.protocols.includes("sflow") && r.hdr_len !== "");
  return { name: path.replace(/.*\//, "").replace(/\.tsv(\.gz)?$/, ""), rows: rowsOf(answers), answers };
}

function rowsOf(answers: Answers[]): Row[] {
  // SACK edges are printed relative to the base that the answer's own ack has.
  return answers.map((r) => {
    const flags = Number(r.flags);
    const base = (Number(r.ack_raw) - Number(r.ack_rel)) >>> 0;
    const [seconds, fraction = ""] = r.time_epoch.split(".");
    const kinds = r.opt_kinds.split(",").map(Number);
    const lefts = list(r.sack_le);
    const rights = list(r.sack_re);
    return {
      time: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0")),
      frame: Number(r.frame),
      src: r.src,
      dst: r.dst,
      srcPort: Number(r.sport),
      dstPort: Number(r.dport),
      seq: Number(r.seq_raw),
      ack: Number(r.ack_raw),
      flags,
      window: Number(r.win_raw),
      length: r.len === "" ? undefined : Number(r.len),
      headerLength: Number(r.hdr_len),
      ...(r.wscale === "" ? {} : { windowScale: list(r.wscale).at(-1) }),
      ...(r.tsval === "" ? {} : { tsval: list(r.tsval).at(-1), tsecr: list(r.tsecr).at(-1) }),
      sack: rights.flatMap((right, i) => [(lefts[i] + base) >>> 0, (right + base) >>> 0]),
      options: otherOptions(r, kinds, flags),
    } as Row;
  });
}

function list(text: string): number[] {
  return text === "" ? [] : text.split(",").map(Number);
}

/** What can be said again of options that the answers only name. */
function otherOptions(r: Answers, kinds: number[], flags: number): number[] {
  if (r.tfo_syn === "1") return [OPT_FAST_OPEN, 6, 0, 0, 0, 0];
  if (!kinds.includes(OPT_MPTCP)) return [];
  return flags & SYN ? [OPT_MPTCP, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [OPT_MPTCP, 4, 0x20, 0];
}

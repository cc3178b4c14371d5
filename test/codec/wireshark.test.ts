// Every encapsulation and every broken header, each in a frame of its own, as Wireshark shows it.
import { describe, expect, test } from "vitest";
import { SEEN_MSS, SEEN_TIMESTAMPS, SEEN_WINDOW_SCALE } from "../../assembly/layout/columns.ts";
import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
} from "../../assembly/layout/status.ts";
import type { Case } from "./cases/case.ts";
import { fragmentCases } from "./cases/fragments.ts";
import { ipCases } from "./cases/ip.ts";
import { linkCases } from "./cases/link.ts";
import { segmentCases } from "./cases/segment.ts";
import { tunnelCases } from "./cases/tunnel.ts";
import { Section } from "./files.ts";
import { type Row, readRows } from "./harness.ts";
import { type Answer, askTshark, tsharkVersion } from "./tshark.ts";

const groups = {
  link: linkCases,
  ip: ipCases,
  tunnel: tunnelCases,
  fragments: fragmentCases,
  segment: segmentCases,
};
const cases = Object.values(groups).flat();
const { file, framesOf } = oneFile(cases);
const { rows, error } = readRows(file);
const answers = tsharkVersion ? askTshark(file) : undefined;
if (!tsharkVersion) console.log("tshark is not installed (apt install tshark): its answers are not compared");

test("the file of all cases is read to its end", () => {
  expect(error).toBe(0);
  if (process.env.CI) expect(tsharkVersion, "CI compares with tshark").toBeDefined();
});

describe.each(Object.entries(groups))("%s", (_, group) => {
  test.each(group.map((each) => [each.name, each] as const))("%s", (_, each) => {
    const frames = framesOf.get(each)!;
    const mine = rows.filter((row) => frames.has(row.frame));
    expect(mine).toHaveLength(each.rows);
    if (!answers) return;
    const theirs = answers.filter((answer) => frames.has(Number(answer["frame.number"][0])));
    const said = mine.map(asTshark);
    const expected = theirs.map((answer) => inOurTerms(answer));
    if (each.unlikeWireshark) expect(said, "the two agree now").not.toEqual(expected);
    else expect(said).toEqual(expected);
  });
});

/** All cases as one pcapng file with an interface for each link type. */
function oneFile(all: Case[]) {
  const linkTypes = [...new Set(all.map(({ linkType }) => linkType))];
  const section = new Section({ interfaces: linkTypes.map((linkType) => ({ linkType })) });
  const framesOf = new Map<Case, Set<number>>();
  let frame = 0;
  for (const each of all) {
    const numbers = new Set<number>();
    for (const content of each.frames) {
      numbers.add(++frame);
      const { bytes, length } =
        content instanceof Uint8Array ? { bytes: content, length: content.length } : content;
      const time = 1_700_000_000_000_000n + BigInt(frame);
      section.enhanced({ bytes, length, time, interfaceId: linkTypes.indexOf(each.linkType) });
    }
    framesOf.set(each, numbers);
  }
  return { file: section.bytes, framesOf };
}

const STATUS_IN_WIRESHARK: Record<number, number> = {
  [CHECKSUM_BAD]: 0,
  [CHECKSUM_GOOD]: 1,
  [CHECKSUM_UNVERIFIED]: 2,
  [CHECKSUM_PARTIAL]: 0,
};

/** What Wireshark would show of a row: fields that were not captured are absent, and so are some lengths. */
function asTshark(row: Row) {
  const have = row.header.length;
  const sequence = have >= 16;
  const complete = sequence && row.status !== SEGMENT_OFFSET_SMALL;
  const unknownLength = row.status === SEGMENT_OFFSET_PAST_END || row.status === SEGMENT_FIRST_FRAGMENT;
  return {
    frame: row.frame,
    time: row.time,
    src: row.src,
    dst: row.dst,
    srcPort: row.srcPort,
    dstPort: row.dstPort,
    seq: sequence ? row.seq : undefined,
    ack: complete ? row.ack : undefined,
    headerLength: sequence ? row.headerLength : undefined,
    flags: complete ? row.flags : undefined,
    window: complete ? row.window : undefined,
    checksum: complete && have >= 18 ? row.checksum : undefined,
    checksumStatus: complete && have >= 18 ? STATUS_IN_WIRESHARK[row.checksumStatus] : undefined,
    urgentPointer: complete && have >= 20 ? row.urgentPointer : undefined,
    payloadLength: sequence && !unknownLength ? row.payloadLength : undefined,
    mss: row.optionsSeen & SEEN_MSS ? row.mss : undefined,
    windowScale: row.optionsSeen & SEEN_WINDOW_SCALE ? row.windowScale : undefined,
    sack: row.sack,
    tsval: row.optionsSeen & SEEN_TIMESTAMPS ? row.tsval : undefined,
    tsecr: row.optionsSeen & SEEN_TIMESTAMPS ? row.tsecr : undefined,
  };
}

function inOurTerms(answer: Answer): ReturnType<typeof asTshark> {
  const last = (field: keyof Answer) => answer[field].at(-1);
  const number = (field: keyof Answer) => (last(field) === undefined ? undefined : Number(last(field)));
  const [seconds, fraction] = answer["frame.time_epoch"][0].split(".");
  const row = rows.find(({ frame }) => frame === Number(answer["frame.number"][0]));
  const ip = row?.ipVersion === 6 ? "ipv6" : "ip";
  return {
    frame: Number(answer["frame.number"][0]),
    time: BigInt(seconds + fraction.padEnd(9, "0")),
    src: String(last(`${ip}.src`)),
    dst: String(last(`${ip}.dst`)),
    srcPort: Number(last("tcp.srcport")),
    dstPort: Number(last("tcp.dstport")),
    seq: number("tcp.seq_raw"),
    ack: number("tcp.ack_raw"),
    headerLength: number("tcp.hdr_len"),
    flags: number("tcp.flags"),
    window: number("tcp.window_size_value"),
    checksum: number("tcp.checksum"),
    checksumStatus: number("tcp.checksum.status"),
    urgentPointer: number("tcp.urgent_pointer"),
    payloadLength: number("tcp.len"),
    mss: number("tcp.options.mss_val"),
    windowScale: number("tcp.options.wscale.shift"),
    sack: answer["tcp.options.sack_le"].flatMap((left, i) => [
      Number(left),
      Number(answer["tcp.options.sack_re"][i]),
    ]),
    tsval: number("tcp.options.timestamp.tsval"),
    tsecr: number("tcp.options.timestamp.tsecr"),
  };
}

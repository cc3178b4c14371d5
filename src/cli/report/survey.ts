import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
} from "../../../assembly/layout/status.ts";
import type { CaptureInfo } from "../../capture/info.ts";
import { isLinkTypeParsed, linkTypeName } from "../../capture/link-types.ts";
import type { Segments } from "../../capture/segments.ts";
import type { CaptureTotals } from "../../capture/totals.ts";
import type { FlowRecord } from "../../flow/index.ts";
import { segmentCode, segmentReason } from "../../wire/errors.ts";
import { optionName } from "../../wire/options/names.ts";
import type { CaptureInput } from "../input.ts";
import { isoTime } from "../segments/time-text.ts";
import { Activity } from "./activity.ts";
import { FindingTally } from "./findings.ts";
import { AddressPairs } from "./pairs.ts";
import type { BusyFlow, Report, ReportInterface } from "./report.ts";
import { Tally } from "./tally.ts";

/** Goes through a capture once and makes its report. */
export class Survey {
  readonly #tally = new Tally();
  readonly #findings: FindingTally;
  readonly #activity = new Activity();
  readonly #pairs = new AddressPairs(crypto.getRandomValues(new Uint32Array(1))[0]);

  readonly #top: number;

  /** @param top how many conversations and address pairs the report lists */
  constructor(top: number) {
    this.#top = top;
    this.#findings = new FindingTally(top);
  }

  /** Counts a batch; keeps nothing of it. */
  add(segments: Segments): void {
    this.#tally.add(segments);
    this.#findings.add(segments);
    this.#activity.add(segments.time, segments.length);
    this.#pairs.add(segments);
  }

  /** The report, when everything has been added. */
  report(input: CaptureInput): Report {
    const { info, totals } = input.reader;
    const tally = this.#tally;
    return {
      file: input.name,
      size: input.size,
      format: formatName(info),
      compression: info.compression,
      sections: info.sections.length,
      application: info.sections.find((section) => section.application !== undefined)?.application,
      interfaces: interfaces(info),
      span: span(totals),
      frames: {
        count: totals.frames,
        bytes: totals.bytes,
        capturedBytes: totals.captured,
        cutShort: totals.cut,
        withoutIp: totals.nonIp,
        tunnelled: totals.tunnelled,
      },
      packets: {
        ipv4: totals.ipv4,
        ipv6: totals.ipv6,
        tcp: totals.segments,
        udp: totals.udp,
        icmp: totals.icmp,
        other: totals.otherIp,
        fragments: totals.fragments,
        reassembled: totals.reassembled,
        fragmentsDropped: totals.fragmentsDropped,
      },
      segments: {
        count: tally.segments,
        ipv4: tally.segments - tally.ipv6,
        ipv6: tally.ipv6,
        withPayload: tally.withPayload,
        payloadBytes: tally.payloadBytes,
        payloadCut: tally.cut,
        vlan: tally.tagged,
        tunnelled: tally.tunnelled,
        zeroWindow: tally.zeroWindows,
        superSegments: tally.superSegments,
      },
      flags: Object.fromEntries(FLAG_NAMES.map(([name, bit]) => [name, tally.flags[bit]])),
      handshakes: { syn: tally.flags[SYN_BIT] - tally.synAck, synAck: tally.synAck },
      options: options(tally),
      checksums: checksums(tally),
      conversations: this.#findings.conversations,
      busiest: this.#findings.busiest().map(busyFlow),
      findings: this.#findings.found(),
      diagnoses: this.#findings.diagnoses(),
      malformed: malformed(tally, totals),
      activity: activity(this.#activity),
      pairs: {
        count: this.#pairs.size,
        forgotten: this.#pairs.forgotten,
        busiest: this.#pairs.top(this.#top),
      },
      error: input.failure?.message,
    };
  }
}

function busyFlow({ stream, client, server, connState, history, start, end }: FlowRecord): BusyFlow {
  return {
    stream,
    client: { address: client.address, port: client.port },
    server: { address: server.address, port: server.port },
    connState,
    history,
    packets: [client.packets, server.packets],
    bytes: [client.bytes, server.bytes],
    seconds: Number(end - start) / 1e9,
    resent: client.retransmissions + server.retransmissions,
  };
}

const SYN_BIT = 1;
const FLAG_NAMES: readonly (readonly [string, number])[] = [
  ["SYN", SYN_BIT],
  ["ACK", 4],
  ["PSH", 3],
  ["FIN", 0],
  ["RST", 2],
  ["URG", 5],
  ["ECE", 6],
  ["CWR", 7],
  ["AE", 8],
];

function formatName(info: CaptureInfo): string | undefined {
  if (info.format === undefined) return undefined;
  const [section] = info.sections;
  if (!section) return info.format;
  const order = section.bigEndian ? "big-endian" : "little-endian";
  const orders = info.sections.some(({ bigEndian }) => bigEndian !== section.bigEndian)
    ? "both byte orders"
    : order;
  return `${info.format} ${section.version}, ${orders}`;
}

function interfaces(info: CaptureInfo): ReportInterface[] {
  return info.sections.flatMap((section, index) =>
    section.interfaces.map((one) => ({
      section: index,
      id: one.id,
      name: one.name,
      description: one.description,
      linkType: linkTypeName(one.linkType),
      parsed: isLinkTypeParsed(one.linkType),
      ticksPerSecond: one.ticksPerSecond,
      snapLength: one.snapLength,
      dropped: one.statistics?.dropped,
    })),
  );
}

function span({ earliest, latest }: CaptureTotals): Report["span"] {
  if (earliest === undefined || latest === undefined) return undefined;
  return { start: isoTime(earliest), end: isoTime(latest), seconds: Number(latest - earliest) / 1e9 };
}

function options(tally: Tally): Report["options"] {
  return [...tally.options.entries()]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => ({ kind, name: optionName(kind) ?? `kind ${kind}`, count }))
    .sort((a, b) => b.count - a.count || a.kind - b.kind);
}

function checksums(tally: Tally): Report["checksums"] {
  return {
    good: tally.checksums[CHECKSUM_GOOD],
    bad: tally.checksums[CHECKSUM_BAD],
    partial: tally.checksums[CHECKSUM_PARTIAL],
    unverified: tally.checksums[CHECKSUM_UNVERIFIED],
    badFrames: tally.badChecksumFrames,
    partialSenders: [...tally.partialSenders]
      .map(([address, count]) => ({ address, count }))
      .sort((a, b) => b.count - a.count),
  };
}

function malformed(tally: Tally, totals: CaptureTotals): Report["malformed"] {
  const outside = [
    { where: "link", name: "LINK", says: "link headers cut or senseless", count: totals.malformed.link },
    {
      where: "ip",
      name: "IP",
      says: "IP headers cut, or of impossible version or length",
      count: totals.malformed.ip,
    },
    {
      where: "tunnel",
      name: "TUNNEL",
      says: "tunnel headers cut or senseless",
      count: totals.malformed.tunnel,
    },
    {
      where: "depth",
      name: "DEPTH",
      says: "frames with more layers than are followed",
      count: totals.tooDeep,
    },
  ] as const;
  const inside = [...tally.malformed]
    .sort(([a], [b]) => a - b)
    .map(([status, { count, frames }]) => ({
      where: "tcp" as const,
      name: segmentCode(status),
      says: segmentReason(status),
      count,
      frames,
    }));
  return [...outside.filter(({ count }) => count > 0), ...inside];
}

/** Up to the last span in which there was something. */
function activity({ start, width, counts }: Activity): Report["activity"] {
  if (start === undefined) return undefined;
  let end = counts.length;
  while (end > 0 && counts[end - 1] === 0) end--;
  return { start: isoTime(start), nanoseconds: width, segments: [...counts.subarray(0, end)] };
}

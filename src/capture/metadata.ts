import type { CaptureInfo, InterfaceInfo, InterfaceStatistics, NameRecord, SectionInfo } from "./info.ts";
import type { PcapHeader } from "./pcap-header.ts";

/**
 * Collects what a capture says of itself, up to a bound: the packets of a capture stream through, what is
 * kept of it must not grow with it.
 */
export class Metadata {
  readonly info: Writable<CaptureInfo>;
  #section: SectionInfo = NO_SECTION;
  #budget = MAX_METADATA;

  constructor(name: string | undefined) {
    this.info = {
      name,
      format: undefined,
      compression: undefined,
      sections: [],
      names: [],
      secrets: [],
      truncated: false,
    };
  }

  /** The section that is being read, kept or not. */
  get section(): SectionInfo {
    return this.#section;
  }

  pcap(header: PcapHeader): void {
    this.info.format = header.recordHeaderLength === 16 ? "pcap" : "pcap-modified";
    this.addSection({
      ...NO_SECTION,
      bigEndian: header.bigEndian,
      version: `${header.versionMajor}.${header.versionMinor}`,
      interfaces: [],
    });
    this.addInterface({
      ...NO_INTERFACE,
      linkType: header.linkType,
      snapLength: header.snapLength,
      ticksPerSecond: header.nanosPerTick === 1 ? 1e9 : 1e6,
      fcsLength: header.fcsLength,
    });
  }

  addSection(section: SectionInfo): void {
    this.#section = section;
    this.#keep(this.info.sections, section);
  }

  addInterface(described: InterfaceInfo): void {
    this.#keep(this.#section.interfaces, described);
  }

  addStatistics(interfaceId: number, statistics: InterfaceStatistics): void {
    const described: Writable<InterfaceInfo> | undefined = this.#section.interfaces[interfaceId];
    if (!described) return;
    // They take the place of the last ones, so a capture may have them every second.
    const more = costOf(statistics) - (described.statistics ? costOf(described.statistics) : 0);
    if (more <= 0 || this.#pay(more)) described.statistics = statistics;
  }

  addName(record: NameRecord): void {
    this.#keep(this.info.names, record);
  }

  addSecret(type: number, length: number): void {
    this.#keep(this.info.secrets, { type, length });
  }

  #keep<T extends object>(list: readonly T[], item: T): void {
    if (this.#pay(costOf(item))) (list as T[]).push(item);
  }

  #pay(cost: number): boolean {
    if (cost > this.#budget) this.info.truncated = true;
    else this.#budget -= cost;
    return !this.info.truncated;
  }
}

/** Bytes of text and objects that are kept of what a capture says of itself. */
const MAX_METADATA = 4 * 1024 * 1024;
const OBJECT_COST = 256;
const ITEM_COST = 32;

export const NO_SECTION: SectionInfo = {
  offset: 0,
  bigEndian: false,
  version: "",
  hardware: undefined,
  os: undefined,
  application: undefined,
  comments: [],
  interfaces: [],
};

export const NO_INTERFACE: InterfaceInfo = {
  id: 0,
  linkType: 0,
  snapLength: 0,
  ticksPerSecond: 1e6,
  timeOffset: 0,
  name: undefined,
  description: undefined,
  filter: undefined,
  os: undefined,
  hardware: undefined,
  macAddress: undefined,
  addresses: [],
  speed: undefined,
  fcsLength: undefined,
  comments: [],
  statistics: undefined,
};

function costOf(item: object): number {
  let cost = OBJECT_COST;
  for (const value of Object.values(item)) {
    if (typeof value === "string") cost += 2 * value.length;
    else if (Array.isArray(value)) for (const text of value) cost += ITEM_COST + 2 * String(text).length;
  }
  return cost;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

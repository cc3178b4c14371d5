/**
 * What a capture says of itself. It fills up while the capture is read: the format is known from the first
 * bytes, comments and statistics may come last. Plain data, so that it can be posted to a worker.
 */
export interface CaptureInfo {
  /** What the input was called (`ReadOptions.name`). */
  readonly name: string | undefined;
  /** `undefined` until the first bytes were read. `"pcap-modified"` is Kuznetzov's, with longer record headers. */
  readonly format: "pcap" | "pcap-modified" | "pcapng" | undefined;
  readonly compression: "gzip" | undefined;
  /** A pcap is one section with one interface. */
  readonly sections: readonly SectionInfo[];
  /** Name resolution records (pcapng). */
  readonly names: readonly NameRecord[];
  /** Decryption secrets (pcapng), of which no more than kind and size is kept. */
  readonly secrets: readonly { readonly type: number; readonly length: number }[];
  /** The capture says more of itself than is kept here (4 MiB): sections, interfaces or names are missing. */
  readonly truncated: boolean;
}

export interface SectionInfo {
  /** Where the section starts: bytes from the start of the input, after decompression. */
  readonly offset: number;
  readonly bigEndian: boolean;
  /** Of the file format: `"2.4"`, `"1.0"`. */
  readonly version: string;
  readonly hardware: string | undefined;
  readonly os: string | undefined;
  /** What wrote the section (`shb_userappl`). */
  readonly application: string | undefined;
  readonly comments: readonly string[];
  /** The interface of a row is `interfaces[interfaceId]` of its section. */
  readonly interfaces: readonly InterfaceInfo[];
}

export interface InterfaceInfo {
  /** Its number within the section. */
  readonly id: number;
  /** As in tcpdump.org/linktypes.html; `linkTypeName` has the name. */
  readonly linkType: number;
  /** Bytes of a frame that are captured at most; 0 for no limit. */
  readonly snapLength: number;
  /** Resolution of its time stamps: 1e6 for microseconds, 1e9 for nanoseconds. */
  readonly ticksPerSecond: number;
  /** Seconds that are added to each of its time stamps (already done in the `time` column). */
  readonly timeOffset: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** The capture filter, as text. */
  readonly filter: string | undefined;
  readonly os: string | undefined;
  readonly hardware: string | undefined;
  /** `02:00:5e:10:00:01` */
  readonly macAddress: string | undefined;
  /** Its own addresses, with prefix lengths: `192.0.2.1/24`. */
  readonly addresses: readonly string[];
  /** Bits per second. */
  readonly speed: number | undefined;
  /** Bytes of frame check sequence at the end of each frame, where the capture says. */
  readonly fcsLength: number | undefined;
  readonly comments: readonly string[];
  /** The last statistics that the capture has of this interface. */
  readonly statistics: InterfaceStatistics | undefined;
}

export interface InterfaceStatistics {
  /** When they were taken: nanoseconds since 1970-01-01T00:00Z. */
  readonly time: bigint;
  /** When the capture started and ended: nanoseconds since 1970-01-01T00:00Z. */
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
  /** Packets received from the interface. */
  readonly received: number | undefined;
  /** Packets that the interface dropped for want of resources. */
  readonly dropped: number | undefined;
  /** Packets that the filter accepted. */
  readonly accepted: number | undefined;
  /** Packets that the operating system dropped. */
  readonly osDropped: number | undefined;
  /** Packets delivered to the capturing program. */
  readonly delivered: number | undefined;
  readonly comments: readonly string[];
}

export interface NameRecord {
  /** The text of an IPv4 or IPv6 address. */
  readonly address: string;
  readonly names: readonly string[];
}

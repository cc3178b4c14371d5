/** The columns that a table keeps as they are, or with indices of its own, and what they are made of. */
const COLUMNS = {
  time: BigInt64Array,
  frame: Uint32Array,
  fileOffset: Float64Array,
  frameCaptured: Uint32Array,
  frameLength: Uint32Array,
  src: Uint32Array,
  dst: Uint32Array,
  srcPort: Uint16Array,
  dstPort: Uint16Array,
  seq: Uint32Array,
  ack: Uint32Array,
  flags: Uint16Array,
  window: Uint16Array,
  checksum: Uint16Array,
  checksumStatus: Uint8Array,
  urgentPointer: Uint16Array,
  headerOffset: Uint32Array,
  headerLength: Uint8Array,
  payloadLength: Uint32Array,
  missing: Uint32Array,
  status: Uint8Array,
  ipVersion: Uint8Array,
  ttl: Uint8Array,
  trafficClass: Uint8Array,
  optionsSeen: Uint8Array,
  mss: Uint16Array,
  windowScale: Uint8Array,
  tsval: Uint32Array,
  tsecr: Uint32Array,
  sackCount: Uint8Array,
  sackStart: Uint32Array,
  tunnel: Uint32Array,
  vlan: Uint32Array,
  interfaceId: Uint16Array,
} as const;

export type ColumnName = keyof typeof COLUMNS;

/** A typed array for each column, all of one length. */
export type ColumnArrays = { [N in ColumnName]: InstanceType<(typeof COLUMNS)[N]> & { buffer: ArrayBuffer } };

export const COLUMN_NAMES = /* @__PURE__ */ Object.keys(COLUMNS) as ColumnName[];

/** Empty columns for so many rows. */
export function newColumns(rows: number): ColumnArrays {
  const columns = Object.entries(COLUMNS).map(([name, Column]) => [name, new Column(rows)]);
  return Object.fromEntries(columns) as ColumnArrays;
}

/** A getter for each column. Written out, since properties that a loop defines cannot be left out of a bundle. */
export abstract class ColumnViews {
  /** @internal The column's rows as they are now. */
  protected abstract column<N extends ColumnName>(name: N): ColumnArrays[N];

  get time(): BigInt64Array<ArrayBuffer> {
    return this.column("time");
  }

  get frame(): Uint32Array<ArrayBuffer> {
    return this.column("frame");
  }

  get fileOffset(): Float64Array<ArrayBuffer> {
    return this.column("fileOffset");
  }

  get frameCaptured(): Uint32Array<ArrayBuffer> {
    return this.column("frameCaptured");
  }

  get frameLength(): Uint32Array<ArrayBuffer> {
    return this.column("frameLength");
  }

  get src(): Uint32Array<ArrayBuffer> {
    return this.column("src");
  }

  get dst(): Uint32Array<ArrayBuffer> {
    return this.column("dst");
  }

  get srcPort(): Uint16Array<ArrayBuffer> {
    return this.column("srcPort");
  }

  get dstPort(): Uint16Array<ArrayBuffer> {
    return this.column("dstPort");
  }

  get seq(): Uint32Array<ArrayBuffer> {
    return this.column("seq");
  }

  get ack(): Uint32Array<ArrayBuffer> {
    return this.column("ack");
  }

  get flags(): Uint16Array<ArrayBuffer> {
    return this.column("flags");
  }

  get window(): Uint16Array<ArrayBuffer> {
    return this.column("window");
  }

  get checksum(): Uint16Array<ArrayBuffer> {
    return this.column("checksum");
  }

  get checksumStatus(): Uint8Array<ArrayBuffer> {
    return this.column("checksumStatus");
  }

  get urgentPointer(): Uint16Array<ArrayBuffer> {
    return this.column("urgentPointer");
  }

  get headerOffset(): Uint32Array<ArrayBuffer> {
    return this.column("headerOffset");
  }

  get headerLength(): Uint8Array<ArrayBuffer> {
    return this.column("headerLength");
  }

  get payloadLength(): Uint32Array<ArrayBuffer> {
    return this.column("payloadLength");
  }

  get missing(): Uint32Array<ArrayBuffer> {
    return this.column("missing");
  }

  get status(): Uint8Array<ArrayBuffer> {
    return this.column("status");
  }

  get ipVersion(): Uint8Array<ArrayBuffer> {
    return this.column("ipVersion");
  }

  get ttl(): Uint8Array<ArrayBuffer> {
    return this.column("ttl");
  }

  get trafficClass(): Uint8Array<ArrayBuffer> {
    return this.column("trafficClass");
  }

  get optionsSeen(): Uint8Array<ArrayBuffer> {
    return this.column("optionsSeen");
  }

  get mss(): Uint16Array<ArrayBuffer> {
    return this.column("mss");
  }

  get windowScale(): Uint8Array<ArrayBuffer> {
    return this.column("windowScale");
  }

  get tsval(): Uint32Array<ArrayBuffer> {
    return this.column("tsval");
  }

  get tsecr(): Uint32Array<ArrayBuffer> {
    return this.column("tsecr");
  }

  get sackCount(): Uint8Array<ArrayBuffer> {
    return this.column("sackCount");
  }

  get sackStart(): Uint32Array<ArrayBuffer> {
    return this.column("sackStart");
  }

  get tunnel(): Uint32Array<ArrayBuffer> {
    return this.column("tunnel");
  }

  get vlan(): Uint32Array<ArrayBuffer> {
    return this.column("vlan");
  }

  get interfaceId(): Uint16Array<ArrayBuffer> {
    return this.column("interfaceId");
  }
}

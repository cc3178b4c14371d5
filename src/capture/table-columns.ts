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

export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Empty columns for so many rows. */
export function newColumns(rows: number): ColumnArrays {
  const columns = Object.entries(COLUMNS).map(([name, Column]) => [name, new Column(rows)]);
  return Object.fromEntries(columns) as ColumnArrays;
}

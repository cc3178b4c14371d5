export { SegmentBatch } from "./batch.ts";
export { CaptureError, type CaptureErrorCode } from "./errors.ts";
export type { CaptureInfo, InterfaceInfo, InterfaceStatistics, NameRecord, SectionInfo } from "./info.ts";
export { isLinkTypeParsed, linkTypeName } from "./link-types.ts";
export type { PacketNotes } from "./packet-notes.ts";
export { parseCapture, readTable } from "./parse.ts";
export { PcapWriter, type PcapWriterOptions } from "./pcap-writer.ts";
export {
  type InterfaceOptions,
  type PcapngPacket,
  PcapngWriter,
  type PcapngWriterOptions,
  type SectionOptions,
} from "./pcapng-writer.ts";
export {
  CaptureReader,
  type ReadCaptureOptions,
  type ReadOptions,
  readCapture,
  readCaptureSync,
  SyncCaptureReader,
} from "./reader.ts";
export { rows, SegmentRow } from "./row.ts";
export { capturedHeaderLength, capturedPayloadLength, headerBytes, payloadBytes } from "./segment-bytes.ts";
export type { Segments } from "./segments.ts";
export type { ByteSource, CaptureSource, SyncByteSource, SyncCaptureSource } from "./sources.ts";
export { SegmentTable, type SegmentTableData, type TableOptions } from "./table.ts";
export type { CaptureTotals } from "./totals.ts";
export type { CapturePacket, CaptureWriter } from "./writer.ts";

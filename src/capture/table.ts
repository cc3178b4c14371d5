import { TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { AddressPool } from "./address-pool.ts";
import type { CaptureError } from "./errors.ts";
import type { CaptureInfo, SectionInfo } from "./info.ts";
import type { Segments } from "./segments.ts";
import {
  COLUMN_NAMES,
  type ColumnArrays,
  type ColumnName,
  ColumnViews,
  newColumns,
} from "./table-columns.ts";
import type { CaptureTotals } from "./totals.ts";

/** How a `SegmentTable` is made. */
export interface TableOptions {
  /** Whether payloads are kept too; false unless said otherwise: then headers alone, with all of their options. */
  payload?: boolean;
}

/** What a `SegmentTable` is made of: plain data, fit for `postMessage`. */
export interface SegmentTableData {
  readonly columns: ColumnArrays;
  readonly length: number;
  readonly addresses: Uint8Array<ArrayBuffer>;
  readonly sackEdges: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly holdsPayload: boolean;
  readonly sections: readonly { readonly row: number; readonly section: SectionInfo }[];
  readonly info: CaptureInfo | undefined;
  readonly totals: CaptureTotals | undefined;
}

/**
 * Segments to keep. The columns are its own: 101 bytes a row, the bytes of the header (20 to 60) and, where asked for,
 * of the payload, up to twice that while it grows; `trim` gives the excess back. IPv6 addresses are kept once
 * each. It holds as many rows as memory does, and 4 GiB of headers and payloads.
 *
 * The column getters look a view up: in a loop, take the column out first (`const { seq } = table`).
 * Columns taken out stay what they are when rows are appended later.
 *
 * @example
 * ```ts
 * const table = new SegmentTable({ payload: true });
 * for await (const batch of readCapture(file)) table.append(batch);
 * ```
 */
export class SegmentTable extends ColumnViews implements Segments {
  /** Whether payloads lie behind their headers in `bytes`. */
  readonly holdsPayload: boolean;
  /** What the capture said of itself; from `parseCapture` and `readTable`. */
  info: CaptureInfo | undefined;
  /** What was counted in the capture; from `parseCapture` and `readTable`. */
  totals: CaptureTotals | undefined;
  /** Why the capture ended early, if it did; from `parseCapture` and `readTable`. */
  error: CaptureError | undefined;

  #length = 0;
  #columns: ColumnArrays = newColumns(0);
  #views: Partial<ColumnArrays> = {};
  #addresses = new AddressPool();
  #sackEdges: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #sackEnd = 0;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #bytesEnd = 0;
  /** The rows at which another section begins. */
  #sections: { row: number; section: SectionInfo }[] = [];
  #isSlice = false;

  constructor({ payload = false }: TableOptions = {}) {
    super();
    this.holdsPayload = payload;
  }

  /**
   * A table from what `toTransferable` gave; it takes the data over.
   * @throws {TypeError} when the data are not of a table
   */
  static from(data: SegmentTableData): SegmentTable {
    if (COLUMN_NAMES.some((name) => !(data?.columns?.[name]?.length >= data.length))) {
      throw new TypeError("SegmentTable.from: expected what toTransferable gave");
    }
    const table = new SegmentTable({ payload: data.holdsPayload });
    table.#length = data.length;
    table.#columns = data.columns;
    table.#addresses = new AddressPool(data.addresses);
    table.#sackEdges = data.sackEdges;
    table.#sackEnd = data.sackEdges.length;
    table.#bytes = data.bytes;
    table.#bytesEnd = data.bytes.length;
    table.#sections = [...data.sections];
    table.info = data.info;
    table.totals = data.totals;
    return table;
  }

  /** Rows. */
  get length(): number {
    return this.#length;
  }

  get addresses(): Uint8Array<ArrayBuffer> {
    return this.#addresses.bytes;
  }

  get sackEdges(): Uint32Array<ArrayBuffer> {
    return this.#sackEdges.subarray(0, this.#sackEnd);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#bytesEnd);
  }

  /** Bytes of memory that the table takes. */
  get byteLength(): number {
    const columns = COLUMN_NAMES.reduce((sum, name) => sum + this.#columns[name].byteLength, 0);
    return columns + this.#addresses.bytes.byteLength + this.#sackEdges.byteLength + this.#bytes.byteLength;
  }

  /** The part of that memory which `trim` would give back, 0 to 1. */
  get excess(): number {
    let needed = this.#addresses.bytes.byteLength + this.#sackEnd * 4 + this.#bytesEnd;
    for (const name of COLUMN_NAMES) needed += this.#length * this.#columns[name].BYTES_PER_ELEMENT;
    return 1 - needed / Math.max(1, this.byteLength);
  }

  /** The section that row `i` came from; `undefined` where the rows appended did not tell. */
  sectionOf(i: number): SectionInfo | undefined {
    let low = 0;
    for (let high = this.#sections.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#sections[middle].row <= i) low = middle + 1;
      else high = middle;
    }
    return this.#sections[low - 1]?.section;
  }

  /**
   * Copies the rows of a batch, or of another table, behind those that are here.
   * @returns this table
   * @throws {TypeError} when this table is to hold payloads and `segments` has none, {RangeError} when headers and payloads
   *   would be more than 4 GiB
   */
  append(segments: Segments & { readonly section?: SectionInfo }): this {
    if (this.holdsPayload && !segments.holdsPayload) {
      throw new TypeError(
        "SegmentTable.append: these segments have no payloads, and the table is to hold some",
      );
    }
    const first = this.#length;
    const added = this.#measure(segments);
    this.#reserve(first + segments.length, segments.sackEdges.length, added);
    for (const name of COLUMN_NAMES) this.#columns[name].set(segments[name] as never, first);
    if (segments.addresses.length > 0) this.#internAddresses(segments, first);
    if (segments.sackEdges.length > 0) this.#appendSackEdges(segments, first);
    this.#appendBytes(segments, first);
    this.#noteSection(segments, first);
    this.#length += segments.length;
    this.#views = {};
    return this;
  }

  /** Makes room for rows to come, and for the bytes of their headers and payloads, at once instead of by doubling. */
  reserve(rows: number, bytes: number): this {
    this.#reserve(this.#length + rows, 0, Math.min(bytes, MAX_BYTES - this.#bytesEnd));
    return this;
  }

  /**
   * The rows from `start` up to `end`, counted from the end where negative, as a table of its own. Nothing is copied:
   * both look at the same memory, and what is appended to either is not in the other.
   */
  slice(start = 0, end = this.#length): SegmentTable {
    const from = clamp(start, this.#length);
    const to = Math.max(from, clamp(end, this.#length));
    const columns = newColumns(0);
    for (const name of COLUMN_NAMES)
      Object.assign(columns, { [name]: this.#columns[name].subarray(from, to) });
    const section = this.sectionOf(from);
    const later = this.#sections.filter(({ row }) => row > from && row < to);
    const slice = SegmentTable.from({
      ...this.#data(columns, to - from),
      sections: [
        ...(section ? [{ row: 0, section }] : []),
        ...later.map(({ row, section }) => ({ row: row - from, section })),
      ],
    });
    slice.#isSlice = true;
    return slice;
  }

  /**
   * Gives back the memory that was kept for rows to come. A slice gets memory of its own, with no more in it than its
   * rows need.
   */
  trim(): this {
    if (this.#isSlice) this.#become(new SegmentTable({ payload: this.holdsPayload }).append(this));
    const columns = newColumns(this.#length);
    for (const name of COLUMN_NAMES)
      columns[name].set(this.#columns[name].subarray(0, this.#length) as never);
    this.#columns = columns;
    this.#views = {};
    this.#addresses = new AddressPool(this.addresses.slice());
    this.#sackEdges = this.sackEdges.slice();
    this.#bytes = this.bytes.slice();
    return this;
  }

  /**
   * The table as plain data for another thread: `postMessage(data, transfer)` here, `SegmentTable.from(data)` there. With
   * `transfer`, memory moves instead of being copied, and this table and its slices are not to be used any more.
   */
  toTransferable(): { data: SegmentTableData; transfer: ArrayBuffer[] } {
    this.trim();
    const data = this.#data(this.#columns, this.#length);
    const arrays = [
      ...COLUMN_NAMES.map((name) => this.#columns[name]),
      data.addresses,
      data.sackEdges,
      data.bytes,
    ];
    return { data, transfer: arrays.map((array) => array.buffer as ArrayBuffer) };
  }

  #become(other: SegmentTable): void {
    this.#columns = other.#columns;
    this.#addresses = other.#addresses;
    this.#sackEdges = other.#sackEdges;
    this.#sackEnd = other.#sackEnd;
    this.#bytes = other.#bytes;
    this.#bytesEnd = other.#bytesEnd;
    this.#isSlice = false;
  }

  #data(columns: ColumnArrays, length: number): SegmentTableData {
    return {
      columns,
      length,
      addresses: this.addresses,
      sackEdges: this.sackEdges,
      bytes: this.bytes,
      holdsPayload: this.holdsPayload,
      sections: this.#sections,
      info: this.info,
      totals: this.totals,
    };
  }

  /** Bytes of headers and payloads that these rows add. */
  #measure(segments: Segments): number {
    const { headerLength, payloadLength, missing } = segments;
    let total = 0;
    for (let i = 0; i < segments.length; i++) {
      total += this.#kept(headerLength[i], payloadLength[i], missing[i]);
    }
    if (this.#bytesEnd + total > MAX_BYTES) {
      throw new RangeError(
        "SegmentTable: more than 4 GiB of headers and payloads; take batches as they come instead",
      );
    }
    return total;
  }

  /** Bytes of a segment that are kept: those that were captured, without payload up to the header's end. */
  #kept(headerLength: number, payloadLength: number, missing: number): number {
    const header = Math.max(headerLength, TCP_HEADER_MIN);
    const captured = header + payloadLength - missing;
    return this.holdsPayload ? captured : Math.min(header, captured);
  }

  #reserve(rows: number, edges: number, bytes: number): void {
    if (rows > this.#columns.frame.length) {
      const columns = newColumns(Math.max(rows, this.#columns.frame.length * 2));
      for (const name of COLUMN_NAMES)
        columns[name].set(this.#columns[name].subarray(0, this.#length) as never);
      this.#columns = columns;
    }
    if (this.#sackEnd + edges > this.#sackEdges.length) {
      const grown = new Uint32Array(Math.max(this.#sackEnd + edges, this.#sackEdges.length * 2));
      grown.set(this.sackEdges);
      this.#sackEdges = grown;
    }
    if (this.#bytesEnd + bytes > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.min(MAX_BYTES, Math.max(this.#bytesEnd + bytes, this.#bytes.length * 2)),
      );
      grown.set(this.bytes);
      this.#bytes = grown;
    }
  }

  #internAddresses(segments: Segments, first: number): void {
    const { ipVersion, src, dst, addresses } = segments;
    for (let i = 0; i < segments.length; i++) {
      if (ipVersion[i] !== 6) continue;
      this.#columns.src[first + i] = this.#addresses.intern(addresses, src[i] * 16);
      this.#columns.dst[first + i] = this.#addresses.intern(addresses, dst[i] * 16);
    }
  }

  // Edges are copied row by row: those of a slice lie in the pool of the whole table.
  #appendSackEdges(segments: Segments, first: number): void {
    const { sackCount, sackStart, sackEdges } = segments;
    for (let i = 0; i < segments.length; i++) {
      const count = sackCount[i];
      if (count === 0) continue;
      this.#columns.sackStart[first + i] = this.#sackEnd >> 1;
      for (let edge = 0; edge < 2 * count; edge++) {
        this.#sackEdges[this.#sackEnd++] = sackEdges[2 * sackStart[i] + edge];
      }
    }
  }

  #appendBytes(segments: Segments, first: number): void {
    const from = segments.bytes;
    const to = this.#bytes;
    const { headerOffset, headerLength, payloadLength, missing } = segments;
    let end = this.#bytesEnd;
    for (let i = 0; i < segments.length; i++) {
      const at = headerOffset[i];
      const n = this.#kept(headerLength[i], payloadLength[i], missing[i]);
      this.#columns.headerOffset[first + i] = end;
      // Up to about a hundred bytes a loop is faster than making a view.
      if (n > 96) to.set(from.subarray(at, at + n), end);
      else for (let b = 0; b < n; b++) to[end + b] = from[at + b];
      end += n;
    }
    this.#bytesEnd = end;
  }

  #noteSection(segments: Segments & { readonly section?: SectionInfo }, first: number): void {
    if (segments instanceof SegmentTable) {
      for (const { row, section } of segments.#sections) this.#sections.push({ row: first + row, section });
    } else if (segments.section && segments.section !== this.#sections.at(-1)?.section) {
      this.#sections.push({ row: first, section: segments.section });
    }
  }

  /** @internal */
  protected override column<N extends ColumnName>(name: N): ColumnArrays[N] {
    const view = this.#views[name] ?? (this.#columns[name].subarray(0, this.#length) as ColumnArrays[N]);
    this.#views[name] = view;
    return view as ColumnArrays[N];
  }
}

const MAX_BYTES = 2 ** 32 - 1;

function clamp(position: number, length: number): number {
  return Math.min(length, position < 0 ? Math.max(0, length + position) : position);
}

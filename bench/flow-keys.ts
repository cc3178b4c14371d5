// Addresses and ports of conversations, as columns: what the flow table's races look up.
import { ROWS } from "../assembly/layout/columns.ts";
import { ACK } from "../assembly/layout/wire.ts";
import type { Segments } from "../src/capture/segments.ts";
import { newColumns } from "../src/capture/table-columns.ts";

export interface FlowKey {
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** The conversation called `n`: one of many clients of one server. */
export function flowKey(n: number): FlowKey {
  return { src: 0x0a00_0000 + n, dst: 0xc000_0201, srcPort: 1024 + (n % 60_000), dstPort: 443 };
}

/** A segment without payload for each key, IPv4. */
export function segmentsOf(keys: readonly FlowKey[]): Segments {
  const columns = newColumns(keys.length);
  columns.ipVersion.fill(4);
  columns.headerLength.fill(20);
  columns.flags.fill(ACK);
  for (const [i, key] of keys.entries()) {
    columns.src[i] = key.src;
    columns.dst[i] = key.dst;
    columns.srcPort[i] = key.srcPort;
    columns.dstPort[i] = key.dstPort;
  }
  const pools = { addresses: new Uint8Array(0), sackEdges: new Uint32Array(0), bytes: new Uint8Array(0) };
  return { ...columns, ...pools, length: keys.length, holdsPayload: false };
}

/** The same in batches as a reader gives them. */
export function batchesOf(count: number, key: (i: number) => FlowKey): Segments[] {
  return Array.from({ length: Math.ceil(count / ROWS) }, (_, k) =>
    segmentsOf(Array.from({ length: Math.min(ROWS, count - k * ROWS) }, (_, i) => key(k * ROWS + i))),
  );
}

/** Batches as bench/native/flow-table.h takes them; the last one's missing rows repeat its first. */
export function keyBytes(batches: readonly Segments[]): Uint8Array {
  const bytes = new Uint8Array(batches.length * ROWS * 12);
  for (const [k, batch] of batches.entries()) {
    const at = k * ROWS * 12;
    const words = (offset: number, from: Uint32Array) => {
      const column = new Uint32Array(bytes.buffer, at + offset, ROWS).fill(from[0]);
      column.set(from.subarray(0, batch.length));
    };
    const halves = (offset: number, from: Uint16Array) => {
      const column = new Uint16Array(bytes.buffer, at + offset, ROWS).fill(from[0]);
      column.set(from.subarray(0, batch.length));
    };
    words(0, batch.src);
    words(ROWS * 4, batch.dst);
    halves(ROWS * 8, batch.srcPort);
    halves(ROWS * 10, batch.dstPort);
  }
  return bytes;
}

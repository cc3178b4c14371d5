import { keyOf, recordAt, recordCount, recordOf, takeRecord } from "../flow/pool";
import { FLOW_CHUNK_BYTES, FLOW_CHUNK_KEYS, FLOW_CHUNK_RECORDS, FLOW_MAX_CHUNKS, FLOW_MAX_FLOWS } from "../layout/flow-columns";
import { KEY_BYTES, RECORD_BYTES } from "../layout/flow-record";

describe("a conversation's key and record", () => {
  it("lie in one chunk, and each tells where the other is", () => {
    const n: u32 = 3 * FLOW_CHUNK_RECORDS + 1;
    const from = recordCount();
    let wrong: u32 = 0;
    for (let i: u32 = 0; i < n; i++) {
      const record = takeRecord();
      const key = keyOf(record);
      if (record == 0 || recordAt(from + i) != record || recordOf(key) != record) wrong++;
      const chunk = record & ~(FLOW_CHUNK_BYTES - 1);
      if (key < chunk || key + KEY_BYTES > chunk + FLOW_CHUNK_KEYS || record < chunk + FLOW_CHUNK_KEYS) wrong++;
      if (record + RECORD_BYTES > chunk + FLOW_CHUNK_BYTES) wrong++;
    }
    expect(wrong).toBe(0);
    expect(recordCount()).toBe(from + n);
  });

  it("do not lie upon another's", () => {
    const n: u32 = 2 * FLOW_CHUNK_RECORDS;
    const from = recordCount();
    for (let i: u32 = 0; i < n; i++) {
      const record = takeRecord();
      memory.fill(record, <u8>i, RECORD_BYTES);
      memory.fill(keyOf(record), <u8>~i, KEY_BYTES);
    }
    let wrong: u32 = 0;
    for (let i: u32 = 0; i < n; i++) {
      const record = recordAt(from + i);
      for (let b: u32 = 0; b < <u32>RECORD_BYTES; b++) if (load<u8>(record + b) != <u8>i) wrong++;
      for (let b: u32 = 0; b < <u32>KEY_BYTES; b++) if (load<u8>(keyOf(record) + b) != <u8>~i) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it("have as many chunks as the most conversations need", () => {
    expect(FLOW_MAX_CHUNKS * FLOW_CHUNK_RECORDS).toBeGreaterThan(FLOW_MAX_FLOWS);
    expect((FLOW_MAX_CHUNKS - 1) * FLOW_CHUNK_RECORDS).toBeLessThan(FLOW_MAX_FLOWS);
  });
});

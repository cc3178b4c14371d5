import type { FlowRecord } from "../../flow/index.ts";
import { isoTime } from "../segments/time-text.ts";

/** A record as a line of JSON. What the library gives as bigint are times: they become RFC 3339. */
export function flowJson(record: FlowRecord): string {
  return `${JSON.stringify(record, (_, value) => (typeof value === "bigint" ? isoTime(value) : value))}\n`;
}

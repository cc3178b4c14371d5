import { expect, test } from "vitest";
import * as statuses from "../../assembly/layout/status.ts";
import { segmentCode, segmentReason, WireError } from "../../src/wire/errors.ts";

const segment = Object.entries(statuses).filter(([name]) => name.startsWith("SEGMENT_"));

test("every SEGMENT_ status has the code of its name, and a sentence of its own", () => {
  expect(segment.length).toBeGreaterThan(8);
  for (const [name, status] of segment) expect(`SEGMENT_${segmentCode(status)}`).toBe(name);
  expect(new Set(segment.map(([, status]) => segmentReason(status))).size).toBe(segment.length);
});

test("a number that is no status is refused", () => {
  expect(() => segmentCode(200)).toThrow(RangeError);
  expect(() => segmentReason(-1)).toThrow(RangeError);
});

test("an error tells code, status and byte offset, in words too", () => {
  const error = new WireError(statuses.SEGMENT_OPTION_PAST_END, 23);
  expect(error).toBeInstanceOf(Error);
  expect({ ...error }).toMatchObject({ code: "OPTION_PAST_END", status: 5, offset: 23 });
  expect(String(error)).toBe("WireError: an option reaches past the end of the header (byte 23)");
});

import {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
} from "../../../assembly/layout/status.ts";
import { capturedHeaderLength } from "../../capture/segment-bytes.ts";
import type { Segments } from "../../capture/segments.ts";

/** Whether the first `length` bytes of the row's TCP header were captured; what lies behind is absent. */
export function headerReaches(segments: Segments, i: number, length: number): boolean {
  return segments.status[i] !== SEGMENT_HEADER_TRUNCATED || capturedHeaderLength(segments, i) >= length;
}

/** Whether the data offset makes sense, so that there are options and a payload to speak of. */
export function headerStands(segments: Segments, i: number): boolean {
  const status = segments.status[i];
  return (
    status !== SEGMENT_OFFSET_SMALL && status !== SEGMENT_OFFSET_PAST_END && headerReaches(segments, i, 20)
  );
}

/** Whether it is known how much payload the segment has: not from its first fragment alone. */
export function payloadKnown(segments: Segments, i: number): boolean {
  return headerStands(segments, i) && segments.status[i] !== SEGMENT_FIRST_FRAGMENT;
}

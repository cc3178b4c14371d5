import {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
} from "../../../assembly/layout/status.ts";
import { TCP_CHECKSUM, TCP_HEADER_MIN } from "../../../assembly/layout/wire.ts";
import { capturedHeaderLength } from "../../capture/segment-bytes.ts";
import type { Segments } from "../../capture/segments.ts";

/** Whether the first `length` bytes of the row's TCP header were captured; what lies behind is absent. */
export function headerReaches(segments: Segments, i: number, length: number): boolean {
  return segments.status[i] !== SEGMENT_HEADER_TRUNCATED || capturedHeaderLength(segments, i) >= length;
}

/** Bytes up to the window's end. Wireshark takes these fields together: with one of them cut, all are absent. */
export const BEFORE_CHECKSUM = TCP_CHECKSUM;

/** Whether the data offset makes sense, so that there are options and a payload to speak of. */
export function headerStands(segments: Segments, i: number): boolean {
  return offsetStands(segments, i) && headerReaches(segments, i, TCP_HEADER_MIN);
}

/** Whether it is known how much payload the segment has: not from its first fragment alone. */
export function payloadKnown(segments: Segments, i: number): boolean {
  return (
    offsetStands(segments, i) &&
    headerReaches(segments, i, BEFORE_CHECKSUM) &&
    segments.status[i] !== SEGMENT_FIRST_FRAGMENT
  );
}

function offsetStands({ status }: Segments, i: number): boolean {
  return status[i] !== SEGMENT_OFFSET_SMALL && status[i] !== SEGMENT_OFFSET_PAST_END;
}

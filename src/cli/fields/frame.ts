import type { Field } from "./field.ts";

/** The frame around a segment. */
export const frameFields: readonly Field[] = [
  {
    name: "frame.number",
    kind: "number",
    about: "number of the frame in the capture, from 1",
    value: ({ segments }, i) => segments.frame[i],
  },
  {
    name: "frame.time_epoch",
    kind: "seconds",
    about: "when it was captured, seconds since 1970-01-01 UTC",
    value: ({ segments }, i) => segments.time[i],
  },
  {
    name: "frame.len",
    kind: "number",
    about: "bytes on the wire",
    value: ({ segments }, i) => segments.frameLength[i],
  },
  {
    name: "frame.cap_len",
    kind: "number",
    about: "bytes captured of them",
    value: ({ segments }, i) => segments.frameCaptured[i],
  },
  {
    name: "frame.interface_id",
    kind: "number",
    about: "interface of the pcapng section it was captured on",
    value: ({ segments }, i) => segments.interfaceId[i],
  },
];

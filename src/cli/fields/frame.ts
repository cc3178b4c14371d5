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
    about: "number of the interface it was captured on (pcapng)",
    value: ({ segments, interfaces }, i) => (interfaces ? segments.interfaceId[i] : undefined),
  },
  {
    name: "frame.interface_name",
    kind: "text",
    about: "that interface's name, or unknown",
    value: ({ segments, interfaces }, i) =>
      interfaces && (interfaces[segments.interfaceId[i]]?.name ?? "unknown"),
  },
  {
    name: "frame.interface_description",
    kind: "text",
    about: "what the capture says of that interface",
    value: ({ segments, interfaces }, i) => interfaces?.[segments.interfaceId[i]]?.description,
  },
];

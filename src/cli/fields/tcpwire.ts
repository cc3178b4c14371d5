import { segmentCode } from "../../wire/errors.ts";
import { CHECKSUM_NAMES } from "../words.ts";
import type { Field } from "./field.ts";

/** Names of our own: where Wireshark has no field, or one whose judgement we do not share. */
export const tcpwireFields: readonly Field[] = [
  {
    name: "tcpwire.checksum",
    kind: "text",
    about: "good, bad, partial (left to the network card by offload) or unverified",
    value: ({ segments }, i) => CHECKSUM_NAMES[segments.checksumStatus[i]],
  },
  {
    name: "tcpwire.status",
    kind: "text",
    about: "OK, or the first thing that is wrong with the segment",
    value: ({ segments }, i) => segmentCode(segments.status[i]),
  },
  {
    name: "tcpwire.missing",
    kind: "number",
    about: "payload bytes that the capture lacks (snaplen)",
    value: ({ segments }, i) => segments.missing[i],
  },
  {
    name: "tcpwire.vlan",
    kind: "number",
    about: "VLAN identifiers, outer and inner",
    value: ({ segments }, i) => vlanIds(segments.vlan[i]),
  },
  {
    name: "tcpwire.tunnel",
    kind: "hex",
    digits: 8,
    about: "a number that tells encapsulations apart, nothing outside any",
    value: ({ segments }, i) => segments.tunnel[i] || undefined,
  },
];

/** The identifiers in a `vlan` column value, outer first. */
export function vlanIds(tags: number): number[] | undefined {
  if (tags === 0) return undefined;
  const inner = tags & 0xfff;
  return tags >>> 16 === 0 ? [inner] : [(tags >>> 16) & 0xfff, inner];
}

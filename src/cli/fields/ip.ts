import { IPPROTO_TCP } from "../../../assembly/layout/wire.ts";
import { destinationText, sourceText } from "../addresses.ts";
import type { Field } from "./field.ts";

/** The IP header right around the TCP header; headers further out (tunnels) have no fields. */
export const ipFields: readonly Field[] = [
  {
    name: "ip.src",
    kind: "address",
    about: "IPv4 source address",
    value: ({ segments }, i) => (segments.ipVersion[i] === 4 ? sourceText(segments, i) : undefined),
  },
  {
    name: "ip.dst",
    kind: "address",
    about: "IPv4 destination address",
    value: ({ segments }, i) => (segments.ipVersion[i] === 4 ? destinationText(segments, i) : undefined),
  },
  {
    name: "ip.proto",
    kind: "number",
    about: "protocol of the IPv4 header: 6",
    value: ({ segments }, i) => (segments.ipVersion[i] === 4 ? IPPROTO_TCP : undefined),
  },
  {
    name: "ip.ttl",
    kind: "number",
    about: "time to live",
    value: ({ segments }, i) => (segments.ipVersion[i] === 4 ? segments.ttl[i] : undefined),
  },
  {
    name: "ip.dsfield",
    kind: "hex",
    digits: 2,
    about: "DSCP and ECN of the IPv4 header",
    value: ({ segments }, i) => (segments.ipVersion[i] === 4 ? segments.trafficClass[i] : undefined),
  },
  {
    name: "ipv6.src",
    kind: "address",
    about: "IPv6 source address",
    value: ({ segments }, i) => (segments.ipVersion[i] === 6 ? sourceText(segments, i) : undefined),
  },
  {
    name: "ipv6.dst",
    kind: "address",
    about: "IPv6 destination address",
    value: ({ segments }, i) => (segments.ipVersion[i] === 6 ? destinationText(segments, i) : undefined),
  },
  {
    name: "ipv6.tclass",
    kind: "hex",
    digits: 8,
    about: "traffic class of the IPv6 header: DSCP and ECN",
    value: ({ segments }, i) => (segments.ipVersion[i] === 6 ? segments.trafficClass[i] : undefined),
  },
  {
    name: "ipv6.hlim",
    kind: "number",
    about: "hop limit",
    value: ({ segments }, i) => (segments.ipVersion[i] === 6 ? segments.ttl[i] : undefined),
  },
];

import { formatFlags, parseSegment, WireError } from "../../src/wire/index.ts";

/** A segment in tcpdump's manner, numbers as on the wire. */
export function describe(bytes: Uint8Array): string {
  try {
    return described(bytes);
  } catch (error) {
    if (error instanceof WireError) return `no segment: ${error.message}`;
    throw error;
  }
}

function described(bytes: Uint8Array): string {
  const { flags, seq, ack, window, payload, options, urgentPointer } = parseSegment(bytes);
  const said = options
    .filter(({ type }) => type !== "nop" && type !== "eol")
    .map((option) => {
      if (option.type === "timestamps") return `TS ${option.tsval} ${option.tsecr}`;
      if (option.type === "sack")
        return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(" ")}`;
      if (option.type === "mss") return `mss ${option.value}`;
      if (option.type === "windowScale") return `wscale ${option.shift}`;
      return option.type;
    });
  const urgent = urgentPointer > 0 ? ` urg ${urgentPointer}` : "";
  return `${formatFlags(flags)} seq ${seq}:${(seq + payload.length) >>> 0} (${payload.length}) ack ${ack} win ${window}${urgent} <${said.join(", ")}>`;
}

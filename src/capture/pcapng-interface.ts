import * as layout from "../../assembly/layout/capture.ts";
import { parseIPv4, parseIPv6 } from "../wire/address.ts";
import type { BlockWriter } from "./block-writer.ts";
import type { InterfaceInfo } from "./info.ts";

/** Writes the options of an interface description (draft-ietf-opsawg-pcapng 4.2). */
export function writeInterfaceOptions(
  blocks: BlockWriter,
  info: Partial<InterfaceInfo>,
  tsresol: number,
  tsoffset: bigint,
): void {
  blocks.comments(info.comments);
  blocks.text(layout.PCAPNG_IF_NAME, info.name);
  blocks.text(layout.PCAPNG_IF_DESCRIPTION, info.description);
  for (const address of info.addresses ?? []) writeAddress(blocks, address);
  if (info.macAddress !== undefined) {
    const bytes = macBytes(info.macAddress);
    blocks.option(layout.PCAPNG_IF_MACADDR, 6, (out) => out.bytes(bytes));
  }
  const { speed, filter, fcsLength } = info;
  if (speed !== undefined) blocks.option(layout.PCAPNG_IF_SPEED, 8, (out) => out.u64(BigInt(speed)));
  blocks.option(layout.PCAPNG_IF_TSRESOL, 1, (out) => out.bytes([tsresol]));
  if (filter !== undefined) {
    const text = new TextEncoder().encode(filter);
    blocks.option(layout.PCAPNG_IF_FILTER, 1 + text.length, (out) => {
      out.bytes([FILTER_TEXT]);
      out.bytes(text);
    });
  }
  blocks.text(layout.PCAPNG_IF_OS, info.os);
  if (fcsLength !== undefined) blocks.option(layout.PCAPNG_IF_FCSLEN, 1, (out) => out.bytes([fcsLength]));
  if (tsoffset !== 0n)
    blocks.option(layout.PCAPNG_IF_TSOFFSET, 8, (out) => out.u64(BigInt.asUintN(64, tsoffset)));
  blocks.text(layout.PCAPNG_IF_HARDWARE, info.hardware);
  blocks.endOfOptions();
}

const FILTER_TEXT = 0;

/** An address with its prefix length, or an IPv4 address with its mask: `192.0.2.1/24`, `192.0.2.1/255.255.255.0`. */
function writeAddress(blocks: BlockWriter, text: string): void {
  const [address, prefix = ""] = text.split("/");
  if (address.includes(":")) {
    const bytes = parseIPv6(address);
    blocks.option(layout.PCAPNG_IF_IPV6ADDR, 17, (out) => {
      out.bytes(bytes);
      out.bytes([prefixLength(prefix || "128", 128)]);
    });
    return;
  }
  const word = parseIPv4(address);
  const mask = prefix.includes(".") ? parseIPv4(prefix) : maskOf(prefixLength(prefix || "32", 32));
  blocks.option(layout.PCAPNG_IF_IPV4ADDR, 8, (out) => {
    out.bytes(networkOrder(word));
    out.bytes(networkOrder(mask));
  });
}

function prefixLength(text: string, max: number): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > max)
    throw new TypeError(`prefix length ${JSON.stringify(text)}`);
  return Number(text);
}

function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
}

function networkOrder(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
}

function macBytes(text: string): number[] {
  const parts = text.split(/[:-]/);
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part))) {
    throw new TypeError(`${JSON.stringify(text)} is no MAC address`);
  }
  return parts.map((part) => Number.parseInt(part, 16));
}

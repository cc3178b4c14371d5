import { AE, CWR, ECE, PSH, URG } from "../../../assembly/layout/wire.ts";
import { aceField } from "../../wire/flags.ts";
import type { TcpOption } from "../../wire/options/index.ts";
import type { RunConfig } from "../config/config.ts";
import type { IpInfo, TcpBody } from "../script.ts";
import type { Emitted } from "./emitted.ts";
import { showOption } from "./format.ts";

const ECN_FLAGS = AE | CWR | ECE;

/**
 * In what a segment differs from the packet that the script expects: a word for the first difference, or null.
 *
 * Options are sets: their order and padding are the sender's own affair. PSH has to stand where nothing waits
 * behind a segment (RFC 9293 MUST-61); where more follows, it may stand or not, whatever the script says.
 */
export function difference(expected: TcpBody, ip: IpInfo, actual: Emitted, config: RunConfig): string | null {
  const checks: readonly (readonly [string, () => boolean])[] = [
    ["flags", () => hasFlags(expected, actual)],
    ["sequence number", () => expected.seq === actual.seq],
    ["length", () => expected.length === actual.length],
    ["acknowledgment number", () => expected.ack === actual.ack],
    ["window", () => expected.window === null || expected.window === actual.window],
    ["urgent pointer", () => expected.urgent === (actual.flags & URG ? actual.urgent : 0)],
    ["ECN codepoint", () => hasEcn(ip.ecn, actual.ecn)],
    ["options", () => hasOptions(expected.options, actual, config)],
    ["data", () => actual.wrongByte < 0],
  ];
  return checks.find(([, holds]) => !holds())?.[0] ?? null;
}

function hasFlags(expected: TcpBody, { flags, isLast, length }: Emitted): boolean {
  const mayPush = !isLast || length === 0 ? PSH : 0;
  const ignored = mayPush | ECN_FLAGS;
  if ((expected.flags & ~ignored) !== (flags & ~ignored)) return false;
  return expected.ace
    ? aceField(expected.flags) === aceField(flags)
    : (expected.flags & ECN_FLAGS) === (flags & ECN_FLAGS);
}

function hasEcn(expected: IpInfo["ecn"], actual: number): boolean {
  if (expected === undefined) return true;
  return expected === "ect01" ? actual === 1 || actual === 2 : expected === actual;
}

function hasOptions(expected: TcpBody["options"], actual: Emitted, config: RunConfig): boolean {
  if (expected === null) return true;
  const left = actual.options.filter(isSubstance);
  for (const option of expected.filter(isSubstance)) {
    const at = left.findIndex((found) => isSame(option, found, config));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

function isSubstance({ type }: TcpOption): boolean {
  return type !== "nop" && type !== "eol";
}

function isSame(expected: TcpOption, actual: TcpOption, config: RunConfig): boolean {
  if (expected.type === "timestamps" && actual.type === "timestamps") {
    const off = Math.abs((actual.tsval - expected.tsval) | 0) * config.timestampTickUs;
    return off <= config.toleranceUs && expected.tsecr === actual.tsecr;
  }
  return showOption(expected) === showOption(actual);
}

import type { InterfaceInfo } from "../../capture/info.ts";
import type { Segments } from "../../capture/segments.ts";
import type { Analysis } from "../../flow/index.ts";
import { escapeText } from "../terminal/escape.ts";
import { hexText } from "../terminal/numbers.ts";

/** What a field is computed from: a batch of rows and what goes with the capture as a whole. */
export interface Rows {
  readonly segments: Segments;
  /** Interfaces by number, where the capture knows of any (pcapng). */
  readonly interfaces?: readonly InterfaceInfo[];
  /** What the flow tracker says of these rows; there where a field `needs` it. */
  readonly analysis?: Analysis;
}

/**
 * What a field's values are, which also says how they print:
 * - `number`: decimal
 * - `hex`: `0x` and `digits` hexadecimal digits
 * - `boolean`: `1` or `0`
 * - `flag`: `1`, or nothing where it is not so
 * - `seconds`: nanoseconds as seconds with nine decimals
 * - `address`: an IP address, as text
 * - `bytes`: hexadecimal digits
 * - `text`: as it is
 */
export type FieldKind = "number" | "hex" | "boolean" | "flag" | "seconds" | "address" | "bytes" | "text";

/** One value; an array where a row can carry several; undefined where it carries none. */
export type FieldValue = number | bigint | boolean | string | Uint8Array | readonly number[] | undefined;

/** A column that `-e` can ask for. */
export interface Field {
  /** Wireshark's name, or one of our own under `tcpwire.`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Digits of a `hex` field. */
  readonly digits?: number;
  readonly about: string;
  /** What has to be at hand besides the segments. */
  readonly needs?: "flow";
  /** The value of row `i`, which may be borrowed. Called once a row: allocates nothing where the value is a number. */
  value(rows: Rows, i: number): FieldValue;
}

/** A value as `tshark -T fields` prints it; several are joined by `aggregator`. */
export function fieldText(field: Field, value: FieldValue, aggregator: string): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((one) => single(field, one)).join(aggregator);
  return single(field, value as Single);
}

/** A value as JSON: numbers as numbers (nanoseconds too, exactly), hex as text, several as an array. */
export function fieldJson(field: Field, value: FieldValue): string {
  if (value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map((one) => singleJson(field, one)).join(",")}]`;
  return singleJson(field, value as Single);
}

/** Nanoseconds as seconds with nine decimals, as tshark prints a time. */
export function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const seconds = size / 1_000_000_000n;
  const rest = Number(size - seconds * 1_000_000_000n);
  return `${nanoseconds < 0n ? "-" : ""}${seconds}.${rest.toString().padStart(9, "0")}`;
}

type Single = number | bigint | boolean | string | Uint8Array;

function single(field: Field, value: Single): string {
  switch (field.kind) {
    case "hex":
      return `0x${value.toString(16).padStart(field.digits!, "0")}`;
    case "boolean":
      return value ? "1" : "0";
    case "flag":
      return value ? "1" : "";
    case "seconds":
      return secondsText(value as bigint);
    case "bytes":
      return hexText(value as Uint8Array);
    case "text":
      return escapeText(value as string);
    default:
      return `${value}`;
  }
}

function singleJson(field: Field, value: Single): string {
  switch (field.kind) {
    case "number":
      return `${value}`;
    case "boolean":
    case "flag":
      return value ? "true" : "false";
    case "seconds":
      return secondsText(value as bigint);
    case "text":
      return JSON.stringify(value);
    default:
      return `"${single(field, value)}"`;
  }
}

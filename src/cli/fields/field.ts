import type { Segments } from "../../capture/segments.ts";

/** What a field is computed from: a batch of rows and what goes with the capture as a whole. */
export interface Rows {
  readonly segments: Segments;
}

/**
 * What a field's values are, which also says how they print:
 * - `number`: decimal
 * - `hex`: `0x` and `digits` hexadecimal digits
 * - `boolean`: `1` or `0`
 * - `flag`: `1`, or nothing where it is not so
 * - `seconds`: nanoseconds as seconds with nine decimals
 * - `text`: as it is
 */
export type FieldKind = "number" | "hex" | "boolean" | "flag" | "seconds" | "text";

/** One value; an array where a row can carry several; undefined where it carries none. */
export type FieldValue = number | bigint | boolean | string | readonly (number | string)[] | undefined;

/** A column that `-e` can ask for. */
export interface Field {
  /** Wireshark's name, or one of our own under `tcpwire.`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Digits of a `hex` field. */
  readonly digits?: number;
  readonly about: string;
  /** The value of row `i`. Called once a row: allocates nothing where the value is a number. */
  value(rows: Rows, i: number): FieldValue;
}

/** A value as `tshark -T fields` prints it; several are joined by `aggregator`. */
export function fieldText(field: Field, value: FieldValue, aggregator: string): string {
  if (value === undefined) return "";
  if (typeof value === "object") return value.map((one) => single(field, one)).join(aggregator);
  return single(field, value);
}

/** A value as JSON: numbers as numbers (nanoseconds too, exactly), hex as text, several as an array. */
export function fieldJson(field: Field, value: FieldValue): string {
  if (value === undefined) return "null";
  if (typeof value === "object") return `[${value.map((one) => singleJson(field, one)).join(",")}]`;
  return singleJson(field, value);
}

/** Nanoseconds as seconds with nine decimals, as tshark prints a time. */
export function secondsText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const seconds = size / 1_000_000_000n;
  const rest = Number(size - seconds * 1_000_000_000n);
  return `${nanoseconds < 0n ? "-" : ""}${seconds}.${rest.toString().padStart(9, "0")}`;
}

function single(field: Field, value: number | bigint | boolean | string): string {
  switch (field.kind) {
    case "hex":
      return `0x${value.toString(16).padStart(field.digits!, "0")}`;
    case "boolean":
      return value ? "1" : "0";
    case "flag":
      return value ? "1" : "";
    case "seconds":
      return secondsText(value as bigint);
    default:
      return `${value}`;
  }
}

function singleJson(field: Field, value: number | bigint | boolean | string): string {
  switch (field.kind) {
    case "number":
      return `${value}`;
    case "boolean":
    case "flag":
      return value ? "true" : "false";
    case "seconds":
      return secondsText(value as bigint);
    case "hex":
      return `"${single(field, value)}"`;
    default:
      return JSON.stringify(value);
  }
}

import { type EventTime, ScriptError } from "../script.ts";
import type { Cursor } from "./cursor.ts";

/** `0.1`, `+.01`, `0.1~0.2`, `+.1~+.2`, `*`. */
export function time(cursor: Cursor): EventTime {
  if (cursor.takes("*")) return { type: "any" };
  const type = cursor.takes("+") ? "relative" : "absolute";
  const { line } = cursor.peek();
  const from = microseconds(cursor);
  if (!cursor.takes("~")) return { type, from };
  if (type === "relative") cursor.takes("+"); // `+0~0.1` is said as often as `+0~+0.1`
  const to = microseconds(cursor);
  if (to < from) throw new ScriptError(line, "the range of times runs backwards");
  return { type, from, to };
}

/** Seconds with or without a fraction, as microseconds. */
export function microseconds(cursor: Cursor): number {
  const { kind, text, line } = cursor.peek();
  if (kind !== "integer" && kind !== "float") throw cursor.wanted("a time");
  cursor.next();
  const value = Math.round(Number(text) * 1e6);
  if (value < 0) throw new ScriptError(line, `the time ${text} is negative`);
  return value;
}

import { type Action, type EventTime, type Script, ScriptError, type ScriptEvent } from "../script.ts";
import { call } from "./calls.ts";
import { Cursor } from "./cursor.ts";
import { definitions, headers } from "./headers.ts";
import { packet, UnsupportedPacket } from "./packets.ts";
import { time } from "./times.ts";

/**
 * Reads a script of google's packetdrill language.
 *
 * @param path names it in errors and reports
 * @param defines words and what stands for them, as `--define` in the script, which wins
 * @throws {ScriptError} with the line, for what is not of the language
 */
export function parseScript(
  source: string,
  path: string,
  defines: ReadonlyMap<string, string> = new Map(),
): Script {
  const found = headers(new Cursor(source));
  const cursor = new Cursor(source, new Map([...defines, ...definitions(found)]));
  headers(cursor);
  const events: ScriptEvent[] = [];
  while (!cursor.is("end")) events.push(event(cursor));
  checkTimes(events);
  return { path, headers: found, events };
}

function event(cursor: Cursor): ScriptEvent {
  const begin = cursor.peek();
  const when = cursor.is("command") ? null : time(cursor);
  const what = action(cursor);
  return { line: begin.line, time: when, action: what, text: cursor.textSince(begin) };
}

function action(cursor: Cursor): Action {
  if (cursor.is("command")) return { type: "command", text: cursor.next().text };
  if (cursor.is("code")) return { type: "code", text: cursor.next().text };
  if (!cursor.is("sign", "<") && !cursor.is("sign", ">")) return { type: "call", call: call(cursor) };
  try {
    return { type: "packet", packet: packet(cursor) };
  } catch (error) {
    if (!(error instanceof UnsupportedPacket)) throw error;
    cursor.skipEvent();
    return { type: "unsupported", reason: error.message };
  }
}

function checkTimes(events: readonly ScriptEvent[]): void {
  const first = events.find(({ time }) => time !== null);
  if (first === undefined) throw new ScriptError(events.at(-1)?.line ?? 1, "nothing happens in this script");
  if (first.time!.type === "any" || first.time!.from !== 0) {
    throw new ScriptError(first.line, "the first event has to be at time 0");
  }
  let last = 0;
  for (const { time, action, line } of events) {
    if (time === null) continue;
    if (!isPrecise(time) && !(action.type === "packet" && action.packet.direction === "out")) {
      throw new ScriptError(line, "only outbound packets can have a range of times, or any");
    }
    if (time.type !== "absolute") continue;
    if (time.from < last) throw new ScriptError(line, "time runs backwards");
    last = time.from;
  }
}

function isPrecise(time: EventTime): boolean {
  return time.type !== "any" && time.to === undefined;
}

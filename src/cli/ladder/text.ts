import type { Style } from "../terminal/style.ts";
import { columns } from "../terminal/wrap.ts";
import {
  type Emphasis,
  type Event,
  english,
  foldText,
  type Ladder,
  type LadderWords,
  type Rung,
  SILENCE,
  type Step,
  silenceText,
} from "./model.ts";

const STATE = 12; // SYN-RECEIVED, the longest
const TIME = 10;
const LEAST = 30; // between the sides, so that silences have room

/**
 * The ladder as lines of text, `width` columns wide, or more where a text would not fit between the two sides:
 *
 * ```
 *                         192.0.2.7:50000             198.51.100.3:80
 *   0.000000     SYN-SENT │── SYN seq 0 ───────────────▶│ SYN-RECEIVED
 * ```
 *
 * A state stands where it changes. Silence of more than a second has a line of its own.
 */
export function ladderText(ladder: Ladder, width: number, style: Style, words = english): string[] {
  const middle = Math.max(width - TIME - 2 * (STATE + 3), widest(ladder, words) + 2);
  const lines = [header(ladder, middle, style)];
  let states: readonly [string, string] = ["", ""];
  let last: number | undefined;
  for (const rung of ladder.rungs) {
    if (last !== undefined && rung.at - last >= SILENCE) {
      lines.push(plainLine("", `⋮${center(silenceText(rung.at - last, words), middle - 2)}⋮`, style.faint));
    }
    last = "fold" in rung ? rung.until : rung.at;
    if ("fold" in rung) {
      lines.push(plainLine(clock(rung.at), `│${center(foldText(rung, words), middle - 2)}│`, style.faint));
      continue;
    }
    const changed: [string, string] = [
      rung.states[0] === states[0] ? "" : rung.states[0],
      rung.states[1] === states[1] ? "" : rung.states[1],
    ];
    states = rung.states;
    const between =
      "event" in rung
        ? style.faint(eventText(rung, middle - 2))
        : painter(rung.emphasis, style)(arrow(rung, middle - 2));
    lines.push(
      `${style.faint(clock(rung.at))} ${style.strong(changed[0].padStart(STATE))} │${between}│ ${style.strong(changed[1])}`.trimEnd(),
    );
    if ("event" in rung) continue;
    for (const note of rung.notes) {
      lines.push(plainLine("", `│${center(`(${note})`, middle - 2)}│`, style.warn));
    }
  }
  return lines;
}

/** What has to fit between the sides, so that they stay straight however narrow the screen is. */
function widest({ rungs }: Ladder, words: LadderWords): number {
  return rungs.reduce((most, rung) => Math.max(most, innerWidth(rung, words)), LEAST);
}

function innerWidth(rung: Rung, words: LadderWords): number {
  if ("fold" in rung) return columns(foldText(rung, words));
  if ("event" in rung) return rung.event.length + 2;
  return Math.max(rung.label.length + 6, ...rung.notes.map((note) => columns(note) + 2));
}

function header({ left, right }: Ladder, middle: number, style: Style): string {
  const indent = " ".repeat(TIME + STATE + 2);
  const room = middle - left.length;
  return indent + style.heading(left + right.padStart(Math.max(room, right.length + 2)));
}

function plainLine(time: string, middle: string, paint: (text: string) => string): string {
  return `${time.padStart(TIME)}${" ".repeat(STATE + 2)}${paint(middle)}`;
}

/** What somebody does stands on his side. */
function eventText({ event, side }: Event, width: number): string {
  return side === 0 ? ` ${event}`.padEnd(width) : `${event} `.padStart(width);
}

function arrow(step: Step, width: number): string {
  const label = ` ${step.label} `;
  const lost = step.emphasis === "lost";
  const line = Math.max(0, width - 4 - label.length);
  if (step.from === 0) return `──${label}${"─".repeat(line)}─${lost ? "✕" : "▶"}`;
  return `${lost ? "✕" : "◀"}─${"─".repeat(line)}${label}──`;
}

function painter(emphasis: Emphasis, style: Style): (text: string) => string {
  switch (emphasis) {
    case "open":
      return style.good;
    case "close":
      return style.strong;
    case "reset":
    case "lost":
      return style.bad;
    case "finding":
      return style.warn;
    default:
      return (text) => text;
  }
}

function center(text: string, width: number): string {
  const room = Math.max(0, width - columns(text));
  return " ".repeat(room >> 1) + text + " ".repeat((room + 1) >> 1);
}

function clock(ms: number): string {
  return (ms / 1000).toFixed(ms < 1_000_000 ? 6 : 3).padStart(TIME);
}

import type { Style } from "../terminal/style.ts";
import { columns, wrap } from "../terminal/wrap.ts";
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

/** Where no line is to break. */
const NBSP = "\u00a0";
const STATE = 12; // SYN-RECEIVED, the longest
const TIME = 10;
const LEAST = 30; // between the sides, so that silences have room
const ARROW = 6; // what an arrow takes beside its label
const INDENT = 3; // of a label's second line: beneath its first

/**
 * The ladder as lines of text, `width` columns wide, or more where a text would not fit between the two sides:
 *
 * ```
 *                         192.0.2.7:50000             198.51.100.3:80
 *   0.000000     SYN-SENT │── SYN seq 0 ───────────────▶│ SYN-RECEIVED
 * ```
 *
 * A state stands where it changes. Silence of more than a second has a line of its own.
 *
 * @param isNarrow it must not be wider, from 72 columns on: long texts take several lines instead
 */
export function ladderText(
  ladder: Ladder,
  width: number,
  style: Style,
  words = english,
  isNarrow = false,
): string[] {
  const room = width - TIME - 2 * (STATE + 3);
  const middle = isNarrow ? Math.max(room, LEAST + 2) : Math.max(room, widest(ladder, words) + 2);
  const lines = [header(ladder, middle, style)];
  let states: readonly [string, string] = ["", ""];
  let last: number | undefined;
  for (const rung of ladder.rungs) {
    if (last !== undefined && rung.at - last >= SILENCE) {
      lines.push(plainLine("", `⋮${center(silenceText(rung.at - last, words), middle - 2)}⋮`, style.faint));
    }
    last = "fold" in rung ? rung.until : rung.at;
    if ("fold" in rung) {
      for (const [i, text] of wrap(foldText(rung, words), middle - 2).entries()) {
        lines.push(plainLine(i === 0 ? clock(rung.at) : "", `│${center(text, middle - 2)}│`, style.faint));
      }
      continue;
    }
    const changed: [string, string] = [
      rung.states[0] === states[0] ? "" : rung.states[0],
      rung.states[1] === states[1] ? "" : rung.states[1],
    ];
    states = rung.states;
    const [between, ...beneath] = "event" in rung ? eventTexts(rung, middle - 2) : arrows(rung, middle - 2);
    const paint = "event" in rung ? style.faint : painter(rung.emphasis, style);
    lines.push(
      `${style.faint(clock(rung.at))} ${style.strong(changed[0].padStart(STATE))} │${paint(between)}│ ${style.strong(changed[1])}`.trimEnd(),
      ...beneath.map((text) => plainLine("", `│${paint(text)}│`)),
    );
    if ("event" in rung) continue;
    for (const note of rung.notes.flatMap((text) => wrap(`(${text})`, middle - 2))) {
      lines.push(plainLine("", `│${center(note, middle - 2)}│`, style.warn));
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
  return Math.max(rung.label.length + ARROW, ...rung.notes.map((note) => columns(note) + 2));
}

function header({ left, right }: Ladder, middle: number, style: Style): string {
  const indent = " ".repeat(TIME + STATE + 2);
  const room = middle - left.length;
  return indent + style.heading(left + right.padStart(Math.max(room, right.length + 2)));
}

function plainLine(time: string, middle: string, paint = (text: string) => text): string {
  return `${time.padStart(TIME)}${" ".repeat(STATE + 2)}${paint(middle)}`;
}

/** What somebody does stands on his side. */
function eventTexts({ event, side }: Event, width: number): string[] {
  return wrap(event, width - 1).map((text) =>
    side === 0 ? ` ${text}`.padEnd(width) : `${text} `.padStart(width),
  );
}

/** The arrow, with what it says; beneath it what it has no room for. */
function arrows(step: Step, width: number): string[] {
  // A number stays with what it is the number of.
  const [label, ...more] = wrap(step.label.replace(/ (?=\d)/g, NBSP), width - ARROW);
  const rest = wrap(more.join(" "), width - 2 * INDENT).filter((text) => text !== "");
  return [
    arrow(step, label, width),
    ...rest.map((text) => " ".repeat(INDENT) + text.replaceAll(NBSP, " ").padEnd(width - INDENT)),
  ];
}

function arrow({ from, emphasis }: Step, text: string, width: number): string {
  const label = ` ${text.replaceAll(NBSP, " ")} `;
  const lost = emphasis === "lost";
  const line = Math.max(0, width - 4 - label.length);
  if (from === 0) return `──${label}${"─".repeat(line)}─${lost ? "✕" : "▶"}`;
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

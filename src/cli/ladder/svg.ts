import { columns } from "../terminal/wrap.ts";
import {
  english,
  foldText,
  type Ladder,
  type LadderWords,
  type Rung,
  SILENCE,
  type Step,
  silenceText,
} from "./model.ts";

// Lengths in pixels. A column is as wide as the widest of the fonts asked for makes it, so that what is measured with it
// has room in all of them.
const COLUMN = 7.3;
const GAP = 10;
const STATE = 12 * COLUMN; // SYN-RECEIVED, the longest
const LEAST = 480; // between the two sides
const TOP = 52;
const LINE = 26; // an event, a fold, a silence
const NOTE = 15;
// A segment, from the top of its row: the label, the arrow beneath (it slopes, as time passes on the way), its notes.
const LABEL_AT = 14;
const SENT_AT = 21;
const ARRIVES_AT = 25;
const SEGMENT = 32;
const NOTE_AT = 39;
const NOTES_END = 4;

/**
 * The ladder as a picture: a self-contained SVG document that follows the reader's light or dark theme and is as wide
 * as its texts want. Text is escaped; the document holds no script.
 */
export function ladderSvg(ladder: Ladder, words = english): string {
  const place = placeOf(ladder, words);
  const { left, right, width } = place;
  const middle = (left + right) / 2;
  const parts: string[] = [];
  let y = TOP;
  let states: readonly [string, string] = ["", ""];
  let last: number | undefined;
  for (const rung of ladder.rungs) {
    if (last !== undefined && rung.at - last >= SILENCE) {
      parts.push(
        `<rect class="silence" x="${left}" y="${y + 4}" width="${right - left}" height="${LINE - 8}" rx="4"/>`,
        text(middle, y + 17, silenceText(rung.at - last, words), "faint middle"),
      );
      y += LINE;
    }
    last = "fold" in rung ? rung.until : rung.at;
    const base = y + ("label" in rung ? SENT_AT + 5 : 17);
    parts.push(text(place.time, base, clock(rung.at), "faint end"));
    if ("fold" in rung) {
      parts.push(text(middle, base, foldText(rung, words), "faint middle"));
      y += LINE;
      continue;
    }
    if (rung.states[0] !== states[0]) parts.push(text(left - GAP, base, rung.states[0], "state end"));
    if (rung.states[1] !== states[1]) parts.push(text(right + GAP, base, rung.states[1], "state"));
    states = rung.states;
    if ("event" in rung) {
      const [x, end] = rung.side === 0 ? [left + GAP, ""] : [right - GAP, " end"];
      parts.push(text(x, base, rung.event, `faint${end}`));
      y += LINE;
      continue;
    }
    parts.push(arrow(rung, y, place), text(middle, y + LABEL_AT, rung.label, "middle"));
    for (const [i, note] of rung.notes.entries())
      parts.push(text(middle, y + NOTE_AT + i * NOTE, note, "note middle"));
    y += SEGMENT + (rung.notes.length === 0 ? 0 : rung.notes.length * NOTE + NOTES_END);
  }
  const height = y + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(`Sequence diagram of ${ladder.left} and ${ladder.right}`)}">`,
    STYLE,
    `<rect class="page" width="${width}" height="${height}"/>`,
    text(left, 28, ladder.left, "host middle"),
    text(right, 28, ladder.right, "host middle"),
    `<path class="line" d="M${left} 40V${height - 8}M${right} 40V${height - 8}"/>`,
    ...parts.filter((part) => part !== ""),
    "</svg>",
    "",
  ].join("\n");
}

/** Where things stand across the page. */
interface Place {
  /** The end of the times. */
  readonly time: number;
  /** The lines of the two sides. */
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

function placeOf(ladder: Ladder, words: LadderWords): Place {
  const { rungs } = ladder;
  const half = [ladder.left, ladder.right].map((name) => Math.ceil(breadth(name) / 2) + GAP);
  const between = rungs.reduce(
    (most, rung) => Math.max(most, room(rung, words)),
    Math.max(LEAST, half[0] + half[1]),
  );
  const time = Math.ceil(rungs.reduce((most, rung) => Math.max(most, breadth(clock(rung.at))), 0)) + GAP;
  const left = Math.ceil(Math.max(time + 2 * GAP + STATE, half[0]));
  const right = Math.ceil(left + between);
  return { time, left, right, width: Math.ceil(right + Math.max(2 * GAP + STATE, half[1])) };
}

/** What a rung takes between the two sides, silences aside: those are short. */
function room(rung: Rung, words: LadderWords): number {
  const texts =
    "fold" in rung ? [foldText(rung, words)] : "event" in rung ? [rung.event] : [rung.label, ...rung.notes];
  return Math.max(...texts.map(breadth)) + 3 * GAP;
}

function breadth(content: string): number {
  return columns(content) * COLUMN;
}

function arrow({ from, emphasis }: Step, y: number, { left, right }: Place): string {
  const [x1, x2] = from === 0 ? [left, right] : [right, left];
  const back = from === 0 ? -1 : 1;
  const y2 = y + ARRIVES_AT;
  const lost = emphasis === "lost";
  const end = lost ? Math.round(x1 + (x2 - x1) * 0.8) : x2;
  const tip = lost
    ? `M${end - 4} ${y2 - 4}l8 8M${end + 4} ${y2 - 4}l-8 8`
    : `M${end} ${y2}l${9 * back} -5M${end} ${y2}l${9 * back} 4`;
  return `<path class="arrow ${emphasis}" d="M${x1} ${y + SENT_AT}L${end} ${y2}${tip}"/>`;
}

function clock(ms: number): string {
  return (ms / 1000).toFixed(ms < 1_000_000 ? 6 : 3);
}

function text(x: number, y: number, content: string, className: string): string {
  return content === "" ? "" : `<text class="${className}" x="${x}" y="${y}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const STYLE = `<style>
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #1b1f24; }
  .page { fill: #ffffff; } .middle { text-anchor: middle; } .end { text-anchor: end; }
  .host { font-weight: 600; } .state { font-weight: 600; fill: #0b5cad; } .faint { fill: #6a737d; } .note { fill: #9a5b00; }
  .line { stroke: #8b949e; stroke-width: 1.5; fill: none; } .silence { fill: #6a737d; opacity: 0.12; }
  .arrow { stroke: #444c56; stroke-width: 1.3; fill: none; } .open { stroke: #1a7f37; } .close { stroke: #0b5cad; }
  .reset, .lost { stroke: #cf222e; } .finding { stroke: #bf8700; } .lost { stroke-dasharray: 5 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .page { fill: #0d1117; } .state { fill: #6cb6ff; } .faint { fill: #8b949e; } .note { fill: #e3b341; }
    .arrow { stroke: #adbac7; } .open { stroke: #57ab5a; } .close { stroke: #6cb6ff; } .reset, .lost { stroke: #ff7b72; } .finding { stroke: #e3b341; }
  }
</style>`;

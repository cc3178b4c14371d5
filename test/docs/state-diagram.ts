// The state diagram as SVG, out of the transition table alone. Only where the states stand is said here: arrows and
// labels find their places by themselves, and one that finds none is an error.
import type { StateName, Transition } from "../../src/tcp/index.ts";

const WIDTH = 1040;
const HEIGHT = 1050;
const BOX = 220;
const NAME = 14;
const TEXT = 12;
const SMALL = 11;
/** Between what must not touch. */
const GAP = 6;
/** Between a label and an arrow that is not its own, where there is room for that. */
const FAR = 24;

/** Centres of the boxes: RFC 9293 figure 5, with room for the labels. */
const PLACES: Record<StateName, readonly [x: number, y: number]> = {
  CLOSED: [520, 40],
  LISTEN: [520, 190],
  "SYN-RECEIVED": [170, 370],
  "SYN-SENT": [870, 370],
  ESTABLISHED: [520, 510],
  "FIN-WAIT-1": [300, 650],
  "CLOSE-WAIT": [740, 650],
  "FIN-WAIT-2": [130, 810],
  CLOSING: [470, 810],
  "LAST-ACK": [740, 810],
  "TIME-WAIT": [300, 970],
};

/** Arrows that would cross the whole diagram, from every state to CLOSED above all, are told inside their state instead. */
const isFar = ({ from, to }: Transition) =>
  to === "CLOSED" || (from === "TIME-WAIT" && to === "SYN-RECEIVED");

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface State extends Box {
  readonly name: StateName;
  /** Where else it leads, beneath the name. */
  readonly notes: readonly string[];
}

interface Arrow {
  readonly text: string;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

interface Label extends Box {
  readonly lines: readonly string[];
  /** Which edge stays at the arrow when the reader's font is narrower. */
  readonly anchor: "start" | "middle" | "end";
}

export function stateDiagram(transitions: readonly Transition[]): string {
  const states = (Object.keys(PLACES) as StateName[]).map((name) => stateOf(name, transitions));
  const arrows = arrowsOf(
    transitions.filter((each) => !isFar(each)),
    states,
  );
  const labels: Label[] = [];
  for (const arrow of arrows) labels.push(labelOf(arrow, [...states, ...labels], arrows));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    "<title>The states of a TCP connection and what moves it from one to another</title>",
    STYLE,
    '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0L10 5L0 10z"/></marker></defs>',
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    ...arrows.map(({ from, to }) => `<path class="arrow" d="M${from.join(" ")}L${to.join(" ")}"/>`),
    ...states.map(stateSvg),
    ...labels.map(labelSvg),
    `<text class="key end" x="${WIDTH - 20}" y="${HEIGHT - 20}">what happens / what is sent</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function stateOf(name: StateName, transitions: readonly Transition[]): State {
  const [x, y] = PLACES[name];
  const notes = transitions
    .filter((each) => each.from === name && isFar(each))
    .flatMap((each) => wrapped(`→ ${each.to}: ${textOf(each)}`, BOX - 2 * GAP, SMALL));
  const height = NAME + 18 + notes.length * (SMALL + 4);
  return { name, notes, width: BOX, height, x: x - BOX / 2, y: y - height / 2 };
}

function textOf({ on, sends }: Transition): string {
  return sends === undefined ? on : `${on} / ${sends}`;
}

type Side = "top" | "right" | "bottom" | "left";

/** An end of an arrow: where on its box it would be if it were alone. */
interface End {
  readonly index: number;
  readonly side: Side;
  readonly ideal: number;
}

/** Straight lines; those that meet at one side of a box share that side evenly, in the order that keeps them apart. */
function arrowsOf(transitions: readonly Transition[], states: readonly State[]): Arrow[] {
  const ends = new Map<State, End[]>(states.map((state) => [state, []]));
  const find = (name: StateName) => states.find((state) => state.name === name)!;
  for (const [index, { from, to }] of transitions.entries()) {
    ends.get(find(from))!.push(endOf(index, find(from), find(to)));
    ends.get(find(to))!.push(endOf(index, find(to), find(from)));
  }
  const place = (name: StateName, index: number) => {
    const state = find(name);
    const all = ends.get(state)!;
    const { side } = all.find((end) => end.index === index)!;
    const beside = all.filter((end) => end.side === side);
    beside.sort((a, b) => a.ideal - b.ideal || a.index - b.index);
    return pointOf(state, side, (beside.findIndex((end) => end.index === index) + 1) / (beside.length + 1));
  };
  return transitions.map((each, index) => ({
    text: textOf(each),
    from: place(each.from, index),
    to: place(each.to, index),
  }));
}

function endOf(index: number, { x, y, width, height }: State, towards: State): End {
  const dx = towards.x + towards.width / 2 - (x + width / 2);
  const dy = towards.y + towards.height / 2 - (y + height / 2);
  if (Math.abs(dx) * height > Math.abs(dy) * width)
    return { index, side: dx > 0 ? "right" : "left", ideal: dy / Math.abs(dx) };
  return { index, side: dy > 0 ? "bottom" : "top", ideal: dx / Math.abs(dy) };
}

function pointOf({ x, y, width, height }: Box, side: Side, part: number): readonly [number, number] {
  if (side === "top" || side === "bottom") return [round(x + width * part), side === "top" ? y : y + height];
  return [side === "left" ? x : x + width, round(y + height * part)];
}

/** Beside its arrow, as near to the middle as nothing else is touched, and away from other arrows if that can be. */
function labelOf(arrow: Arrow, boxes: readonly Box[], arrows: readonly Arrow[]): Label {
  const page = { x: GAP, y: GAP, width: WIDTH - 2 * GAP, height: HEIGHT - 2 * GAP };
  const clear = TRIES.map(([along, side, room]) => labelAt(arrow, along, side, room)).filter(
    (label) =>
      contains(page, label) &&
      boxes.every((box) => !overlap(grown(label, GAP), box)) &&
      arrows.every(({ from, to }) => !crosses(from, to, label)),
  );
  const others = arrows.filter((other) => other !== arrow);
  const apart = clear.find((label) => !others.some(({ from, to }) => crosses(from, to, grown(label, FAR))));
  const label = apart ?? clear[0];
  if (label === undefined) throw new Error(`no room for "${arrow.text}": move the states apart`);
  return label;
}

/** @param along how far along the arrow, 0 to 1 */
function labelAt({ text, from, to }: Arrow, along: number, side: number, room: number): Label {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const [nx, ny] = [(-dy / Math.hypot(dx, dy)) * side, (dx / Math.hypot(dx, dy)) * side];
  const lines = wrapped(text, room, TEXT);
  const width = Math.max(...lines.map((line) => breadth(line, TEXT)));
  const height = lines.length * (TEXT + 3);
  const away = (width * Math.abs(nx) + height * Math.abs(ny)) / 2 + GAP;
  return {
    lines,
    width,
    height,
    x: round(from[0] + dx * along + nx * away - width / 2),
    y: round(from[1] + dy * along + ny * away - height / 2),
    anchor: Math.abs(nx) < 0.1 ? "middle" : nx > 0 ? "start" : "end",
  };
}

/** Places along an arrow from its middle outwards, either side, in wide and in narrow lines. */
const TRIES = [170, 110, 250].flatMap((room) =>
  [0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8].flatMap((along) =>
    [1, -1].map((side) => [along, side, room] as const),
  ),
);

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function contains(a: Box, b: Box): boolean {
  return a.x <= b.x && a.y <= b.y && b.x + b.width <= a.x + a.width && b.y + b.height <= a.y + a.height;
}

function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** Whether a line passes through a box (Liang and Barsky's clipping). */
function crosses(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  box: Box,
): boolean {
  let [enters, leaves] = [0, 1];
  for (const [start, by, low, high] of [
    [x1, x2 - x1, box.x, box.x + box.width],
    [y1, y2 - y1, box.y, box.y + box.height],
  ]) {
    if (by === 0) {
      if (start <= low || start >= high) return false;
      continue;
    }
    const [a, b] = [(low - start) / by, (high - start) / by];
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
  }
  return enters < leaves;
}

function stateSvg({ name, notes, x, y, width, height }: State): string {
  const middle = x + width / 2;
  const lines = notes.map(
    (note, i) =>
      `<text class="note middle" x="${middle}" y="${y + NAME + 9 + (i + 1) * (SMALL + 4)}">${escaped(note)}</text>`,
  );
  return [
    `<rect class="state" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    `<text class="name middle" x="${middle}" y="${y + NAME + 7}">${name}</text>`,
    ...lines,
  ].join("\n");
}

function labelSvg({ lines, x, y, width, anchor }: Label): string {
  const at = round(x + { start: 0, middle: width / 2, end: width }[anchor]);
  return lines
    .map(
      (line, i) =>
        `<text class="${anchor}" x="${at}" y="${round(y + (i + 1) * (TEXT + 3) - 4)}">${escaped(line)}</text>`,
    )
    .join("\n");
}

/** Lines of at most `room` pixels; what is sent starts a line of its own where it does not fit the first. */
function wrapped(text: string, room: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.replace(" / ", " /\u00a0").split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && breadth(longer, size) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Width of a text in pixels, in the widest of the fonts that readers have. */
function breadth(text: string, size: number): number {
  let ems = 0;
  for (const letter of text)
    ems += letter === "→" ? 0.84 : /[A-Z]/.test(letter) ? 0.7 : /[a-z0-9]/.test(letter) ? 0.6 : 0.38;
  return Math.ceil(ems * size);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

const STYLE = `<style>
  text { font: ${TEXT}px Helvetica, Arial, sans-serif; fill: #1b1f24; } .middle { text-anchor: middle; } .end { text-anchor: end; }
  .name { font-size: ${NAME}px; font-weight: 600; } .note { font-size: ${SMALL}px; fill: #a0303a; } .key { fill: #57606a; }
  .page { fill: #ffffff; } .state { fill: #eaf1fa; stroke: #35506e; } .arrow { stroke: #35506e; fill: none; marker-end: url(#head); } .head { fill: #35506e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .note { fill: #ff9a94; } .key { fill: #9aa4af; }
    .page { fill: #0d1117; } .state { fill: #16263a; stroke: #7fa7d4; } .arrow { stroke: #7fa7d4; } .head { fill: #7fa7d4; }
  }
</style>`;

// The state diagram as SVG, out of the transition table alone. Only where the states stand is said here.
import type { StateName, Transition } from "../../src/tcp/index.ts";

const WIDTH = 1000;
const HEIGHT = 1010;
const BOX = { width: 150, height: 44 };

/** Centres of the boxes: RFC 9293 figure 5, with room for the labels. */
const PLACES: Record<StateName, readonly [x: number, y: number]> = {
  CLOSED: [500, 60],
  LISTEN: [500, 190],
  "SYN-RECEIVED": [180, 340],
  "SYN-SENT": [820, 340],
  ESTABLISHED: [500, 450],
  "FIN-WAIT-1": [270, 590],
  "CLOSE-WAIT": [760, 590],
  "FIN-WAIT-2": [120, 760],
  CLOSING: [440, 760],
  "LAST-ACK": [760, 760],
  "TIME-WAIT": [280, 910],
};

/** Arrows that would cross the whole diagram, from every state to CLOSED above all, are told below their state instead. */
const isFar = ({ from, to }: Transition) =>
  to === "CLOSED" || (from === "TIME-WAIT" && to === "SYN-RECEIVED");

export function stateDiagram(transitions: readonly Transition[]): string {
  const arrows: (readonly [line: string, label: string])[] = [];
  const notes: string[] = [];
  const below = new Map<StateName, number>();
  for (const transition of transitions) {
    const { from, to, on, sends } = transition;
    const text = sends === undefined ? on : `${on} / ${sends}`;
    if (isFar(transition)) {
      const taken = below.get(from) ?? 0;
      below.set(from, taken + 1);
      notes.push(note(from, taken, `→ ${to}: ${text}`));
    } else {
      const isPaired = transitions.some((other) => other.from === to && other.to === from);
      arrows.push(arrow(from, to, text, isPaired));
    }
  }
  const boxes = Object.entries(PLACES).map(([name, [x, y]]) => box(name, x, y));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT + 40}" font-family="sans-serif" font-size="13">`,
    "<title>The states of a TCP connection and what moves it from one to another</title>",
    '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">',
    '<path d="M0 0 10 5 0 10z" fill="#345"/></marker></defs>',
    `<rect width="${WIDTH}" height="${HEIGHT + 40}" fill="#fff"/>`,
    ...arrows.map(([line]) => line),
    ...arrows.map(([, label]) => label),
    ...notes,
    ...boxes,
    `<text x="20" y="${HEIGHT + 25}" fill="#667">what happens / what is sent</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function box(name: string, x: number, y: number): string {
  const { width, height } = BOX;
  const rect = `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="8" fill="#eaf1fa" stroke="#345"/>`;
  return `${rect}<text x="${x}" y="${y + 5}" text-anchor="middle" font-weight="bold" fill="#123">${name}</text>`;
}

function note(from: StateName, taken: number, text: string): string {
  const [x, y] = PLACES[from];
  return label(x, y + BOX.height / 2 + 20 + taken * 36, text, "#a33", 11);
}

/** A line from box to box and its label; two that connect the same boxes keep apart. */
function arrow(from: StateName, to: StateName, text: string, isPaired: boolean): readonly [string, string] {
  const [x1, y1] = PLACES[from];
  const [x2, y2] = PLACES[to];
  const length = Math.hypot(x2 - x1, y2 - y1);
  const shift = isPaired ? 14 : 0;
  const dx = (-(y2 - y1) / length) * shift;
  const dy = ((x2 - x1) / length) * shift;
  const [sx, sy] = edge(x1 + dx, y1 + dy, x2 + dx, y2 + dy, PLACES[from]);
  const [tx, ty] = edge(x2 + dx, y2 + dy, x1 + dx, y1 + dy, PLACES[to]);
  const line = `<line x1="${sx}" y1="${sy}" x2="${tx}" y2="${ty}" stroke="#345" marker-end="url(#head)"/>`;
  const at = isPaired ? 0.35 : 0.5;
  return [line, label(round(sx + (tx - sx) * at), round(sy + (ty - sy) * at), text, "#123", 12)];
}

/** Where the line from (x, y) towards (tx, ty) leaves the box round `place`. */
function edge(
  x: number,
  y: number,
  tx: number,
  ty: number,
  [cx, cy]: readonly [number, number],
): [number, number] {
  const dx = tx - x;
  const dy = ty - y;
  const right = dx === 0 ? Number.POSITIVE_INFINITY : (cx + (Math.sign(dx) * BOX.width) / 2 - x) / dx;
  const down = dy === 0 ? Number.POSITIVE_INFINITY : (cy + (Math.sign(dy) * BOX.height) / 2 - y) / dy;
  const t = Math.min(right, down);
  return [round(x + dx * t), round(y + dy * t)];
}

function label(x: number, y: number, text: string, colour: string, size: number): string {
  const words = lines(text);
  const width = Math.max(...words.map((line) => line.length)) * size * 0.53 + 8;
  const height = words.length * (size + 3) + 3;
  const back = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${height}" fill="#fff" opacity="0.9"/>`;
  const text2 = words
    .map(
      (line, i) =>
        `<text x="${x}" y="${round(y - height / 2 + (i + 1) * (size + 3) - 2)}" text-anchor="middle" font-size="${size}" fill="${colour}">${escaped(line)}</text>`,
    )
    .join("");
  return back + text2;
}

/** At most about thirty letters a line. */
function lines(text: string): string[] {
  const result = [""];
  for (const word of text.split(" ")) {
    const last = result[result.length - 1];
    if (last !== "" && last.length + word.length > 26) result.push(word);
    else result[result.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return result;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

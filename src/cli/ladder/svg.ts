import { type Emphasis, english, foldText, type Ladder, SILENCE, type Step, silenceText } from "./model.ts";

const WIDTH = 860;
const LEFT = 230;
const RIGHT = WIDTH - 150;
const ROW = 26;
const NOTE = 16;
const TOP = 56;

/**
 * The ladder as a picture: a self-contained SVG document that follows the reader's light or dark theme.
 * Text is escaped; the document holds no script.
 */
export function ladderSvg(ladder: Ladder, words = english): string {
  const parts: string[] = [];
  let y = TOP;
  let states: readonly [string, string] = ["", ""];
  let last: number | undefined;
  for (const rung of ladder.rungs) {
    if (last !== undefined && rung.at - last >= SILENCE) {
      parts.push(
        `<rect class="silence" x="${LEFT}" y="${y + 4}" width="${RIGHT - LEFT}" height="${ROW - 8}" rx="4"/>`,
      );
      parts.push(text((LEFT + RIGHT) / 2, y + 17, silenceText(rung.at - last, words), "faint middle"));
      y += ROW;
    }
    last = "fold" in rung ? rung.until : rung.at;
    parts.push(text(78, y + 17, (rung.at / 1000).toFixed(rung.at < 1_000_000 ? 6 : 3), "faint end"));
    if ("fold" in rung) {
      parts.push(text((LEFT + RIGHT) / 2, y + 17, foldText(rung, words), "faint middle"));
      y += ROW;
      continue;
    }
    const [left, right] = rung.states;
    if (left !== states[0]) parts.push(text(LEFT - 10, y + 17, left, "state end"));
    if (right !== states[1]) parts.push(text(RIGHT + 10, y + 17, right, "state"));
    states = rung.states;
    if ("event" in rung) {
      const [x, place] = rung.side === 0 ? [LEFT + 10, ""] : [RIGHT - 10, " end"];
      parts.push(text(x, y + 17, rung.event, `faint${place}`));
      y += ROW;
      continue;
    }
    parts.push(arrow(rung, y));
    y += ROW;
    for (const note of rung.notes) {
      parts.push(text((LEFT + RIGHT) / 2, y + 6, note, "note middle"));
      y += NOTE;
    }
  }
  const height = y + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(`Sequence diagram of ${ladder.left} and ${ladder.right}`)}">`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    text(LEFT, 28, ladder.left, "host middle"),
    text(RIGHT, 28, ladder.right, "host middle"),
    `<path class="line" d="M${LEFT} 40V${height - 12}M${RIGHT} 40V${height - 12}"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

// The arrow slopes a little, as time passes on the way.
function arrow(step: Step, y: number): string {
  const [x1, x2] = step.from === 0 ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const lost = step.emphasis === "lost";
  const end = lost ? x1 + (x2 - x1) * 0.8 : x2;
  const direction = x2 > x1 ? 1 : -1;
  const tip = lost
    ? `M${end - 5} ${y + 13}l10 10M${end + 5} ${y + 13}l-10 10`
    : `M${end} ${y + 22}l${-9 * direction} -5M${end} ${y + 22}l${-9 * direction} 4`;
  return `<path class="${classOf(step.emphasis)}" d="M${x1} ${y + 18}L${end} ${y + 22}${tip}"/>\n${text((LEFT + RIGHT) / 2, y + 13, step.label, "middle")}`;
}

function classOf(emphasis: Emphasis): string {
  return `arrow ${emphasis}`;
}

function text(x: number, y: number, content: string, className: string): string {
  return `<text class="${className}" x="${x}" y="${y}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const STYLE = `<style>
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1b1f24; }
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

import type { Language, Moment, Parameter, Scenario, Story, StoryLadder, Table } from "../../sim/index.ts";
import { english, fold, type LadderWords } from "../ladder/model.ts";
import { ladderText } from "../ladder/text.ts";
import type { Style } from "../terminal/style.ts";
import { columns, wrap } from "../terminal/wrap.ts";
import { fitSockets } from "./sockets.ts";

/** Where no line is to break. */
const NBSP = "\u00a0";
/** Columns before what happened: more where a story goes on for hours. */
const TIME = 12;
const MOST_SOCKETS = 8;
/** Between the columns of a closing table. */
const GAP = "  ";
/** Before a table that has not the room to stand beneath its command. */
const MARGIN = "  ";

export interface StoryTextOptions {
  readonly language: Language;
  /** Columns of the screen. */
  readonly width: number;
  /** Nothing is to be wider: tables leave columns out, ladders take more lines. */
  readonly isNarrow: boolean;
  /** Folds nothing. */
  readonly all: boolean;
}

/** What is printed, and what tables had no room for. */
export interface StoryText {
  readonly lines: readonly string[];
  readonly leftOut: ReadonlySet<string>;
}

/** A story as lines of text: what happens, step by step, the ladders, the figures, and what to learn of it. */
export function storyText(story: Story, options: StoryTextOptions, style: Style): StoryText {
  const leftOut = new Set<string>();
  const word = words[options.language];
  const lines = [style.heading(story.title), ...paragraph(story.summary, options.width), ""];
  const parameters = `${word.parameters}: ${[...parametersOf(story), `seed ${story.seed}`].join(", ")}`;
  lines.push(...paragraph(parameters, options.width).map(style.faint), "");
  for (const act of story.acts) {
    if (act.title !== "") lines.push(style.strong(act.title), "");
    const left = Math.max(TIME, ...act.moments.map(({ at }) => (at / 1000).toFixed(3).length + 4));
    let last = -1;
    for (const moment of act.moments) {
      lines.push(...momentText(moment, moment.at !== last, left, options, style, leftOut), "");
      last = moment.at;
    }
    for (const ladder of act.ladders) lines.push(...ladderLines(ladder, options, style), "");
  }
  const room = options.isNarrow ? options.width : Number.POSITIVE_INFINITY;
  for (const table of story.tables) lines.push(...tableText(table, style, room), "");
  lines.push(style.heading(word.lesson), ...paragraph(story.lesson, options.width));
  return { lines, leftOut };
}

/** `simulate --list`. */
export function listText(
  scenarios: readonly Scenario[],
  language: Language,
  width: number,
  style: Style,
): string[] {
  const left = Math.max(...scenarios.map(({ name }) => name.length)) + 2;
  const option = ({ name, default: value }: Parameter) => `--${name} ${value}`;
  const options = scenarios.flatMap(({ parameters }) => parameters.map(option));
  const middle = Math.max(...options.map((text) => text.length)) + 2;
  const indent = " ".repeat(left);
  return scenarios.flatMap(({ name, title, summary, parameters }) => [
    style.strong(name.padEnd(left)) + title[language],
    ...hanging(indent, summary[language], width),
    ...parameters
      .flatMap((each) => hanging(indent + option(each).padEnd(middle), parameterText(each, language), width))
      .map(style.faint),
    "",
  ]);
}

/** A paragraph behind `lead`, and beneath itself. */
function hanging(lead: string, paragraph: string, width: number): string[] {
  const indent = " ".repeat(lead.length);
  return wrap(paragraph, width - lead.length).map((line, i) => (i === 0 ? lead : indent) + line);
}

function parameterText(parameter: Parameter, language: Language): string {
  const range =
    "choices" in parameter
      ? parameter.choices.join("|")
      : `${parameter.unit}, ${parameter.least}${NBSP}-${NBSP}${parameter.most}`;
  return `${parameter.help[language]} (${range})`;
}

function parametersOf({ parameters }: Story): string[] {
  return Object.entries(parameters).map(([name, value]) => `--${name} ${value}`);
}

function momentText(
  moment: Moment,
  isNew: boolean,
  left: number,
  { width, isNarrow, language }: StoryTextOptions,
  style: Style,
  leftOut: Set<string>,
): string[] {
  const time = style.faint((isNew ? `${(moment.at / 1000).toFixed(3)} s` : "").padStart(left - 2));
  const indent = " ".repeat(left);
  if ("text" in moment) {
    const [first, ...rest] = wrap(moment.text, width - left);
    return [`${time}  ${first}`, ...rest.map((line) => indent + line)];
  }
  return moment.sockets.flatMap(({ host, text }, i) => {
    const table = shortened(text, language).map((line) => line.trimEnd());
    const widest = Math.max(...table.map(columns));
    const margin = isNarrow && left + widest > width ? MARGIN : indent;
    const fitted = fitSockets(table, isNarrow ? width - margin.length : Number.POSITIVE_INFINITY);
    for (const name of fitted.leftOut) leftOut.add(name);
    return [
      `${i === 0 ? `${time}  ` : indent}${host}$ ${style.strong("netstat -napo")}`,
      ...fitted.lines.map((line) => margin + style.faint(line)),
    ];
  });
}

/** Of many sockets that are alike a few will do. */
function shortened(lines: readonly string[], language: Language): string[] {
  if (lines.length <= MOST_SOCKETS) return [...lines];
  const shown = lines.slice(0, MOST_SOCKETS - 1);
  return [...shown, words[language].more(lines.length - shown.length)];
}

function ladderLines(
  { title, left, right, rungs }: StoryLadder,
  options: StoryTextOptions,
  style: Style,
): string[] {
  const ladder = { left, right, rungs: options.all ? rungs : fold(rungs) };
  return [
    ...(title === "" ? [] : [style.strong(title)]),
    ...ladderText(ladder, options.width, style, ladderWords(options.language), options.isNarrow),
  ];
}

function tableText({ title, columns: heads, rows }: Table, style: Style, room: number): string[] {
  const least = heads.map((_, i) => Math.max(...rows.map((row) => columns(row[i]))));
  const widths = widthsFor(heads, least, room);
  const gap = tableWidth(widths) <= room ? GAP : " ";
  const wrapped = heads.map((head, i) => wrap(head, widths[i]));
  const height = Math.max(...wrapped.map(({ length }) => length));
  // Heads stand on the rows beneath them.
  const headLines = Array.from({ length: height }, (_, n) =>
    wrapped.map((lines) => lines[n - height + lines.length] ?? ""),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? pad(cell, widths[i]) : padStart(cell, widths[i]))).join(gap);
  return [
    style.strong(title),
    ...headLines.map((head) => style.faint(line(head).trimEnd())),
    ...rows.map(line),
  ];
}

/** How wide columns are whose heads take as few lines as the room allows, one of them where it is not narrow. */
function widthsFor(heads: readonly string[], least: readonly number[], room: number): number[] {
  const most = Math.max(...heads.map((head) => head.split(" ").length));
  for (let height = 1; ; height++) {
    const widths = heads.map((head, i) => {
      let width = least[i];
      while (!fits(head, width, height)) width++;
      return width;
    });
    if (tableWidth(widths) <= room || height === most) return widths;
  }
}

function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

function fits(head: string, width: number, height: number): boolean {
  const lines = wrap(head, width);
  return lines.length <= height && lines.every((line) => columns(line) <= width);
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - columns(text))) + text;
}

function paragraph(text: string, width: number): string[] {
  return wrap(text, Math.min(width, 96));
}

/** What ladders of a story say between the segments. */
export function ladderWords(language: Language): LadderWords {
  return words[language].ladder;
}

interface Words {
  readonly parameters: string;
  readonly lesson: string;
  more(count: number): string;
  readonly ladder: LadderWords;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    parameters: "Parameters",
    lesson: "What to take away",
    more: (count) => `... ${count} more`,
    ladder: english,
  },
  ko: {
    parameters: "파라미터",
    lesson: "정리",
    more: (count) => `... 외 ${count}개`,
    ladder: {
      data: (segments, bytes) => `세그먼트 ${segments}개, ${bytes.toLocaleString("en-US")}바이트`,
      silence: (length) =>
        `${length.replace(" h", "시간").replace(" min", "분").replace(" s", "초")} 동안 아무 패킷도 없음`,
    },
  },
};

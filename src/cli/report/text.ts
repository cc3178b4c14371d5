import type { Style } from "../terminal/style.ts";
import type { Report } from "./report.ts";
import { busiestBlock } from "./text-busiest.ts";
import {
  checksumBlock,
  findingsBlock,
  flagsBlock,
  malformedBlock,
  optionsBlock,
  pairsBlock,
} from "./text-charts.ts";
import { diagnosisBlock } from "./text-diagnosis.ts";
import { captureBlock, segmentsBlock } from "./text-facts.ts";

/** What is printed, and what tables had no room for. */
export interface ReportText {
  readonly text: string;
  readonly leftOut: ReadonlySet<string>;
}

/** The report as text, for people whose screen has `room` columns. */
export function reportText(report: Report, style: Style, room: number): ReportText {
  const leftOut = new Set<string>();
  const blocks = [
    captureBlock(report, style, room),
    segmentsBlock(report, style, room),
    flagsBlock(report, style, room),
    optionsBlock(report, style, room),
    checksumBlock(report, style, room),
    findingsBlock(report, style, room),
    diagnosisBlock(report, style, room),
    malformedBlock(report, style, room),
    busiestBlock(report, style, room, leftOut),
    pairsBlock(report, style, room, leftOut),
  ];
  const text = `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
  return { text, leftOut };
}

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

/** The report as text, for people. */
export function reportText(report: Report, style: Style): string {
  const blocks = [
    captureBlock(report, style),
    segmentsBlock(report, style),
    flagsBlock(report, style),
    optionsBlock(report, style),
    checksumBlock(report, style),
    findingsBlock(report, style),
    diagnosisBlock(report, style),
    malformedBlock(report, style),
    busiestBlock(report, style),
    pairsBlock(report, style),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

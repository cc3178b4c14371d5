import { diagnosisHead } from "../diagnose/text.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";
import type { Report } from "./report.ts";

// The report names what is wrong; `tcpwire diagnose` tells why, and what to set.
const MOST = 8;
const WIDTH = 96;

export function diagnosisBlock({ diagnoses, conversations }: Report, style: Style, room: number): string[] {
  if (conversations === 0) return [];
  if (diagnoses.length === 0) return [style.heading("Diagnosis"), "  nothing wrong was found"];
  const more = diagnoses.length - MOST;
  return [
    style.heading("Diagnosis"),
    ...diagnoses
      .slice(0, MOST)
      .flatMap((one) => diagnosisHead(one, Math.min(WIDTH, room - 2), style).map((line) => `  ${line}`)),
    ...(more > 0 ? [style.faint(`  ${more} more`)] : []),
    ...wrap("tcpwire diagnose tells the reasons, the frames, and the settings that avoid it", room - 2).map(
      (text) => style.faint(`  ${text}`),
    ),
  ];
}

import { benchCommand } from "./bench/command.ts";
import type { Command } from "./command.ts";
import { diagnoseCommand } from "./diagnose/command.ts";
import { exportCommand } from "./export/command.ts";
import { flowsCommand } from "./flows/command.ts";
import { followCommand } from "./follow/command.ts";
import { ladderCommand } from "./ladder/command.ts";
import { packetdrillCommand } from "./packetdrill/command.ts";
import { reportCommand } from "./report/command.ts";
import { segmentsCommand } from "./segments/command.ts";
import { simulateCommand } from "./simulate/command.ts";

/** Every command, in the order of the help; the first is the one that runs when none is named. */
export const commands: readonly Command[] = [
  reportCommand,
  segmentsCommand,
  flowsCommand,
  followCommand,
  ladderCommand,
  diagnoseCommand,
  exportCommand,
  packetdrillCommand,
  simulateCommand,
  benchCommand,
];

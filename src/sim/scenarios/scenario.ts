import type { DiagnosisName } from "../../flow/index.ts";
import type { Parameter, Text } from "./parameter.ts";
import type { Stage } from "./stage.ts";

/** A story that two or more hosts play in virtual time. */
export interface Scenario {
  readonly name: string;
  readonly title: Text;
  /** What it is about, in a line. */
  readonly summary: Text;
  readonly parameters: readonly Parameter[];
  /** What the diagnosis of its capture says, with the default parameters; nothing where nothing is wrong. */
  readonly diagnosis: readonly DiagnosisName[];
  play(stage: Stage): void;
}

/** What a scenario says, in each language it speaks. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}

export type Language = keyof Text;

/** A figure that may be changed. */
export interface NumberParameter {
  readonly name: string;
  /** What the figure counts; times are given in seconds, as one says them. */
  readonly unit: "s" | "ms" | "bytes" | "segments" | "sessions" | "probability";
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly help: Text;
}

/** A choice between names. */
export interface ChoiceParameter {
  readonly name: string;
  readonly choices: readonly string[];
  readonly default: string;
  readonly help: Text;
}

export type Parameter = NumberParameter | ChoiceParameter;

/** A parameter that the scenario does not have, or a value that it cannot have. The message begins with its name. */
export class ParameterError extends RangeError {
  override readonly name = "ParameterError";
}

/**
 * What a parameter is to be: what was given, or its default.
 * @throws {ParameterError} when that is outside its range or none of its choices
 */
export function chosen(parameter: Parameter, given: number | string | undefined): number | string {
  if (given === undefined) return parameter.default;
  const { name } = parameter;
  if ("choices" in parameter) {
    if (parameter.choices.includes(String(given))) return String(given);
    throw new ParameterError(`${name} is one of ${parameter.choices.join(", ")}, not "${given}"`);
  }
  const value = Number(given);
  const { unit, least, most } = parameter;
  const isWhole = unit === "bytes" || unit === "segments" || unit === "sessions";
  if (given !== "" && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  const kind = isWhole ? "whole number" : "number";
  throw new ParameterError(`${name} is a ${kind} from ${least} to ${most}, not "${given}"`);
}

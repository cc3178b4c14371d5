import { readSettings } from "../../packetdrill/index.ts";
import { DEFAULTS, type SettingsInput } from "../../tcp/index.ts";
import { didYouMean } from "../arguments.ts";
import { UsageError } from "../errors.ts";

/**
 * The settings that `--set NAME=VALUE` names.
 * @throws {UsageError} for a name that is none, or a value that does not suit it
 */
export function settingsOf(assignments: readonly string[]): SettingsInput {
  try {
    return readSettings(assignments);
  } catch (error) {
    const { message } = error as Error;
    const typed = /^no such setting: (\S+)/.exec(message)?.[1];
    throw new UsageError(`--set: ${message}${typed ? didYouMean(typed, Object.keys(DEFAULTS)) : ""}`);
  }
}

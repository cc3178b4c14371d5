import { DEFAULTS, type SettingsInput, settings } from "../../tcp/index.ts";

/** Keep-alive is a group: its parts are named with a dot. */
const GROUP = "keepAlive.";

/**
 * Settings as texts name them: `delayedAck=100`, `windowProbe=empty`, `keepAlive.idle=60000`.
 *
 * @throws {TypeError} for a name that is none, or a value of another type
 * @throws {RangeError} for a value outside its range
 */
export function readSettings(assignments: readonly string[]): SettingsInput {
  const changes: Record<string, unknown> = {};
  for (const text of assignments) {
    const at = text.indexOf("=");
    if (at < 1) throw new TypeError(`expected NAME=VALUE, not "${text}"`);
    const name = text.slice(0, at);
    const value = readValue(text.slice(at + 1));
    if (name.startsWith(GROUP)) {
      const group = typeof changes.keepAlive === "object" ? changes.keepAlive : {};
      changes.keepAlive = { ...group, [name.slice(GROUP.length)]: value };
    } else {
      if (!Object.hasOwn(DEFAULTS, name)) throw new TypeError(`no such setting: ${name}`);
      changes[name] = value;
    }
  }
  settings(changes);
  return changes;
}

function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

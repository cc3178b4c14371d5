export { readSettings } from "./config/settings.ts";
export { parseScript } from "./parse/parse.ts";
export type { ScriptOutcome } from "./run/outcome.ts";
export { type RunOptions, runScript } from "./run/runner.ts";
export { type Header, type Script, ScriptError } from "./script.ts";

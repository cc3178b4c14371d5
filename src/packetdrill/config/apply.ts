import { settings as checkedSettings, type SettingsInput } from "../../tcp/index.ts";
import { Unsupported } from "../calls/outcome.ts";
import type { RunConfig } from "./config.ts";
import { type ShellAction, shellActions } from "./shell.ts";
import { sysctlSettings } from "./sysctls.ts";

/** Gives the text of a file that a script's shell line runs; null where there is none. */
export type ReadScript = (path: string) => string | null;

/**
 * Does what a shell text asks for, as far as it concerns an endpoint.
 * @returns what it asks for and nobody here knows: to be told to the user
 * @throws {Unsupported} for what changes packets under way
 */
export function applyShell(config: RunConfig, text: string, readScript: ReadScript, depth = 0): string[] {
  return shellActions(text).flatMap((action) => applyAction(config, action, readScript, depth));
}

function applyAction(
  config: RunConfig,
  action: ShellAction,
  readScript: ReadScript,
  depth: number,
): string[] {
  switch (action.type) {
    case "idle":
      return [];
    case "pacing":
      config.settings = { ...config.settings, pacing: true };
      return [];
    case "flush":
      config.fastOpen.forget();
      return [];
    case "sysctl":
      return applySysctl(config, action.name, action.value);
    case "route":
      applyRoute(config, action.attributes);
      return [];
    case "script": {
      const text = depth < 4 ? readScript(action.path) : null;
      return text === null
        ? [`${action.path} is not there`]
        : applyShell(config, text, readScript, depth + 1);
    }
    default:
      if (/\blimit 0\b|netem/.test(action.text))
        throw new Unsupported(`\`${action.text}\`: a queue that loses packets`);
      return [`\`${action.text}\` is not understood`];
  }
}

function applySysctl(config: RunConfig, name: string, value: string): string[] {
  if (name === "net.ipv4.tcp_fastopen") config.fastOpen.bits = Number(value);
  if (name === "net.ipv4.tcp_fastopen_cookies") config.fastOpen.forget();
  if (name === "net.ipv4.tcp_fastopen_key") config.fastOpen.setKey(value);
  const now: SettingsInput = { ...config.settings, keepAlive: config.keepAliveTimes };
  const changes = sysctlSettings(name, value, now);
  if (changes === null) return [`sysctl ${name} is not mapped`];
  const { keepAlive, ...rest } = changes;
  if (typeof keepAlive === "object" && keepAlive !== null) config.keepAliveTimes = keepAlive;
  const settings = { ...config.settings, ...rest };
  try {
    checkedSettings(settings);
  } catch (error) {
    throw new Unsupported(`sysctl ${name}=${value}: ${(error as Error).message}`);
  }
  config.settings = settings;
  return [];
}

/** What a route says of its connections: MTU, the MSS to announce, the initial window. */
function applyRoute(config: RunConfig, attributes: ReadonlyMap<string, number>): void {
  const mtu = attributes.get("mtu");
  const mss = attributes.get("advmss");
  const initialCwnd = attributes.get("initcwnd");
  config.settings = {
    ...config.settings,
    ...(mtu === undefined ? {} : { mtu }),
    ...(mss === undefined ? {} : { mss }),
    ...(initialCwnd === undefined ? {} : { initialCwnd }),
  };
}

import type { KeepAlive, SettingsInput } from "../../tcp/index.ts";
import { addressFamily } from "../../wire/address.ts";
import { FastOpenPolicy } from "../host/fast-open.ts";
import { type Header, ScriptError } from "../script.ts";
import { readSettings } from "./settings.ts";

/** What header lines, `--set` and shell lines decide. Addresses are the endpoint's (local) and the script's peer. */
export interface RunConfig {
  family: 4 | 6;
  localAddress: string;
  remoteAddress: string;
  /** Port that `bind(fd, ..., ...)` takes, and the peer's where the endpoint connects. */
  bindPort: number;
  connectPort: number;
  /** How much an outbound packet or a call's return may miss its time by, microseconds. */
  toleranceUs: number;
  /** ... and, where that is more, percent of the time since the event before. */
  tolerancePercent: number;
  /** Length of a tick of the script's timestamps, whose advance is then compared; 0 compares none. */
  timestampTickUs: number;
  /** An echoed timestamp that nothing has carried counts from the first one that something did. */
  scalesEchoes: boolean;
  /** Every segment of its own, none joined for comparison. */
  strictSegments: boolean;
  /** Settings of the endpoints that sockets make. */
  settings: SettingsInput;
  /** Times of keep-alive for sockets that turn it on. */
  keepAliveTimes: Partial<KeepAlive>;
  readonly fastOpen: FastOpenPolicy;
}

const ADDRESSES = {
  4: { local: "192.168.0.1", remote: "192.0.2.1" },
  6: { local: "fd3d:fa7b:d17d::1", remote: "2001:db8::1" },
} as const;

/** Headers that decide about a network which is not there: nothing to do. */
const IDLE = [
  "define",
  "gateway_ip",
  "netmask_ip",
  "speed",
  "init_scripts",
  "verbose",
  "debug",
  "send_omit_free",
  "non_fatal",
  "is_anyip",
  "mss", // the size of the pieces in which a kernel's GRO is fed
];

/**
 * The configuration of a script.
 *
 * @param headers those of the command line, then the script's own, which win
 * @throws {ScriptError} for a header that no one knows, or a value that does not suit it
 */
export function configOf(headers: readonly Header[], settings: SettingsInput): RunConfig {
  const family = familyOf(headers);
  const config: RunConfig = {
    family,
    localAddress: ADDRESSES[family].local,
    remoteAddress: ADDRESSES[family].remote,
    bindPort: 8080,
    connectPort: 8080,
    toleranceUs: 4000,
    tolerancePercent: 0,
    timestampTickUs: 0,
    scalesEchoes: false,
    strictSegments: false,
    settings,
    keepAliveTimes: {},
    fastOpen: new FastOpenPolicy(),
  };
  for (const header of headers) apply(config, header);
  return config;
}

function familyOf(headers: readonly Header[]): 4 | 6 {
  const last = headers.filter(({ name }) => name === "ip_version").at(-1);
  if (last === undefined) {
    return headers.some(({ name, value }) => name === "local_ip" && value?.includes(":")) ? 6 : 4;
  }
  if (last.value === "ipv4") return 4;
  if (last.value === "ipv6") return 6;
  throw new ScriptError(last.line, `--ip_version is ipv4 or ipv6, not ${last.value}`);
}

function apply(config: RunConfig, header: Header): void {
  switch (header.name) {
    case "ip_version":
      break;
    case "local_ip":
      config.localAddress = address(header, config.family);
      break;
    case "remote_ip":
      config.remoteAddress = address(header, config.family);
      break;
    case "bind_port":
      config.bindPort = number(header, 1, 0xffff);
      break;
    case "connect_port":
      config.connectPort = number(header, 1, 0xffff);
      break;
    case "tolerance_usecs":
      config.toleranceUs = number(header, 0, 1e9);
      break;
    case "tolerance_percent":
      config.tolerancePercent = number(header, 0, 100);
      break;
    case "mtu":
      config.settings = { ...config.settings, mtu: number(header, 68, 65535) };
      break;
    case "set":
      config.settings = { ...config.settings, ...assigned(header) };
      break;
    case "tcp_ts_tick_usecs":
      config.timestampTickUs = number(header, 0, 1e6);
      break;
    case "tcp_ts_ecr_scaled":
      config.scalesEchoes = true;
      break;
    case "strict_segments":
      config.strictSegments = true;
      break;
    default:
      if (!IDLE.includes(header.name)) {
        throw new ScriptError(header.line, `--${header.name} is no header that this runner knows`);
      }
  }
}

function number({ line, name, value }: Header, least: number, largest: number): number {
  const found = Number(value ?? Number.NaN);
  if (!(found >= least && found <= largest)) {
    throw new ScriptError(line, `--${name} wants a number from ${least} to ${largest}, not ${value}`);
  }
  return found;
}

/** `--set=delayedAck=100`: a setting by the endpoint's own name for it. */
function assigned({ line, value = "" }: Header): SettingsInput {
  try {
    return readSettings([value]);
  } catch (error) {
    throw new ScriptError(line, `--set: ${(error as Error).message}`);
  }
}

/** `192.0.2.1` or `192.0.2.1/24`. */
function address({ line, name, value = "" }: Header, family: 4 | 6): string {
  const bare = value.replace(/\/\d+$/, "");
  if (addressFamily(bare) !== family)
    throw new ScriptError(line, `--${name}: ${value} is no IPv${family} address`);
  return bare;
}

import { copyOf } from "../wire/bytes.ts";
import type { FastOpenOptions } from "./fastopen-options.ts";
import { familyOf, kept, nameLocal } from "./identity.ts";
import { DEFAULTS, type Settings, type SettingsInput, settings } from "./settings.ts";
import type { SipKey } from "./siphash.ts";
import type { SocketAddress, Tcb } from "./tcb.ts";

/** What an endpoint is made of: who it is, where its unpredictability comes from, and any of the settings. */
export interface EndpointOptions extends SettingsInput {
  /** Our socket. The address may be text, a number (IPv4) or bytes. */
  readonly local: SocketAddress;
  /** The peer's. May be left out for `listen`, which then takes whoever comes. */
  readonly remote?: SocketAddress;
  /**
   * A source of random numbers, integers from 0 to 2^32 - 1. Called four times for the key of the initial
   * sequence number (RFC 6528), unless `secret` is given. It must be unpredictable where peers are not friends.
   */
  readonly random?: () => number;
  /** That key: 16 secret bytes, the same for all connections of a host. */
  readonly secret?: Uint8Array | Int32Array;
  /** TCP Fast Open (RFC 7413), where it is wanted. */
  readonly fastOpen?: FastOpenOptions;
  /** A complete set made by `settings()`; the other settings given here change it. Shared sets are held once. */
  readonly settings?: Settings;
  /** The initial send sequence number, instead of an unpredictable one: for tests, and to show why not. */
  readonly initialSequence?: number;
}

/** The settings that options name: the shared set itself where they change none. */
export function settingsOf(options: Omit<EndpointOptions, "local">): Settings {
  const base = options.settings ?? DEFAULTS;
  let changes: Record<string, unknown> | undefined;
  for (const name in options) {
    if (isOwn(name)) continue;
    changes ??= {};
    changes[name] = options[name as keyof typeof options];
  }
  return changes === undefined ? base : settings(changes, base);
}

/** Whether it is an option that is no setting. */
function isOwn(name: string): boolean {
  switch (name) {
    case "local":
    case "remote":
    case "settings":
    case "secret":
    case "random":
    case "fastOpen":
    case "initialSequence":
      return true;
    default:
      return false;
  }
}

/**
 * Names the sockets that options name.
 * @throws {TypeError} when they are of different families
 */
export function identify(tcb: Tcb, { local, remote, initialSequence }: EndpointOptions): void {
  nameLocal(tcb, kept(local.address), checkedPort(local.port));
  if (initialSequence !== undefined) tcb.fixedIss = initialSequence | 0;
  if (remote === undefined) return;
  if (familyOf(remote.address) !== tcb.family) {
    throw new TypeError("local and remote addresses are of different families");
  }
  tcb.remote = kept(remote.address);
  tcb.ports |= checkedPort(remote.port);
}

function checkedPort(port: number): number {
  if (!(Number.isInteger(port) && port >= 0 && port <= 0xffff)) throw new RangeError(`port: ${port}`);
  return port;
}

/** The secret that options give, or one made of their random numbers. */
export function keyOf({ secret, random }: Pick<EndpointOptions, "secret" | "random">): SipKey {
  if (secret instanceof Int32Array && secret.length === 4) return secret;
  if (secret instanceof Uint8Array && secret.length === 16) return new Int32Array(copyOf(secret).buffer);
  if (secret !== undefined) throw new TypeError("secret: expected 16 bytes");
  if (random === undefined) throw new TypeError("an endpoint needs `random` or `secret` (RFC 6528)");
  return Int32Array.of(random(), random(), random(), random());
}

import type { KeepAlive, SettingsInput } from "../../tcp/index.ts";
import type { Connection } from "./connection.ts";
import type { Listener } from "./listener.ts";

/** A file descriptor of the script: a TCP socket. */
export class Socket {
  /** A port that bind has given, or 0. */
  port = 0;
  connection: Connection | null = null;
  listener: Listener | null = null;
  nonBlocking = false;
  readShut = false;
  writeShut = false;
  /** SO_LINGER: milliseconds, null while it is off. */
  linger: number | null = null;
  keepsAlive = false;
  keepAliveTimes: Partial<KeepAlive> = {};
  /** Settings that options have changed, for endpoints to come. */
  settings: SettingsInput = {};
  /** TCP_FASTOPEN_KEY of a listener; null for the host's. */
  fastOpenKey: Int32Array | null = null;
  /** Options that change nothing here, as they were set. */
  readonly plain = new Map<string, number>();
  /** Offset of the next byte that the application reads, counted in the peer's stream. */
  read = 0;
  /** connect has been called, and its SYN waits for data (TCP_FASTOPEN_CONNECT). */
  deferred = false;
  /** connect has been called and its end has not been told. */
  connecting = false;

  /** What a new endpoint of this socket is told. */
  endpointSettings(): SettingsInput {
    return this.keepsAlive ? { ...this.settings, keepAlive: this.keepAliveTimes } : this.settings;
  }

  /** What its listener's connections begin with. */
  inherit(child: Socket): void {
    child.linger = this.linger;
    child.keepsAlive = this.keepsAlive;
    child.keepAliveTimes = this.keepAliveTimes;
    child.settings = this.settings;
    for (const [name, value] of this.plain) child.plain.set(name, value);
  }
}

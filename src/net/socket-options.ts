import { type Settings, type SettingsInput, settings } from "../tcp/index.ts";

import type { IpOptions } from "./ip-marks.ts";

/** Keep-alive (RFC 9293 3.8.4), under the names that Node has for it. */
export interface KeepAliveOptions {
  /** Silence before the first probe, ms; 7,200,000. */
  readonly initialDelay?: number;
  /** Between probes, ms; 75,000. */
  readonly interval?: number;
  /** Unanswered probes that end the connection; 9. */
  readonly count?: number;
}

/** What can be changed while a socket lives. */
export interface TuningOptions extends IpOptions {
  /** Sends small segments at once, without Nagle's algorithm; false. */
  readonly noDelay?: boolean;
  /** Finds out whether a silent peer still lives; false. `true` takes the defaults. */
  readonly keepAlive?: boolean | KeepAliveOptions;
}

/** How a socket behaves. */
export interface SocketOptions extends TuningOptions {
  /**
   * What happens when the peer has sent its last byte and that has been read: with false, the default, our side is
   * closed too, once all that was written is sent; with true it stays open until `close`.
   */
  readonly allowHalfOpen?: boolean;
  /** Bytes that may wait on each side, instead of buffers that grow with need from 64 KiB to some MiB. */
  readonly bufferSize?: number;
  /** Any setting of the endpoint, by its own name (`tcpwire/tcp`, `Settings`). */
  readonly tcp?: SettingsInput;
}

/**
 * The settings that options ask for: `base` itself where they ask for none.
 * @throws {TypeError} {RangeError} as `settings` of tcpwire/tcp does
 */
export function socketSettings(options: SocketOptions, base: Settings): Settings {
  const changes: Record<string, unknown> = { ...options.tcp, ...tuning(options) };
  const { bufferSize } = options;
  if (bufferSize !== undefined) {
    changes.sndBuf = changes.sndBufMax = changes.rcvBuf = changes.rcvBufMax = bufferSize;
  }
  return Object.keys(changes).length === 0 ? base : settings(changes, base);
}

/** Tuning in the endpoint's words. */
export function tuning({ noDelay, keepAlive }: TuningOptions): SettingsInput {
  const changes: { noDelay?: boolean; keepAlive?: SettingsInput["keepAlive"] } = {};
  if (noDelay !== undefined) changes.noDelay = noDelay;
  if (typeof keepAlive === "object" && keepAlive !== null) {
    const { initialDelay, interval, count } = keepAlive;
    changes.keepAlive = {
      ...(initialDelay === undefined ? {} : { idle: initialDelay }),
      ...(interval === undefined ? {} : { interval }),
      ...(count === undefined ? {} : { probes: count }),
    };
  } else if (keepAlive !== undefined) {
    changes.keepAlive = keepAlive;
  }
  return changes;
}

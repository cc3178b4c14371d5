import type { TcpError } from "./errors.ts";

/** How a connection ended. */
export type CloseReason =
  /** Both sides closed and all was acknowledged. */
  | "finished"
  /** The peer's RST. */
  | "reset"
  /** RST in answer to our SYN. */
  | "refused"
  /** Silence: `error.timeout` names which. */
  | "timedOut"
  /** ABORT, or CLOSE before the connection stood. */
  | "aborted"
  /** ICMP said so during the handshake. */
  | "unreachable";

/** What a connection tells its user. */
export type TcpEvent =
  /** The connection stands: ESTABLISHED. */
  | { readonly type: "established" }
  /** There is something to `receive`. Told once for any number of segments. */
  | { readonly type: "readable" }
  /** `send` took less than it was given, and takes bytes again. */
  | { readonly type: "writable" }
  /** The peer says that urgent data lie ahead (RFC 9293 3.8.5); `status().rcv.up` tells how far. */
  | { readonly type: "urgent" }
  /** The peer's FIN: after what `receive` still holds, nothing follows ("connection closing"). */
  | { readonly type: "end" }
  /** Threshold R1: data have been retransmitted `retries1` times (RFC 9293 3.8.3). */
  | { readonly type: "suspect" }
  /**
   * A server's Fast Open cookie (RFC 7413 4.1.3): with its MSS worth keeping for the next connection to the same
   * address, as `fastOpen`. `experimental`: it came by the experimental option.
   */
  | {
      readonly type: "cookie";
      readonly cookie: Uint8Array;
      readonly mss: number;
      readonly experimental: boolean;
    }
  /** A hint about the path that ends nothing (ICMP soft errors, RFC 5461). */
  | { readonly type: "softError"; readonly error: TcpError }
  /** CLOSED. The last event of a connection. */
  | { readonly type: "closed"; readonly reason: CloseReason; readonly error?: TcpError };

// What has happened and was not told yet: a bit each, so that a thousand segments tell "readable" once.
export const EVENT_ESTABLISHED = 1;
export const EVENT_URGENT = 2;
export const EVENT_READABLE = 4;
export const EVENT_WRITABLE = 8;
export const EVENT_END = 16;
export const EVENT_SUSPECT = 32;
export const EVENT_SOFT_ERROR = 64;
export const EVENT_CLOSED = 128;
export const EVENT_COOKIE = 256;

/** The events that carry nothing, each at the place of its bit: the lowest is told first. */
export const PLAIN_EVENTS: readonly TcpEvent[] = (
  ["established", "urgent", "readable", "writable", "end", "suspect"] as const
).map((type) => Object.freeze({ type }));
export const LAST_PLAIN_EVENT = EVENT_SUSPECT;

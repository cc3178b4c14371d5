import type { CloseReason, TcpError, TimeoutCause } from "../tcp/index.ts";

/** Why a socket failed, beside the ways in which connections end. */
export type SocketReason =
  | Exclude<CloseReason, "finished" | "timedOut">
  | TimeoutCause
  /** No such address is ours, or nobody told how to look names up. */
  | "addressNotAvailable"
  | "nameNotFound"
  /** No route leads there, or it is no one host: multicast, broadcast, unspecified. */
  | "noRoute"
  /** The link that it went by has ended. */
  | "linkDown"
  /** Somebody listens there already, or every port is taken. */
  | "addressInUse"
  /** Our side is closed: nothing more can be written. */
  | "writingClosed"
  /** The socket, the listener or the host is closed. */
  | "closed";

const CODES: Readonly<Record<SocketReason, string>> = {
  reset: "ECONNRESET",
  refused: "ECONNREFUSED",
  unreachable: "EHOSTUNREACH",
  aborted: "ECONNABORTED",
  handshake: "ETIMEDOUT",
  retransmission: "ETIMEDOUT",
  zeroWindow: "ETIMEDOUT",
  keepAlive: "ETIMEDOUT",
  userTimeout: "ETIMEDOUT",
  finWait2: "ETIMEDOUT",
  addressNotAvailable: "EADDRNOTAVAIL",
  nameNotFound: "ENOTFOUND",
  noRoute: "ENETUNREACH",
  linkDown: "ENETDOWN",
  addressInUse: "EADDRINUSE",
  writingClosed: "EPIPE",
  closed: "ECONNABORTED",
};

/** Why a socket's promises reject and its streams fail. */
export class SocketError extends Error {
  override readonly name = "SocketError";
  /** The sockets interface's name for it, as Node has it: `"ECONNREFUSED"`. */
  readonly code: string;
  /** What happened: with `ETIMEDOUT`, which silence it was (`"keepAlive"`). */
  readonly reason: SocketReason;

  constructor(reason: SocketReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.code = CODES[reason];
  }
}

/** What became of the connection between two sockets, as an error. */
export function connectionError(
  reason: CloseReason,
  error: TcpError | undefined,
  between: string,
): SocketError {
  const which: SocketReason =
    reason === "timedOut" ? (error?.timeout ?? "retransmission") : reason === "finished" ? "closed" : reason;
  return new SocketError(which, `${between}: ${error?.message ?? "the connection is closed"}`, error);
}

/** What a call or a connection can fail with: the conditions RFC 9293 3.10 names, as constants to compare with. */
export type TcpErrorCode =
  | "connection-exists"
  | "connection-does-not-exist"
  | "remote-unspecified"
  | "remote-invalid"
  | "insufficient-resources"
  | "connection-closing"
  | "connection-refused"
  | "connection-reset"
  | "connection-aborted"
  | "connection-timed-out"
  | "unreachable";

const MESSAGES: Readonly<Record<TcpErrorCode, string>> = {
  "connection-exists": "connection already exists",
  "connection-does-not-exist": "connection does not exist",
  "remote-unspecified": "remote socket unspecified",
  "remote-invalid": "the remote address is not that of one host",
  "insufficient-resources": "insufficient resources",
  "connection-closing": "connection closing",
  "connection-refused": "connection refused",
  "connection-reset": "connection reset",
  "connection-aborted": "connection aborted by the local user",
  "connection-timed-out": "connection timed out",
  unreachable: "the remote host cannot be reached",
};

// What the sockets interface calls the same condition, for those who map us onto it.
const ERRNO: Readonly<Record<TcpErrorCode, string>> = {
  "connection-exists": "EISCONN",
  "connection-does-not-exist": "ENOTCONN",
  "remote-unspecified": "EDESTADDRREQ",
  "remote-invalid": "ENETUNREACH",
  "insufficient-resources": "ENOBUFS",
  "connection-closing": "EPIPE",
  "connection-refused": "ECONNREFUSED",
  "connection-reset": "ECONNRESET",
  "connection-aborted": "ECONNABORTED",
  "connection-timed-out": "ETIMEDOUT",
  unreachable: "EHOSTUNREACH",
};

/** Which silence ended a connection that timed out. */
export type TimeoutCause =
  /** No answer to SYN or SYN,ACK after all their retransmissions (RFC 9293 3.8.3). */
  | "handshake"
  /** Data or FIN unacknowledged past threshold R2 (RFC 9293 3.8.3). */
  | "retransmission"
  /** The peer closed its window and then fell silent: no answer to zero-window probes. */
  | "zeroWindow"
  /** Every keep-alive probe unanswered (RFC 9293 3.8.4). */
  | "keepAlive"
  /** The user timeout passed (RFC 9293 3.10.8, RFC 5482). */
  | "userTimeout"
  /** FIN-WAIT-2 with nobody to receive: the peer never closed. */
  | "finWait2";

const CAUSES: Readonly<Record<TimeoutCause, string>> = {
  handshake: "no answer to the connection request",
  retransmission: "retransmissions went unacknowledged",
  zeroWindow: "zero-window probes went unanswered",
  keepAlive: "keep-alive probes went unanswered",
  userTimeout: "the user timeout passed",
  finWait2: "the peer never closed its side",
};

/** A failed call, or the reason a connection ended with. */
export class TcpError extends Error {
  override readonly name = "TcpError";
  readonly code: TcpErrorCode;
  /** The sockets interface's name for it: `"ECONNRESET"`. */
  readonly errno: string;
  /** With `connection-timed-out`: which silence it was. */
  readonly timeout: TimeoutCause | undefined;

  constructor(code: TcpErrorCode, timeout?: TimeoutCause) {
    super(timeout === undefined ? MESSAGES[code] : `${MESSAGES[code]}: ${CAUSES[timeout]}`);
    this.code = code;
    this.errno = ERRNO[code];
    this.timeout = timeout;
  }
}

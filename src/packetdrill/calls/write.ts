import { CONSTANTS } from "../constants.ts";
import type { Connection } from "../host/connection.ts";
import { pattern } from "../host/sent-bytes.ts";
import type { Socket } from "../host/socket.ts";
import type { Expression } from "../script.ts";
import { type Arguments, field, refuseBadPointer } from "./arguments.ts";
import type { CallFrame, CallImplementation } from "./call.ts";
import { openWithData } from "./fast-open.ts";
import { waits } from "./open.ts";
import { type Attempt, Errno, Unsupported } from "./outcome.ts";
import { flagNames, total } from "./read.ts";

const { MSG_DONTWAIT, MSG_MORE, MSG_NOSIGNAL, MSG_OOB, MSG_FASTOPEN, MSG_ZEROCOPY } = CONSTANTS;
/** A script may write more than anybody has memory for; the endpoint takes what its buffer holds. */
const PIECE = 1 << 20;
// Who has sent without a copy and wants to hear when the bytes are free asks by MSG_ERRQUEUE.
const KNOWN = MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL | MSG_OOB | MSG_FASTOPEN | MSG_ZEROCOPY;

export const write: CallImplementation = (frame) =>
  transmit(frame, frame.args.integer(2), 0, frame.args.at(1));

export const send: CallImplementation = (frame) =>
  transmit(frame, frame.args.integer(2), frame.args.optional(3, 0), frame.args.at(1));

export const writev: CallImplementation = (frame) => transmit(frame, total(frame.args.at(1)), 0);

export const sendmsg: CallImplementation = (frame) =>
  transmit(frame, total(field(frame.args.at(1), "msg_iov")!), frame.args.optional(2, 0));

function transmit({ args, process }: CallFrame, count: number, flags: number, buffer?: Expression): Attempt {
  const socket = process.socket(args.integer(0));
  if ((flags & ~KNOWN) !== 0) throw new Unsupported(flagNames(flags & ~KNOWN));
  refuseBadPointer(buffer);
  const text = buffer?.type === "string" ? new TextEncoder().encode(buffer.value) : null;
  const options = { more: (flags & MSG_MORE) !== 0, urgent: (flags & MSG_OOB) !== 0 };
  const dontWait = socket.nonBlocking || (flags & MSG_DONTWAIT) !== 0;
  let done = 0;
  // After the handshake the flag means nothing.
  if ((flags & MSG_FASTOPEN && !socket.connection?.established) || socket.deferred) {
    if (isUnspecified(args)) throw new Errno("EOPNOTSUPP");
    done = openWithData(process, socket, text, count);
    if (dontWait && done === 0) throw new Errno("EINPROGRESS");
    if (dontWait) return () => done;
  }
  return () => {
    const connection = writable(socket);
    if (connection.endpoint.state === "SYN-SENT") return waits(socket, dontWait);
    let taken: number;
    do {
      const length = Math.min(count - done, PIECE);
      const bytes =
        text === null ? pattern(connection.sent.length, length) : text.subarray(done, done + length);
      taken = connection.endpoint.send(bytes, process.now, options);
      connection.sent.append(bytes.subarray(0, taken));
      done += taken;
    } while (taken === PIECE);
    process.host.settle(connection);
    if (done === count) return done;
    if (done > 0 && dontWait) return done;
    return waits(socket, dontWait);
  };
}

/** @throws {Errno} for a socket that sends no more, or does not yet */
function writable(socket: Socket): Connection {
  const { connection } = socket;
  if (connection === null) throw new Errno("EPIPE");
  const error = connection.takeError();
  if (error !== null) throw new Errno(error);
  if (socket.writeShut || connection.closed) throw new Errno("EPIPE");
  return connection;
}

/** An address of no family has nobody behind it. */
function isUnspecified(args: Arguments): boolean {
  if (args.count < 5) return false;
  const address = args.at(4);
  return address.type === "name" && address.name === "AF_UNSPEC";
}

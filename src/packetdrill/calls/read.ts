import { CONSTANTS } from "../constants.ts";
import { patternByte } from "../host/sent-bytes.ts";
import type { Socket } from "../host/socket.ts";
import type { Expression } from "../script.ts";
import { field, fields, integer, items, refuseBadPointer, single } from "./arguments.ts";
import type { CallFrame, CallImplementation } from "./call.ts";
import { waits } from "./open.ts";
import { type Attempt, Errno, Mismatch, mustEqual, Unsupported } from "./outcome.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_NOSIGNAL } = CONSTANTS;
const KNOWN = MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_NOSIGNAL;

export const read: CallImplementation = (frame) => receive(frame, frame.args.integer(2), 0, frame.args.at(1));

export const recv: CallImplementation = (frame) =>
  receive(frame, frame.args.integer(2), frame.args.optional(3, 0), frame.args.at(1));

export const readv: CallImplementation = (frame) => receive(frame, total(frame.args.at(1)), 0);

export const recvmsg: CallImplementation = (frame) => {
  const message = frame.args.at(1);
  const flags = frame.args.optional(2, 0);
  const attempt = receive(frame, total(field(message, "msg_iov")!), flags);
  const control = field(message, "msg_control");
  return () => {
    const count = attempt();
    if (count !== null && control !== undefined) checkControl(frame, control);
    return count;
  };
};

/** Bytes that `{..., n}` buffers have together. */
export function total(iovec: Expression): number {
  return items(iovec).reduce((sum, item) => sum + integer(fields(item)[1].value), 0);
}

function receive({ args, process }: CallFrame, count: number, flags: number, buffer?: Expression): Attempt {
  const socket = process.socket(args.integer(0));
  if ((flags & ~KNOWN) !== 0) throw new Unsupported(flagNames(flags & ~KNOWN));
  refuseBadPointer(buffer);
  if (socket.listener !== null) throw new Errno("ENOTCONN");
  return () => {
    const { connection } = socket;
    if (connection === null) {
      if (socket.deferred) return waits(socket, (flags & MSG_DONTWAIT) !== 0);
      throw new Errno("ENOTCONN");
    }
    const { endpoint } = connection;
    const least = flags & MSG_WAITALL && !connection.ended && !connection.closed ? count : 1;
    if (endpoint.readable >= Math.min(least, Math.max(count, 1))) {
      if (flags & MSG_PEEK) return Math.min(count, endpoint.readable);
      const bytes = endpoint.receive(count);
      check(socket, bytes, buffer);
      process.host.settle(connection);
      return bytes.length;
    }
    const error = connection.takeError();
    if (error !== null) throw new Errno(error);
    if (count === 0 || connection.ended || connection.closed || socket.readShut) return 0;
    return waits(socket, (flags & MSG_DONTWAIT) !== 0);
  };
}

/** The bytes are those that the peer has sent, each in its place. */
function check(socket: Socket, bytes: Uint8Array, buffer?: Expression): void {
  const text = buffer?.type === "string" ? buffer.value : null;
  for (let i = 0; i < bytes.length; i++) {
    const expected = patternByte(socket.read + i);
    if (bytes[i] !== expected) throw new Mismatch(`byte ${socket.read + i}`, expected, bytes[i]);
  }
  socket.read += bytes.length;
  if (text !== null) throw new Unsupported("contents of received data: packets have none in the language");
}

/** `msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=9000}]`. */
function checkControl({ args, process }: CallFrame, control: Expression): void {
  const socket = process.socket(args.integer(0));
  for (const item of items(control)) {
    const type = field(item, "cmsg_type")!;
    if (type.type !== "name" || type.name !== "TCP_CM_INQ") {
      throw new Unsupported(`control messages${type.type === "name" ? ` of type ${type.name}` : ""}`);
    }
    const { connection } = socket;
    // The end of the stream counts as one, so that a reader knows of it.
    const queued = connection!.endpoint.readable;
    const atEnd = queued === 0 && connection!.ended ? 1 : 0;
    mustEqual("TCP_CM_INQ", integer(single(field(item, "cmsg_data")!)), queued + atEnd);
  }
}

/** The names of message flags. */
export function flagNames(flags: number): string {
  const names = Object.entries(CONSTANTS).filter(([name, bit]) => name.startsWith("MSG_") && flags & bit);
  return names.map(([name]) => name).join("|") || `message flags ${flags}`;
}

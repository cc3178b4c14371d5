import type { Connection } from "../host/connection.ts";
import { pattern } from "../host/sent-bytes.ts";
import type { Socket } from "../host/socket.ts";
import { isOpening, open } from "./open.ts";
import { Errno } from "./outcome.ts";
import type { Process } from "./process.ts";

/** Room that a SYN with data leaves for options, whatever it has: as Linux reckons. */
const OPTIONS_ROOM = 40;
const HEADERS = { 4: 40, 6: 60 } as const;

/**
 * sendto with MSG_FASTOPEN, or the first write after TCP_FASTOPEN_CONNECT: connect and write in one.
 *
 * @returns how many of the bytes went with the SYN
 * @throws {Errno} EOPNOTSUPP, EISCONN, EALREADY
 */
export function openWithData(
  process: Process,
  socket: Socket,
  bytes: Uint8Array | null,
  count: number,
): number {
  const { host } = process;
  const { fastOpen } = process.config;
  if (!fastOpen.isClient) throw new Errno("EOPNOTSUPP");
  if (socket.connection !== null) throw failure(socket.connection);
  const carriesData = fastOpen.needsNoCookie || fastOpen.known.cookie !== undefined;
  const announced = socket.settings.mss || Number.POSITIVE_INFINITY;
  const mss = Math.min(fastOpen.known.mss ?? Number.POSITIVE_INFINITY, announced);
  const size = carriesData ? Math.min(count, room(process, mss)) : 0;
  socket.deferred = false;
  const options = fastOpen.needsNoCookie
    ? { withoutCookie: true, mss: room(process, mss) + OPTIONS_ROOM }
    : fastOpen.request;
  const connection = open(process, socket, undefined, options, (made) => {
    if (size === 0) return;
    const data = bytes?.subarray(0, size) ?? pattern(0, size);
    made.sent.append(data.subarray(0, made.endpoint.send(data, host.now)));
  });
  return connection.sent.length;
}

function room({ config }: Process, peerMss: number): number {
  return Math.min((config.settings.mtu ?? 1500) - HEADERS[config.family], peerMss) - OPTIONS_ROOM;
}

function failure(connection: Connection): Errno {
  if (isOpening(connection)) return new Errno("EALREADY");
  return new Errno(connection.takeError() ?? "EPIPE");
}

import { CONSTANTS } from "../constants.ts";
import type { Socket } from "./socket.ts";

const { POLLIN, POLLOUT, POLLERR, POLLHUP, POLLRDHUP, POLLRDNORM, POLLWRNORM } = CONSTANTS;

/** What poll would tell of a socket now, everything that it can tell. */
export function readiness(socket: Socket): number {
  if (socket.listener !== null) return socket.listener.isReadable ? POLLIN | POLLRDNORM : 0;
  const { connection, deferred } = socket;
  if (connection === null) return POLLOUT | POLLWRNORM | (deferred ? 0 : POLLHUP);
  const receivesNoMore = socket.readShut || connection.ended || connection.closed;
  const sendsNoMore = socket.writeShut || connection.closed;
  let mask = 0;
  if ((receivesNoMore && sendsNoMore) || connection.closed) mask |= POLLHUP;
  if (receivesNoMore) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
  if (connection.established || connection.closed || connection.isEarly) {
    if (connection.endpoint.readable > 0) mask |= POLLIN | POLLRDNORM;
    if (sendsNoMore || hasRoom(socket)) mask |= POLLOUT | POLLWRNORM;
  }
  if (connection.error !== null) mask |= POLLERR;
  return mask;
}

/** Worth telling of: a third of the send buffer is free, and what is not sent lies below TCP_NOTSENT_LOWAT. */
function hasRoom({ connection, plain }: Socket): boolean {
  const { endpoint } = connection!;
  const { queued, unsent } = endpoint.status().snd;
  const lowWater = plain.get("TCP_NOTSENT_LOWAT") ?? 0;
  return 2 * endpoint.writable >= queued && (lowWater === 0 || unsent < lowWater);
}

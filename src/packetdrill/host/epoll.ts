import { CONSTANTS } from "../constants.ts";
import { readiness } from "./readiness.ts";
import type { Socket } from "./socket.ts";

const { EPOLLET, EPOLLONESHOT, EPOLLERR, EPOLLHUP } = CONSTANTS;
const MODES = EPOLLET | EPOLLONESHOT;

interface Interest {
  readonly socket: Socket;
  events: number;
  data: number;
  /** Edge-triggered: what happened up to the last report. */
  seen: string;
}

/** A set of sockets to wait for, as epoll has it. */
export class Epoll {
  readonly interests = new Map<number, Interest>();

  /** Events that are due, and for what; null where there are none. */
  next(): { readonly events: number; readonly data: number; readonly interest: Interest } | null {
    for (const interest of this.interests.values()) {
      const events = readiness(interest.socket) & (interest.events | EPOLLERR | EPOLLHUP) & ~MODES;
      if (events === 0) continue;
      if (interest.events & EPOLLET && interest.seen === occurrences(interest.socket)) continue;
      return { events, data: interest.data, interest };
    }
    return null;
  }
}

/** What an edge is: something new to read or to hear of, or room that was not there before. */
export function occurrences({ connection, listener, readShut, writeShut }: Socket): string {
  if (connection === null) return `listening ${listener?.isReadable}`;
  const { counters } = connection.endpoint.status();
  const { ended, closed, established, error } = connection;
  return [
    counters.bytesIn,
    connection.roomEdges,
    ended,
    closed,
    established,
    error,
    readShut,
    writeShut,
  ].join();
}

import { CONSTANTS } from "../constants.ts";
import { Epoll, occurrences } from "../host/epoll.ts";
import { Socket } from "../host/socket.ts";
import { field, integer } from "./arguments.ts";
import type { CallImplementation } from "./call.ts";
import { Errno, mustEqual, once, Unsupported } from "./outcome.ts";
import type { Process } from "./process.ts";

const { EPOLLONESHOT, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } = CONSTANTS;

export const epollCreate: CallImplementation = ({ process, wanted }) =>
  once(() => process.open(new Epoll(), wanted));

export const epollCtl: CallImplementation = ({ args, process }) =>
  once(() => {
    const { interests } = epollOf(process, args.integer(0));
    const operation = args.integer(1);
    const fd = args.integer(2);
    const socket = process.socket(fd);
    if (operation === EPOLL_CTL_DEL) {
      if (!interests.delete(fd)) throw new Errno("ENOENT");
      return 0;
    }
    const event = args.at(3);
    const events = integer(field(event, "events")!);
    const data = ["fd", "ptr", "u32", "u64"].map((name) => field(event, name)).find((f) => f !== undefined);
    if (operation === EPOLL_CTL_ADD && interests.has(fd)) throw new Errno("EEXIST");
    if (operation === EPOLL_CTL_MOD && !interests.has(fd)) throw new Errno("ENOENT");
    interests.set(fd, { socket, events, data: data === undefined ? fd : integer(data), seen: "" });
    return 0;
  });

/** `epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1`. */
export const epollWait: CallImplementation = ({ args, process }) => {
  const epoll = epollOf(process, args.integer(0));
  const expected = args.at(1);
  const timeout = args.integer(3);
  const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : process.now + timeout;
  const attempt = () => {
    const due = epoll.next();
    if (due === null) {
      if (process.now < deadline) return null;
      mustEqual("events", integer(field(expected, "events")!), 0);
      return 0;
    }
    mustEqual("events", integer(field(expected, "events")!), due.events);
    due.interest.seen = occurrences(due.interest.socket);
    if (due.interest.events & EPOLLONESHOT) due.interest.events = 0;
    return 1;
  };
  return Object.assign(attempt, { deadline });
};

function epollOf(process: Process, fd: number): Epoll {
  const file = process.file(fd);
  if (file === undefined) throw new Errno("EBADF");
  if (file instanceof Socket) throw new Errno("EINVAL");
  if (!(file instanceof Epoll)) throw new Unsupported("such descriptors in epoll");
  return file;
}

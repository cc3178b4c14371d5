import { CONSTANTS } from "../constants.ts";
import { readiness } from "../host/readiness.ts";
import { Socket } from "../host/socket.ts";
import type { Expression } from "../script.ts";
import { field, integer, items } from "./arguments.ts";
import type { CallImplementation } from "./call.ts";
import { Errno, mustEqual, once, Unsupported } from "./outcome.ts";
import type { Process } from "./process.ts";

const { F_GETFL, F_SETFL, O_RDWR, O_NONBLOCK, FIONREAD, FIONBIO, SIOCOUTQ, SIOCOUTQNSD } = CONSTANTS;
const { POLLERR, POLLHUP, POLLNVAL } = CONSTANTS;

export const fcntl: CallImplementation = ({ args, process }) =>
  once(() => {
    const socket = process.socket(args.integer(0));
    const command = args.integer(1);
    if (command === F_GETFL) return O_RDWR | (socket.nonBlocking ? O_NONBLOCK : 0);
    if (command !== F_SETFL) throw new Unsupported(`fcntl command ${command}`);
    socket.nonBlocking = (args.integer(2) & O_NONBLOCK) !== 0;
    return 0;
  });

export const ioctl: CallImplementation = ({ args, process }) =>
  once(() => {
    const socket = process.socket(args.integer(0));
    const request = args.integer(1);
    if (request === FIONBIO) {
      socket.nonBlocking = args.inBrackets(2) !== 0;
      return 0;
    }
    if (socket.listener !== null || socket.connection === null) throw new Errno("EINVAL");
    const { endpoint } = socket.connection;
    const { queued, unsent } = endpoint.status().snd;
    const answers = new Map<number, number>([
      [FIONREAD, endpoint.readable],
      [SIOCOUTQ, queued],
      [SIOCOUTQNSD, unsent],
    ]);
    const answer = answers.get(request);
    if (answer === undefined) throw new Unsupported(`ioctl ${request}`);
    mustEqual("ioctl", args.inBrackets(2), answer);
    return 0;
  });

/** `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 1000) = 1`. */
export const poll: CallImplementation = ({ args, process }) => {
  const entries = items(args.at(0));
  const timeout = args.optional(2, -1);
  const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : process.now + timeout;
  const attempt = () => {
    const ready = entries.map((entry) => revents(process, entry));
    const count = ready.filter((mask) => mask !== 0).length;
    if (count === 0 && process.now < deadline) return null;
    for (const [i, entry] of entries.entries()) {
      const expected = field(entry, "revents");
      mustEqual("revents", expected === undefined ? 0 : integer(expected), ready[i]);
    }
    return count;
  };
  return Object.assign(attempt, { deadline });
};

function revents(process: Process, entry: Expression): number {
  const file = process.file(integer(field(entry, "fd")!));
  if (!(file instanceof Socket)) return POLLNVAL;
  return readiness(file) & (integer(field(entry, "events")!) | POLLERR | POLLHUP);
}

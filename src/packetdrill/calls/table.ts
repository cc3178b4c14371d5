import type { CallImplementation } from "./call.ts";
import { epollCreate, epollCtl, epollWait } from "./epoll.ts";
import { fcntl, ioctl, poll } from "./files.ts";
import { accept, bind, close, connect, listen, shutdown, socket } from "./open.ts";
import { getsockopt, setsockopt } from "./options.ts";
import { read, readv, recv, recvmsg } from "./read.ts";
import { send, sendmsg, write, writev } from "./write.ts";

/** Every call of the language that this runner has. */
export const CALLS: Readonly<Record<string, CallImplementation>> = {
  socket,
  bind,
  listen,
  accept,
  accept4: accept,
  connect,
  close,
  shutdown,
  read,
  readv,
  recv,
  recvfrom: recv,
  recvmsg,
  write,
  writev,
  send,
  sendto: send,
  sendmsg,
  setsockopt,
  getsockopt,
  fcntl,
  ioctl,
  poll,
  epoll_create: epollCreate,
  epoll_create1: epollCreate,
  epoll_ctl: epollCtl,
  epoll_wait: epollWait,
};

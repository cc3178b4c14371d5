import type { RunConfig } from "../config/config.ts";
import type { Epoll } from "../host/epoll.ts";
import type { Host } from "../host/host.ts";
import { Socket } from "../host/socket.ts";
import { Errno } from "./outcome.ts";

const FIRST_FD = 3;

/** The program that the script is: its file descriptors, and what its calls work on. */
export class Process {
  readonly host: Host;
  readonly #files = new Map<number, Socket | Epoll>();
  /** A new socket is what later packets belong to. */
  onSocket: (socket: Socket) => void = () => {};

  constructor(host: Host) {
    this.host = host;
  }

  get config(): RunConfig {
    return this.host.config;
  }

  get now(): number {
    return this.host.now;
  }

  /** @throws {Errno} EBADF */
  socket(fd: number): Socket {
    const file = this.#files.get(fd);
    if (file === undefined) throw new Errno("EBADF");
    if (!(file instanceof Socket)) throw new Errno("ENOTSOCK");
    return file;
  }

  file(fd: number): Socket | Epoll | undefined {
    return this.#files.get(fd);
  }

  /**
   * The script chooses descriptors by the result that it expects, and may choose one that is open: the file behind it
   * is then out of its reach. Where it expects an error it is the next free one.
   */
  open(file: Socket | Epoll, wanted: number): number {
    let fd = wanted;
    if (wanted < 0) for (fd = FIRST_FD; this.#files.has(fd); ) fd++;
    this.#files.set(fd, file);
    return fd;
  }

  close(fd: number): void {
    this.#files.delete(fd);
  }
}

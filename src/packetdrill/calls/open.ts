import type { FastOpenOptions } from "../../tcp/index.ts";
import { CONSTANTS } from "../constants.ts";
import type { Connection } from "../host/connection.ts";
import { Listener } from "../host/listener.ts";
import { Socket } from "../host/socket.ts";
import type { Expression } from "../script.ts";
import { field, integer } from "./arguments.ts";
import type { CallImplementation } from "./call.ts";
import { Errno, once, Unsupported } from "./outcome.ts";
import type { Process } from "./process.ts";

export const socket: CallImplementation = ({ args, process, wanted }) =>
  once(() => {
    const type = args.optional(1, CONSTANTS.SOCK_STREAM);
    const kind = type & 0xf;
    const protocol = args.optional(2, 0);
    if (kind !== CONSTANTS.SOCK_STREAM) throw new Unsupported("sockets that are not of TCP");
    if (protocol !== 0 && protocol !== CONSTANTS.IPPROTO_TCP) throw new Errno("EPROTONOSUPPORT");
    const made = new Socket();
    made.nonBlocking = (type & CONSTANTS.SOCK_NONBLOCK) !== 0;
    const fd = process.open(made, wanted);
    process.onSocket(made);
    return fd;
  });

export const bind: CallImplementation = ({ args, process }) =>
  once(() => {
    const found = process.socket(args.integer(0));
    if (found.port !== 0 || found.connection !== null) throw new Errno("EINVAL");
    const port = portOf(args.at(1)) ?? process.config.bindPort;
    if (process.host.isListening(port)) throw new Errno("EADDRINUSE");
    found.port = port === 0 ? process.host.ephemeralPort() : port;
    return 0;
  });

export const listen: CallImplementation = ({ args, process }) =>
  once(() => {
    const found = process.socket(args.integer(0));
    const backlog = args.integer(1);
    if (found.connection !== null) throw new Errno("EINVAL");
    if (found.listener !== null) {
      found.listener.backlog = backlog;
      return 0;
    }
    if (found.port === 0) found.port = process.host.ephemeralPort();
    if (process.host.isListening(found.port)) throw new Errno("EADDRINUSE");
    found.listener = new Listener(backlog, () => ({
      settings: found.endpointSettings(),
      fastOpen: serverOptions(process, found),
    }));
    process.host.addListener(found.port, found.listener);
    return 0;
  });

/** Whether SYNs may bring data (RFC 7413): as TCP_FASTOPEN or the sysctl has it. */
function serverOptions({ config }: Process, { plain, fastOpenKey }: Socket): FastOpenOptions | undefined {
  if (!config.fastOpen.serves((plain.get("TCP_FASTOPEN") ?? 0) > 0)) return undefined;
  const { fastOpen, localAddress } = config;
  return {
    cookieFor: (client) => fastOpen.cookieFor(client, localAddress, fastOpenKey ?? undefined),
    withoutCookie: fastOpen.servesWithoutCookie,
  };
}

export const accept: CallImplementation = ({ args, process, wanted }) => {
  const found = process.socket(args.integer(0));
  if (found.listener === null) throw new Errno("EINVAL");
  const { listener } = found;
  const nonBlocking = (args.optional(3, 0) & CONSTANTS.SOCK_NONBLOCK) !== 0;
  return () => {
    const connection = listener.accept();
    if (connection === undefined) return waits(found);
    const child = new Socket();
    found.inherit(child);
    child.nonBlocking = nonBlocking;
    child.connection = connection;
    child.port = found.port;
    return process.open(child, wanted);
  };
};

export const connect: CallImplementation = ({ args, process }) => {
  const found = process.socket(args.integer(0));
  if (found.listener !== null) throw new Errno("EISCONN");
  if (found.connection !== null) {
    if (!found.connecting) throw new Errno("EISCONN");
    if (isOpening(found.connection)) throw new Errno("EALREADY");
    return () => connected(found);
  }
  const wantsFastOpen = found.plain.get("TCP_FASTOPEN_CONNECT") === 1 && process.config.fastOpen.isClient;
  if (wantsFastOpen && process.config.fastOpen.known.cookie !== undefined) {
    // The SYN goes with the first data.
    if (found.deferred) throw new Errno("EISCONN");
    found.deferred = true;
    return once(() => 0);
  }
  open(process, found, args.at(1), wantsFastOpen ? process.config.fastOpen.request : undefined);
  if (found.nonBlocking) throw new Errno("EINPROGRESS");
  return () => connected(found);
};

/**
 * Opens a connection to the address, or to where the script's peer is.
 * @param before what is done before the SYN leaves
 */
export function open(
  process: Process,
  socket: Socket,
  to?: Expression,
  fastOpen?: FastOpenOptions,
  before: (connection: Connection) => void = () => {},
): Connection {
  const { host, config } = process;
  const remotePort = (to && portOf(to)) ?? config.connectPort;
  if (socket.port === 0) socket.port = host.ephemeralPort();
  const connection = host.connection(socket.port, remotePort, socket.endpointSettings(), fastOpen);
  socket.connection = connection;
  socket.connecting = true;
  process.onSocket(socket);
  connection.endpoint.connect(host.now);
  before(connection);
  host.settle(connection);
  return connection;
}

/** How connect ends, once; after a failure the socket may try again. */
function connected(socket: Socket): number | null {
  const connection = socket.connection!;
  if (isOpening(connection)) return null;
  socket.connecting = false;
  if (connection.established) return 0;
  socket.connection = null;
  throw new Errno(connection.takeError() ?? "ECONNABORTED");
}

/** Neither established nor over. */
export function isOpening(connection: Connection): boolean {
  return !connection.established && !connection.closed;
}

export const close: CallImplementation = ({ args, process }) =>
  once(() => {
    const fd = args.integer(0);
    const file = process.file(fd);
    if (file === undefined) throw new Errno("EBADF");
    process.close(fd);
    if (file instanceof Socket) closeSocket(process, file);
    return 0;
  });

function closeSocket(process: Process, socket: Socket): void {
  const { host } = process;
  if (socket.listener !== null) {
    host.removeListener(socket.port);
    for (const connection of socket.listener.takeAll()) {
      connection.endpoint.abort(host.now);
      host.settle(connection);
    }
  }
  const { connection } = socket;
  if (connection === null || connection.closed) return;
  const { endpoint } = connection;
  if (socket.linger === 0) {
    endpoint.abort(host.now);
  } else {
    // What was not read is lost: the peer hears of it by RST (RFC 9293 3.6.1).
    endpoint.stopReceiving(host.now);
    if (["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT"].includes(endpoint.state)) {
      endpoint.close(host.now);
    }
  }
  host.settle(connection);
}

export const shutdown: CallImplementation = ({ args, process }) =>
  once(() => {
    const found = process.socket(args.integer(0));
    const how = args.integer(1);
    if (how < 0 || how > 2) throw new Errno("EINVAL");
    const { connection } = found;
    if (connection === null || connection.closed) throw new Errno("ENOTCONN");
    if (how !== CONSTANTS.SHUT_WR) found.readShut = true;
    if (how === CONSTANTS.SHUT_RD || found.writeShut) return 0;
    found.writeShut = true;
    const { endpoint } = connection;
    if (["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT"].includes(endpoint.state)) {
      endpoint.close(process.now);
    }
    process.host.settle(connection);
    return 0;
  });

/** A call that would wait on a socket that does not: EAGAIN. */
export function waits(socket: Socket, dontWait = false): null {
  if (socket.nonBlocking || dontWait) throw new Errno("EAGAIN");
  return null;
}

function portOf(address: Expression): number | null {
  if (address.type !== "struct") return null;
  const port = field(address, "sin_port") ?? field(address, "sin6_port");
  return port === undefined ? null : integer(port);
}

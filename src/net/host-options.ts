import type { SettingsInput } from "../tcp/index.ts";
import type { Clock } from "./clock.ts";
import type { Link } from "./link.ts";
import type { SocketStateChange } from "./state-watch.ts";

/** A pair of web streams whose chunks are packets. */
export interface PacketStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** One link, and who the host is on it. */
export interface InterfaceOptions {
  /** What carries the packets: a `Link`, or a pair of streams of IP packets (with an MTU of 1500; see `streamLink`). */
  readonly link: Link | PacketStreams;
  /** The host's addresses there, IPv4 or IPv6, with the length of their network's prefix: `"192.0.2.1/24"`. */
  readonly addresses: readonly string[];
  /**
   * Routers to everywhere else, one of a family. Without any, a link of IP packets leads everywhere by itself (the
   * first such link of a host does), and one of Ethernet frames to its own networks alone.
   */
  readonly gateway?: string | readonly string[];
  /** The station's address on Ethernet: 6 bytes; a random one, locally administered, when left out. */
  readonly mac?: Uint8Array;
}

/** A route that neither an address nor a gateway implies. */
export interface RouteOptions {
  /** The network: `"10.0.0.0/8"`. */
  readonly to: string;
  /** The router on the way; on links of IP packets there need be none. */
  readonly via?: string;
  /** Which of the links; the first when left out. */
  readonly link?: Link | PacketStreams;
}

interface CommonOptions {
  readonly routes?: readonly RouteOptions[];
  /** Settings of all connections, where sockets say nothing else. */
  readonly tcp?: SettingsInput;
  /**
   * Looks a name up. Without it `hostname` must be an address, or "localhost". Of several addresses, best first, all are
   * tried, the families by turns, each 250 ms after the one before or as soon as that has failed; the first to answer
   * is the socket's (RFC 8305). When all fail, so does the socket, with the last one's code and an `AggregateError` of
   * all as its `cause`. With `fastOpen` only the first is tried.
   */
  readonly lookup?: (hostname: string) => PromiseLike<string | readonly string[]>;
  /** Time; the platform's when left out. */
  readonly clock?: Clock;
  /** Unsigned 32-bit integers that nobody can predict; the platform's when left out. */
  readonly random?: () => number;
  /**
   * Told of every change of a connection's state, as the kernel's tracepoint `inet_sock_set_state` tells of it, before
   * the segment is sent that it brings about. Not to call the host from.
   */
  readonly onState?: (change: SocketStateChange) => void;
  /**
   * Initial sequence numbers of connections, in place of RFC 6528's, which nobody can guess: for tests, and to show
   * why not. Called with the time.
   */
  readonly chooseIsn?: (now: number) => number;
}

/** A host on one link, or on several. */
export type HostOptions = CommonOptions &
  (InterfaceOptions | { readonly links: readonly InterfaceOptions[] });

/** Where to connect to. */
export interface RemoteSocket {
  /** An address, or a name for the host's `lookup`. */
  readonly hostname: string;
  readonly port: number;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0, or left out: one that is free. */
  readonly port?: number;
  /** One of the host's addresses; all of them when left out. */
  readonly hostname?: string;
  /** Connections that may wait to be accepted; 511. */
  readonly backlog?: number;
  /**
   * TCP Fast Open (RFC 7413); false. Clients are given cookies, and the data of a SYN that brings one back is there with the
   * connection, a round trip earlier. A SYN that is duplicated on its way may deliver its data twice, so this is for
   * requests that may be answered twice.
   */
  readonly fastOpen?: boolean | FastOpenListenOptions;
}

/** How a listener takes data with SYNs. */
export interface FastOpenListenOptions {
  /**
   * Connections at once that began so and whose handshake has not ended; 128. One that a RST ends counts for as long as
   * its SYN,ACK would have been sent again. SYNs beyond that take the whole handshake, so that whoever has
   * stolen cookies makes the host work no more than this (RFC 7413 5.1).
   */
  readonly pending?: number;
}

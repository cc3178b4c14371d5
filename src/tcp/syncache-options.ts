import type { Address } from "../wire/address.ts";
import type { SegmentSink } from "./emit.ts";
import type { EndpointOptions } from "./endpoint-options.ts";
import type { SocketAddress } from "./tcb.ts";

/** What every connection of the listener gets, and how half of one is kept. */
export interface SynCacheOptions extends Omit<EndpointOptions, "local" | "remote" | "initialSequence"> {
  /** Requests remembered at once, 80 bytes each; 1,024. */
  readonly capacity?: number;
  /**
   * SYN cookies, by which a listener answers without remembering: "full", when there is no room; "always"; or
   * "never": the oldest request makes room. "full" is the default.
   */
  readonly cookies?: "never" | "full" | "always";
  /** Where segments to `remote` go. A sink that takes nothing loses them; timers send them again. */
  readonly route: (local: Address, remote: Address) => SegmentSink;
  /**
   * Told of each request that is remembered, before it is answered, and of each that is forgotten without having become a
   * connection.
   */
  readonly onRequest?: (local: SocketAddress, remote: SocketAddress, isPending: boolean) => void;
  /** Initial sequence numbers in place of RFC 6528's: for tests, and to show why not. Cookies keep theirs. */
  readonly chooseIsn?: (now: number) => number;
}

/** A request that has been answered and not yet acknowledged: SYN-RECEIVED. */
export interface PendingRequest {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** How often the SYN,ACK was sent again. */
  readonly retransmits: number;
  /** When it is due again. */
  readonly expires: number;
}

/** What became of the requests. */
export interface SynCacheCounters {
  /** SYNs answered for the first time: with memory, and with a cookie. */
  requests: number;
  cookiesSent: number;
  /** Connections made. */
  accepted: number;
  cookiesAccepted: number;
  /** Acknowledgments of nothing that we sent: answered with RST. */
  refused: number;
  /** Requests forgotten: for another's room, after all retransmissions, by the peer's RST. */
  evicted: number;
  timedOut: number;
  reset: number;
}

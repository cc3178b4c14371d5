import {
  ACK,
  FIN,
  RST,
  SYN,
  TCP_DST_PORT,
  TCP_OFFSET_FLAGS,
  TCP_SRC_PORT,
} from "../../../assembly/layout/wire.ts";
import { get16 } from "../../wire/bytes.ts";
import { rewriteSegment } from "../../wire/rewrite.ts";
import { destinationOf, endKey, readdress, sourceOf, tcpOffset } from "../packet.ts";
import type { Random } from "../random.ts";
import { Box, type Drop } from "./box.ts";
import { IdleTable } from "./idle-table.ts";
import { QUOTED_LEAST, type Quote, quoteIn, readdressError, resocket } from "./quote.ts";
import { resetFor } from "./reset.ts";

/** How a new session gets its server. */
export type Policy =
  /** In turn. */
  | "round-robin"
  /** By chance. */
  | "random"
  /** By the client's address and port: the same server for the same client socket, as long as servers stay the same. */
  | "hash"
  /** The one with the fewest sessions. */
  | "least-sessions";

/** What meets a segment of a session that is not in the table. */
export type UnknownSession =
  /** It goes to some server, by the policy: one that never heard of it answers with RST. */
  | "forward"
  /** It vanishes. */
  | "drop"
  /** The balancer answers with RST. */
  | "reset";

export interface BalancerOptions {
  /** The address that clients connect to. */
  readonly address: string;
  /** The port that is balanced. */
  readonly port: number;
  /** Addresses of the servers, which listen on the same port. */
  readonly servers: readonly string[];
  readonly policy?: Policy;
  /** Milliseconds of silence after which a session is forgotten, and nobody is told; 350,000 (that of a known cloud's). */
  readonly idleTimeout?: number;
  readonly unknown?: UnknownSession;
  /** For the policy "random". */
  readonly random?: Random;
  /** Sessions in the table; 1,048,576. */
  readonly most?: number;
}

interface Session {
  readonly client: string;
  readonly server: string;
  /** Which ends have sent FIN: 1 the client, 2 the server. */
  fins: number;
}

// A closed session stays as long as a last ACK may take.
const LINGER = 2000;

/**
 * A load balancer that sends each session to one of several servers and remembers where in its session table: layer 4,
 * the client's address stays (destination NAT). Sessions leave the table when both ends have closed, by RST, or when
 * they were idle for too long; in the last case neither end is told. ICMP errors about a session's segments pass both
 * ways, and quote what their receiver has sent, as through a NAT (RFC 5508 REQ-3 to REQ-5).
 *
 * @example
 * ```ts
 * import { LoadBalancer } from "tcpwire/sim";
 *
 * const balancer = new LoadBalancer("lb", {
 *   address: "203.0.113.80",
 *   port: 5672,
 *   servers: ["10.0.1.1", "10.0.1.2"],
 *   idleTimeout: 300_000,
 *   unknown: "forward",
 * });
 * balancer.sessions(0); // -> 0
 * ```
 */
export class LoadBalancer extends Box {
  /** Packets of sessions that were not in the table. */
  unknownSeen = 0;
  readonly #port: number;
  /** Addresses of the servers. */
  readonly servers: readonly string[];
  readonly #policy: Policy;
  readonly #unknown: UnknownSession;
  readonly #random: Random | undefined;
  readonly #table: IdleTable<Session>;
  readonly #closed: IdleTable<Session>;
  readonly #load = new Map<string, number>();
  #turn = 0;

  constructor(name: string, options: BalancerOptions) {
    super(name, [options.address]);
    const { policy = "round-robin", idleTimeout = 350_000, unknown = "forward", most = 1_048_576 } = options;
    if (options.servers.length === 0) throw new RangeError("servers: none to balance to");
    if (policy === "random" && !options.random) throw new TypeError('the policy "random" needs `random`');
    this.#port = options.port;
    this.servers = [...options.servers];
    this.#policy = policy;
    this.#unknown = unknown;
    this.#random = options.random;
    const leave = ({ server }: Session): void => this.#count(server, -1);
    this.#table = new IdleTable(idleTimeout, most, leave);
    this.#closed = new IdleTable(LINGER, most);
  }

  /** Sessions in the table at `now`. */
  sessions(now: number): number {
    return this.#table.size(now);
  }

  /** Sessions that were forgotten for being idle. */
  get forgotten(): number {
    return this.#table.forgotten;
  }

  protected handle(packet: Uint8Array, _port: unknown, now: number): Drop | undefined {
    const at = tcpOffset(packet);
    if (at < 0) return this.#error(packet, now);
    if (destinationOf(packet) === this.addresses[0]) return this.#fromClient(packet, at, now);
    return this.servers.includes(sourceOf(packet)) ? this.#fromServer(packet, at, now) : undefined;
  }

  protected override asSent(packet: Uint8Array): Uint8Array {
    const tcp = tcpOffset(packet, QUOTED_LEAST);
    if (tcp < 0) return packet;
    const sent = { packet: packet.slice(), tcp };
    if (!this.#asServerSent(sent)) this.#asClientSent(sent);
    return sent.packet;
  }

  #fromClient(packet: Uint8Array, at: number, now: number): Drop | undefined {
    if (get16(packet, at + TCP_DST_PORT) !== this.#port) return refusal(packet, "reset", "no such port");
    const client = endKey(packet, at, true);
    const flags = packet[at + TCP_OFFSET_FLAGS + 1];
    const opens = (flags & (SYN | ACK)) === SYN;
    let session = this.#table.use(client, now) ?? this.#closed.use(client, now);
    if (opens && (session === undefined || session.fins === 3)) session = this.#open(client, packet, at, now);
    if (session === undefined) {
      this.unknownSeen++;
      if (this.#unknown !== "forward") return refusal(packet, this.#unknown, "no such session");
      // As if it were a new one: the balancer cannot tell where it was.
      session = this.#open(client, packet, at, now);
    }
    this.#see(session, flags, 1, now);
    const [from] = this.addresses;
    rewriteSegment(packet.subarray(at), { dst: { from, to: session.server } });
    readdress(packet, false, session.server);
    return undefined;
  }

  #fromServer(packet: Uint8Array, at: number, now: number): Drop | undefined {
    const client = endKey(packet, at, false);
    const session = this.#table.use(client, now) ?? this.#closed.use(client, now);
    // What another server still holds of a session that went elsewhere is none of the client's any more.
    if (session === undefined || session.server !== sourceOf(packet)) {
      this.unknownSeen++;
      return refusal(packet, this.#unknown === "reset" ? "reset" : "drop", "no such session");
    }
    this.#see(session, packet[at + TCP_OFFSET_FLAGS + 1], 2, now);
    const [to] = this.addresses;
    rewriteSegment(packet.subarray(at), { src: { from: session.server, to } });
    readdress(packet, true, to);
    return undefined;
  }

  /** An error about a segment that went to a server, or to a client, through here. */
  #error(error: Uint8Array, now: number): Drop | undefined {
    const quote = quoteIn(error);
    if ("reason" in quote) return quote;
    this.#table.expire(now);
    this.#closed.expire(now);
    const [address] = this.addresses;
    const server = destinationOf(error) === address ? this.#asServerSent(quote) : undefined;
    if (server !== undefined) readdressError(error, false, server);
    // Which server it went to is nobody's business.
    else if (this.#asClientSent(quote)) readdressError(error, true, address);
    else return this.#isOthers(quote) ? undefined : { reason: "no such session" };
    return undefined;
  }

  /** A segment to a client, quoted, with its server's address in place of the balancer's. @returns that */
  #asServerSent(quote: Quote): string | undefined {
    const { packet, tcp } = quote;
    const port = this.#port;
    if (sourceOf(packet) !== this.addresses[0] || get16(packet, tcp + TCP_SRC_PORT) !== port)
      return undefined;
    const session = this.#look(endKey(packet, tcp, false));
    if (session) resocket(quote, true, { address: session.server, port });
    return session?.server;
  }

  /** A segment to a server, quoted, with the balancer's address in place of that. */
  #asClientSent(quote: Quote): boolean {
    const { packet, tcp } = quote;
    const port = this.#port;
    const session = this.#look(endKey(packet, tcp, true));
    if (session?.server !== destinationOf(packet) || get16(packet, tcp + TCP_DST_PORT) !== port) return false;
    resocket(quote, false, { address: this.addresses[0], port });
    return true;
  }

  /** A segment, quoted, between others: it passed here as through a router. */
  #isOthers({ packet }: Quote): boolean {
    const ours = [...this.addresses, ...this.servers];
    return !ours.includes(sourceOf(packet)) && !ours.includes(destinationOf(packet));
  }

  #look(client: string): Session | undefined {
    return this.#table.look(client) ?? this.#closed.look(client);
  }

  #open(client: string, packet: Uint8Array, at: number, now: number): Session {
    const session = { client, server: this.#choose(packet, at), fins: 0 };
    this.#count(session.server, 1);
    this.#closed.delete(client);
    this.#table.set(client, session, now);
    return session;
  }

  #see(session: Session, flags: number, side: number, now: number): void {
    if (flags & FIN) session.fins |= side;
    if (!(session.fins === 3 || flags & RST) || !this.#table.has(session.client)) return;
    this.#table.delete(session.client);
    this.#count(session.server, -1);
    session.fins = 3;
    this.#closed.set(session.client, session, now);
  }

  #choose(packet: Uint8Array, at: number): string {
    const { servers } = this;
    switch (this.#policy) {
      case "round-robin":
        return servers[this.#turn++ % servers.length];
      case "random":
        return servers[this.#random!.below(servers.length)];
      case "hash":
        return servers[hash(endKey(packet, at, true)) % servers.length];
      case "least-sessions":
        return servers.reduce((best, server) => (this.#loadOf(server) < this.#loadOf(best) ? server : best));
    }
  }

  #loadOf(server: string): number {
    return this.#load.get(server) ?? 0;
  }

  #count(server: string, change: number): void {
    this.#load.set(server, this.#loadOf(server) + change);
  }
}

function refusal(packet: Uint8Array, how: "drop" | "reset", reason: string): Drop {
  return { reason, answer: how === "reset" ? resetFor(packet) : undefined };
}

/** FNV-1a with a final mix, so that neighbouring ports do not go to neighbouring servers in turn. */
function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

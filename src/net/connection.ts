import { type CloseReason, type Endpoint, TcpError } from "../tcp/index.ts";
import type { LocalAddress } from "./interface.ts";
import type { IpAddress } from "./ip-address.ts";
import { UNMARKED } from "./ip-marks.ts";
import type { Route } from "./routes.ts";

/** Who is told what happens to a connection. Calls to the connection from within are allowed. */
export interface ConnectionUser {
  /** ESTABLISHED. */
  opened(): void;
  /** There is something to receive. */
  readable(): void;
  /** The send buffer has room again. */
  writable(): void;
  /** The peer's FIN: nothing follows what can still be received. */
  ended(): void;
  /** Both sides have closed and all is acknowledged; only TIME-WAIT may be left. Nothing is told after it. */
  finished(): void;
  /** It ended otherwise. Nothing is told after it. */
  failed(reason: CloseReason, error: TcpError | undefined): void;
  /** The link is gone that it went by. Nothing is told after it. */
  cutOff(cause: unknown): void;
}

/** Both ends of a connection, and the way between them. */
export interface Ends {
  readonly local: LocalAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly route: Route;
}

/** What a connection needs of its host. */
export interface ConnectionOwner {
  /** The time of what is being done, or else the clock's. */
  readonly now: number;
  /** Something was asked of the endpoint: sends what is due, now or when what is being done is done. */
  wake(connection: Connection): void;
}

// Small variables are bits of one number: as fields they would take eight bytes each. What is so of a connection,
const DUE = 1;
const ENDING = 2;
const DISCARDING = 4;
const OVER = 8;
const HELD = 16;
const FAST_OPEN = 32;
// the marks of what it sends, as `ipMarks` has them, and the DSCP of what arrived last.
const MARKS_SHIFT = 6;
const MARKS_MASK = 0x3fff;
const DSCP_SHIFT = 20;
const DSCP_MASK = 0x3f;
// Above them once more what is so of it.
const EARLY = 1 << 26;

/** An endpoint with its place in a host. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly owner: ConnectionOwner;
  readonly local: LocalAddress;
  readonly remote: IpAddress;
  readonly route: Route;
  /** Its id in the table; -1 once it is no longer there. */
  id: number;
  user: ConnectionUser | null = null;
  #bits = UNMARKED << MARKS_SHIFT;

  constructor(endpoint: Endpoint, owner: ConnectionOwner, id: number, { local, remote, route }: Ends) {
    this.endpoint = endpoint;
    this.owner = owner;
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.route = route;
  }

  get localPort(): number {
    return this.endpoint.localPort;
  }

  get remotePort(): number {
    return this.endpoint.remotePort;
  }

  /** DSCP and TTL of what it sends; see `ipMarks`. */
  get marks(): number {
    return (this.#bits >> MARKS_SHIFT) & MARKS_MASK;
  }
  set marks(marks: number) {
    this.#bits = (this.#bits & ~(MARKS_MASK << MARKS_SHIFT)) | (marks << MARKS_SHIFT);
  }

  /** DSCP of the last packet that arrived for it. */
  get receivedDscp(): number {
    return (this.#bits >> DSCP_SHIFT) & DSCP_MASK;
  }
  set receivedDscp(dscp: number) {
    this.#bits = (this.#bits & ~(DSCP_MASK << DSCP_SHIFT)) | (dscp << DSCP_SHIFT);
  }

  /** Waits for its turn. */
  get isDue(): boolean {
    return (this.#bits & DUE) !== 0;
  }
  set isDue(is: boolean) {
    this.#bits = is ? this.#bits | DUE : this.#bits & ~DUE;
  }

  /** One side has closed: look out for the end. */
  get isEnding(): boolean {
    return (this.#bits & ENDING) !== 0;
  }
  set isEnding(is: boolean) {
    this.#bits = is ? this.#bits | ENDING : this.#bits & ~ENDING;
  }

  /** What arrives is dropped: the user has closed. */
  get isDiscarding(): boolean {
    return (this.#bits & DISCARDING) !== 0;
  }

  /** In TIME-WAIT. */
  get isOver(): boolean {
    return (this.#bits & OVER) !== 0;
  }
  set isOver(is: boolean) {
    this.#bits = is ? this.#bits | OVER : this.#bits & ~OVER;
  }

  /** Its SYN waits for what may be written at once. Whatever is asked of the connection ends that. */
  get isHeld(): boolean {
    return (this.#bits & HELD) !== 0;
  }
  set isHeld(is: boolean) {
    this.#bits = is ? this.#bits | HELD : this.#bits & ~HELD;
  }

  /** An active OPEN that tries Fast Open. */
  get isFastOpen(): boolean {
    return (this.#bits & FAST_OPEN) !== 0;
  }
  set isFastOpen(is: boolean) {
    this.#bits = is ? this.#bits | FAST_OPEN : this.#bits & ~FAST_OPEN;
  }

  /** It began with a SYN's Fast Open cookie, and its handshake has not ended. */
  get isEarly(): boolean {
    return (this.#bits & EARLY) !== 0;
  }
  set isEarly(is: boolean) {
    this.#bits = is ? this.#bits | EARLY : this.#bits & ~EARLY;
  }

  /** Both ends, for messages. */
  get between(): string {
    return `${this.local.address}:${this.localPort} to ${this.remote}:${this.remotePort}`;
  }

  /** `Endpoint.send`: returns how many bytes were taken. */
  send(bytes: Uint8Array): number {
    const taken = this.endpoint.send(bytes, this.owner.now);
    this.owner.wake(this);
    return taken;
  }

  /** `Endpoint.receive`: returns how many bytes were copied to `into`. The window they free is offered to the peer. */
  receive(into: Uint8Array): number {
    const count = this.endpoint.receive(into);
    if (count > 0) this.owner.wake(this);
    return count;
  }

  /** Sends FIN behind what was sent. */
  close(): void {
    this.isEnding = true;
    this.endpoint.close(this.owner.now);
    this.owner.wake(this);
  }

  /** Receives no more; what is lost by it is answered with RST. */
  stopReceiving(): void {
    this.endpoint.stopReceiving(this.owner.now);
    this.owner.wake(this);
  }

  /**
   * Drops what has arrived and what still does. As long as something of ours is under way the peer is not told so: its
   * answer to our RST would be to forget that.
   */
  discard(): void {
    this.#bits |= DISCARDING;
    this.drain();
    this.owner.wake(this);
  }

  /** Drops what has arrived. */
  drain(): void {
    while (this.endpoint.readable > 0) this.endpoint.receive(scrap);
  }

  /** Nobody on the link has the address that it needs: it does not come about. */
  unreachable(): void {
    const { user } = this;
    this.user = null;
    this.abort();
    user?.failed("unreachable", new TcpError("unreachable"));
  }

  /** The link is gone: nothing will ever be heard of the peer again. */
  cutOff(cause: unknown): void {
    const { user } = this;
    this.user = null;
    this.abort();
    user?.cutOff(cause);
  }

  /** Ends at once, with RST. */
  abort(): void {
    this.endpoint.abort(this.owner.now);
    this.owner.wake(this);
  }
}

/** Where bytes go that nobody reads. */
const scrap = new Uint8Array(16384);

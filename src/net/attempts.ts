import type { CloseReason, TcpError } from "../tcp/index.ts";
import type { Connection, ConnectionUser } from "./connection.ts";
import { connectionError, SocketError } from "./errors.ts";
import type { IpAddress } from "./ip-address.ts";
import type { SocketState } from "./socket-state.ts";
import type { Stack } from "./stack.ts";
import { NEVER } from "./wheel.ts";

/** RFC 8305, section 8: the recommended Connection Attempt Delay. */
const ATTEMPT_DELAY = 250;

/** Begins a connection for an attempt. Throws a `SocketError` where there is no way. */
type Open = (remote: IpAddress, attempt: Attempt) => void;

/** A host's connections to names with several addresses (RFC 8305, "Happy Eyeballs"). */
export class Races {
  readonly #stack: Stack;
  readonly #setTimer: (at: number) => void;
  /** Those with an address left to try, and when. All wait equally long: the first is the first that is due. */
  readonly #waiting = new Map<Race, number>();

  constructor(stack: Stack) {
    this.#stack = stack;
    this.#setTimer = stack.service(() => this.#timedOut());
  }

  /** Gives `state` the connection to whichever address is the first to answer, or the error. */
  start(state: SocketState, hostname: string, addresses: readonly IpAddress[], open: Open): void {
    const race = new Race(this, state, hostname, interleaved(addresses), open);
    state.onceClosed = () => race.stop();
    this.step(() => race.next());
  }

  /** What `work` opens, aborts and sets takes effect at its end. */
  step(work: () => void): void {
    this.#stack.step(work);
  }

  /** Calls the race's `next` after the delay. To be called within a step. */
  wait(race: Race): void {
    this.#waiting.delete(race);
    this.#waiting.set(race, this.#stack.now + ATTEMPT_DELAY);
    this.#set();
  }

  leave(race: Race): void {
    if (this.#waiting.delete(race)) this.#set();
  }

  #timedOut(): void {
    for (const [race, at] of this.#waiting) {
      if (at > this.#stack.now) break;
      this.#waiting.delete(race);
      race.next();
    }
    this.#set();
  }

  #set(): void {
    const [first] = this.#waiting.values();
    this.#setTimer(first ?? NEVER);
  }
}

/** The attempts for one socket. The one that is established first wins, and nothing is left of the others. */
class Race {
  readonly #races: Races;
  readonly #state: SocketState;
  readonly #hostname: string;
  readonly #addresses: readonly IpAddress[];
  readonly #open: Open;
  readonly #running = new Set<Attempt>();
  readonly #errors: SocketError[] = [];
  /** Addresses that were tried. */
  #tried = 0;
  #latest: Attempt | null = null;

  constructor(
    races: Races,
    state: SocketState,
    hostname: string,
    addresses: readonly IpAddress[],
    open: Open,
  ) {
    this.#races = races;
    this.#state = state;
    this.#hostname = hostname;
    this.#addresses = addresses;
    this.#open = open;
  }

  /** Tries the next address to which there is a way. Called within a step. */
  next(): void {
    this.#races.leave(this);
    while (this.#tried < this.#addresses.length) {
      const attempt = new Attempt(this);
      try {
        this.#open(this.#addresses[this.#tried++], attempt);
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        this.#errors.push(error);
        continue;
      }
      this.#latest = attempt;
      this.#running.add(attempt);
      if (this.#tried < this.#addresses.length) this.#races.wait(this);
      return;
    }
    if (this.#running.size === 0) this.#state.end(this.#error());
  }

  won(attempt: Attempt, connection: Connection): void {
    this.#running.delete(attempt);
    this.stop();
    this.#state.attach(connection);
    this.#state.opened();
  }

  lost(attempt: Attempt, error: SocketError): void {
    if (!this.#running.delete(attempt)) return;
    this.#errors.push(error);
    // While a later attempt is under way, the one after it waits for that one.
    if (attempt === this.#latest || this.#running.size === 0) this.#races.step(() => this.next());
  }

  /** `reason` for the socket, and nothing for the peers. */
  abort(reason: unknown): void {
    this.#state.abort(reason);
  }

  /** Ends all attempts that are under way; no other follows. */
  stop(): void {
    this.#races.leave(this);
    this.#tried = this.#addresses.length;
    const running = [...this.#running];
    this.#running.clear();
    if (running.length === 0) return;
    this.#races.step(() => {
      for (const each of running) each.cancel();
    });
  }

  #error(): SocketError {
    const last = this.#errors[this.#errors.length - 1];
    const all = new AggregateError(this.#errors, `${this.#hostname}: every address failed`);
    return new SocketError(
      last.reason,
      `${this.#hostname}: every address failed, at last ${last.message}`,
      all,
    );
  }
}

/** One connection that may become the socket's. */
export class Attempt implements ConnectionUser {
  readonly #race: Race;
  #connection: Connection | null = null;

  constructor(race: Race) {
    this.#race = race;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  /** Ends the race. */
  abort(reason: unknown): void {
    this.#race.abort(reason);
  }

  /** Ends the connection, and hears no more of it. */
  cancel(): void {
    if (this.#connection === null) return;
    this.#connection.user = null;
    this.#connection.abort();
  }

  opened(): void {
    this.#race.won(this, this.#connection!);
  }

  failed(reason: CloseReason, error: TcpError | undefined): void {
    this.#race.lost(this, connectionError(reason, error, this.#connection!.between));
  }

  cutOff(cause: unknown): void {
    this.#race.lost(this, new SocketError("linkDown", "the link has ended", cause));
  }

  // The rest is told of connections that are established, and these have the socket as their user.
  readable(): void {}
  writable(): void {}
  ended(): void {}
  finished(): void {}
}

/** RFC 8305, section 4: the families by turns, that of the first address first; of each, the order stays. */
function interleaved(addresses: readonly IpAddress[]): IpAddress[] {
  const { family } = addresses[0];
  const first = addresses.filter((each) => each.family === family);
  const other = addresses.filter((each) => each.family !== family);
  return Array.from({ length: Math.max(first.length, other.length) }, (_, i) => [
    ...first.slice(i, i + 1),
    ...other.slice(i, i + 1),
  ]).flat();
}

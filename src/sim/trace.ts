import type { StateName } from "../tcp/index.ts";
import { CORRUPTED, DROPPED, DUPLICATED, fateNames, REORDERED } from "./path.ts";

/** A packet's way through the world, from whoever made it to wherever it ended. */
export interface Flight {
  /** Its place among all that happened. */
  readonly order: number;
  /** The packet as it was sent. */
  readonly packet: Uint8Array;
  /** Who sent it first. */
  readonly from: string;
  readonly sent: number;
  /** Who it came to; "" as long as nobody has it. */
  to: string;
  /** When it came there; Infinity when it does not. */
  arrived: number;
  /** What happened to it on the way: `lost`, `corrupted`, `no such session at lb`. */
  readonly notes: string[];
}

/** A connection of a host went from one state to another. */
export interface StateChange {
  readonly order: number;
  readonly at: number;
  readonly host: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  readonly state: StateName;
}

/** Something that no packet shows: a call of an application, a power cut. */
export interface Remark {
  readonly order: number;
  readonly at: number;
  /** Whose it is. */
  readonly host: string;
  /** Of which connection it is; all of the host's when left out. */
  readonly socket?: { readonly localPort: number; readonly remote: string; readonly remotePort: number };
  readonly text: string;
}

/** All that happened in a world, in the order in which it did. */
export class Trace {
  readonly flights: Flight[] = [];
  readonly states: StateChange[] = [];
  readonly remarks: Remark[] = [];
  #order = 0;

  /** A packet sets off. @returns its number, from 1 on */
  begin(packet: Uint8Array, from: string, now: number): number {
    return this.flights.push({
      order: this.#order++,
      packet: packet.slice(),
      from,
      sent: now,
      to: "",
      arrived: Number.POSITIVE_INFINITY,
      notes: [],
    });
  }

  /** A connection has entered a state. */
  enter(change: Omit<StateChange, "order">): void {
    this.states.push({ order: this.#order++, ...change });
  }

  /** Somebody does something. */
  remark(remark: Omit<Remark, "order">): void {
    this.remarks.push({ order: this.#order++, ...remark });
  }

  /** A path has taken it. */
  fate(number: number, fate: number): void {
    if (fate & (DROPPED | CORRUPTED | DUPLICATED | REORDERED))
      this.flight(number)?.notes.push(...fateNames(fate));
  }

  /** It has come to a host. Of a duplicate the first counts. */
  arrive(number: number, to: string, now: number): void {
    const flight = this.flight(number);
    if (flight === undefined || flight.to !== "") return;
    flight.to = to;
    flight.arrived = now;
  }

  /** A box has dropped it, for a reason, or done something to it. */
  note(number: number, box: string, text: string): void {
    this.flight(number)?.notes.push(`${text} at ${box}`);
  }

  flight(number: number): Flight | undefined {
    return this.flights[number - 1];
  }

  /** Everything as text, a line each, times to the nanosecond: equal texts mean equal runs. */
  text(): string {
    const time = (ms: number) => (ms === Number.POSITIVE_INFINITY ? "never" : ms.toFixed(6));
    return [
      ...this.flights.map(
        ({ packet, from, sent, to, arrived, notes }) =>
          `${time(sent)} ${from} -> ${to} ${time(arrived)} ${notes.join()} ${hex(packet)}`,
      ),
      ...this.states.map(
        ({ at, host, localPort, remote, remotePort, state }) =>
          `${time(at)} ${host} ${localPort} ${remote} ${remotePort} ${state}`,
      ),
      ...this.remarks.map(({ at, host, text }) => `${time(at)} ${host} ${text}`),
    ].join("\n");
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

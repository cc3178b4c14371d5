import type { SocketRow } from "../../net/index.ts";
import type { Event, Step } from "../ladder.ts";

/** Something told, or shown, at a moment of a story. */
export type Moment =
  | { readonly at: number; readonly text: string }
  | {
      readonly at: number;
      readonly sockets: readonly {
        readonly host: string;
        readonly rows: readonly SocketRow[];
        /** The lines of `netstat -napo`. */
        readonly text: readonly string[];
      }[];
    };

/** A conversation with both state machines. */
export interface StoryLadder {
  readonly title: string;
  /** Name and socket. */
  readonly left: string;
  readonly right: string;
  readonly rungs: readonly (Step | Event)[];
}

/** What happened in one world. Times are milliseconds since it began. */
export interface Act {
  readonly title: string;
  readonly moments: readonly Moment[];
  readonly ladders: readonly StoryLadder[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A scenario that was played. */
export interface Story {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly seed: number | string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly acts: readonly Act[];
  readonly tables: readonly Table[];
  readonly lesson: string;
  /** Packets of the capture. */
  readonly packets: number;
  /** Everything that happened, a line each: two runs are the same when their texts are. */
  trace(): string;
  /** What was captured: pcapng with names and comments, or pcap without. */
  capture(format?: "pcapng" | "pcap"): Uint8Array<ArrayBuffer>;
}

import type { Block } from "../../capture/block-interpreter.ts";
import type { CaptureErrorCode } from "../../capture/errors.ts";

// A capture is parsed in ranges of bytes. Each worker has some parsers, called slots here, whose memories all threads
// see: a batch is handed over by saying that it is there, and stays until its slot is told to go on.

/** What a worker is to do with one of its slots. */
export type Task = ParseTask | GoOnTask;

/** Parse the records that start in [`from`, `until`), up to the first batch. */
export interface ParseTask {
  readonly do: "parse";
  readonly slot: number;
  readonly range: number;
  readonly from: number;
  readonly until: number;
  /**
   * `search`: a record may start anywhere from `from` on, and the first that looks like one is taken. `exact`: one
   * starts there. `resume`: so it does, and the slot knows all that bears on it from what it parsed before.
   */
  readonly how: "search" | "exact" | "resume";
  /** What a capture that begins at `from` would have to begin with. */
  readonly preamble?: Uint8Array;
}

/** The batch has been taken: parse the range's next. */
export interface GoOnTask {
  readonly do: "go on";
  readonly slot: number;
  readonly range: number;
}

/** What a slot came to: a batch of `rows`, perhaps none. */
export interface Report {
  readonly slot: number;
  readonly range: number;
  /** The slot's memory, where that is new or has grown. */
  readonly memory?: SharedArrayBuffer;
  readonly rows: number;
  /** Where the first record was found; undefined where none was. */
  readonly start: number | undefined;
  /** Every record that starts in the range is parsed, or the input is over. */
  readonly done: boolean;
  /** The input is over: at its end, or where it is damaged (`error`). */
  readonly ended: boolean;
  /** Where the next record starts. */
  readonly end: number;
  /** Add it to an address in the memory for the offset in the file. */
  readonly fileBase: number;
  /** IP datagrams of which fragments are missing. */
  readonly incomplete: number;
  /** pcapng blocks met since the last report. */
  readonly blocks: readonly Block[];
  readonly error?: { readonly code: CaptureErrorCode; readonly offset: number; readonly reason: string };
}

/** Something other than the capture went wrong: the file cannot be read, a worker is out of memory. */
export interface Failure {
  readonly failure: { readonly message: string; readonly code?: string };
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly path: string;
  readonly name: string | undefined;
  readonly verifyChecksums: boolean;
  readonly format: RecordFormat;
}

/** What records of the capture look like. */
export type RecordFormat =
  | {
      readonly kind: "pcap";
      readonly bigEndian: boolean;
      readonly headerLength: number;
      /** The order of a record's two lengths: PCAP_CAPTURED_FIRST and its like. */
      readonly lengths: number;
      /** Units of a time's fraction in a second. */
      readonly ticks: number;
      readonly snapLength: number;
      /** Of the first record. */
      readonly seconds: number;
    }
  | { readonly kind: "pcapng"; readonly bigEndian: boolean };

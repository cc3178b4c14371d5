import { ROWS } from "../../assembly/layout/columns.ts";
import {
  FLOW_DEPARTED,
  FLOW_KEY,
  FLOW_KEY_BYTES,
  FLOW_MAX_FLOWS,
  FLOW_NONE,
} from "../../assembly/layout/flow-columns.ts";
import {
  R_CLIENT,
  R_FLAGS,
  R_SERVER,
  R_STATISTICS,
  R_STREAM,
  RECORD_COUNTED,
  S_BYTES,
} from "../../assembly/layout/flow-record.ts";
import { C_BYTES_HIGH, T_CLIENT, T_SERVER } from "../../assembly/layout/flow-statistics.ts";
import type { Segments } from "../capture/segments.ts";
import { type FlowExports, instantiateFlow } from "../wasm/flow.ts";
import { type Analysis, analysisIn, copyRows, ownedAnalysis } from "./analysis.ts";
import { InputColumns } from "./columns.ts";
import { readRecord } from "./read-record.ts";
import type { FlowRecord } from "./records.ts";

export interface FlowTrackerOptions {
  /**
   * Fills an array with random bytes: the secret of the flow table's hash, without which a capture could be
   * made that takes all of its conversations to one slot. `(bytes) => crypto.getRandomValues(bytes)`; what
   * the tracker says does not depend on it.
   */
  readonly random: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  /**
   * Conversations held at a time, at most 16,777,216; when one more begins, one that was silent for long is
   * given up. Default 1,048,576.
   */
  readonly maxFlows?: number;
  /**
   * Milliseconds of capture time after which a silent conversation may be given up. Default `Infinity`:
   * then what is said of a segment is what tshark says, however long ago the one before it was.
   */
  readonly idleTimeout?: number;
  /**
   * Bytes for remembering segments that wait for an ACK, where more than one does. Of one direction at most
   * 10,000 are remembered, as in Wireshark; of those that are not, acknowledged frames and bytes in flight are
   * not told. Default 32 MiB: ten thousand segments each of 80 directions, or 60 each of 20,000.
   */
  readonly maxUnacknowledgedBytes?: number;
  /** Whether equal addresses and ports in different VLANs are different conversations. Default false. */
  readonly separateVlans?: boolean;
  /** Whether equal addresses and ports in different tunnels are different conversations. Default false. */
  readonly separateTunnels?: boolean;
  /**
   * Called during `add` with the record of each conversation that is given up, so that none is lost when there
   * are more than fit. Those that are still held come from `flows()`.
   */
  readonly onEvicted?: (record: FlowRecord) => void;
  /**
   * Asked before that whether the record is wanted, by the conversation's number and its bytes on the wire: making one
   * takes as long as following a hundred segments. Without it all are.
   */
  readonly wantsEvicted?: (stream: number, bytes: number) => boolean;
}

/**
 * Follows the TCP conversations of a capture and says of each segment what Wireshark says of it.
 *
 * Segments have to come in the order of the capture. Memory is bounded by the options, however long the
 * capture is.
 *
 * @example
 * ```ts
 * import { readCapture } from "tcpwire/capture";
 * import { FlowTracker, findingNames } from "tcpwire/flow";
 *
 * const tracker = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
 * for await (const batch of readCapture(file)) {
 *   const { stream, findings } = tracker.add(batch);
 *   for (let i = 0; i < batch.length; i++) console.log(batch.frame[i], stream[i], findingNames(findings[i]));
 * }
 * ```
 */
export class FlowTracker {
  readonly #module: FlowExports;
  readonly #context: boolean;
  readonly #onEvicted: FlowTrackerOptions["onEvicted"];
  readonly #wantsEvicted: NonNullable<FlowTrackerOptions["wantsEvicted"]>;
  #input: InputColumns;
  #output: Analysis;
  #evicted = 0;

  /** @throws {TypeError} without `random`, {RangeError} when a bound is out of range or there is no memory */
  constructor(options: FlowTrackerOptions) {
    const { maxFlows = 1 << 20, idleTimeout = Infinity, maxUnacknowledgedBytes = 32 << 20 } = options;
    if (typeof options.random !== "function") throw new TypeError("FlowTracker: `random` is needed");
    if (!(maxFlows >= 1 && maxFlows <= FLOW_MAX_FLOWS)) {
      throw new RangeError(`FlowTracker: maxFlows is 1 to ${FLOW_MAX_FLOWS}, not ${maxFlows}`);
    }
    if (!(idleTimeout > 0)) throw new RangeError(`FlowTracker: idleTimeout is above 0, not ${idleTimeout}`);
    if (!(maxUnacknowledgedBytes >= 0)) {
      throw new RangeError(`FlowTracker: maxUnacknowledgedBytes is no negative number`);
    }
    const vlans = options.separateVlans ?? false;
    const tunnels = options.separateTunnels ?? false;
    this.#context = vlans || tunnels;
    this.#onEvicted = options.onEvicted;
    this.#wantsEvicted = options.wantsEvicted ?? (() => true);
    this.#module = instantiateFlow();
    // Through an array of its own: random sources refuse views of WebAssembly memory in some runtimes.
    const key = new Uint8Array(FLOW_KEY_BYTES);
    options.random(key);
    new Uint8Array(this.#module.memory.buffer).set(key, FLOW_KEY);
    // 2^53 ns are 104 days of silence: nothing longer is told from never.
    const idle = idleTimeout < 9e9 ? BigInt(Math.ceil(idleTimeout * 1e6)) : 0n;
    const bytes = Math.min(maxUnacknowledgedBytes, 2 ** 32);
    if (!this.#module.configure(Math.floor(maxFlows), idle, bytes, Number(vlans), Number(tunnels))) {
      throw new RangeError("FlowTracker: out of memory");
    }
    this.#input = new InputColumns(this.#module.memory.buffer as ArrayBuffer, this.#context);
    this.#output = analysisIn(this.#input.buffer, 0);
  }

  /**
   * Follows the next segments of the capture.
   *
   * @returns what is said of each; borrowed until the next call where there are at most 8,192 segments, as in
   *   a batch of `readCapture`, else owned
   */
  add(segments: Segments): Analysis {
    if (segments.length <= ROWS) return this.#run(segments, 0, segments.length);
    const whole = ownedAnalysis(segments.length);
    for (let from = 0; from < segments.length; from += ROWS) {
      copyRows(whole, this.#run(segments, from, Math.min(from + ROWS, segments.length)), from);
    }
    return whole;
  }

  /**
   * How many of at most 8,192 segments belong to conversations that are held. A look-up in the flow table for
   * each and nothing else: nothing is followed.
   */
  countKnown(segments: Segments): number {
    if (segments.length > ROWS) throw new RangeError(`countKnown: ${segments.length} are more than ${ROWS}`);
    this.#input.take(segments, 0, segments.length);
    return this.#module.countKnown(segments.length);
  }

  /** Conversations seen so far; the next one gets this number. */
  get streamCount(): number {
    return this.#module.streamCount() >>> 0;
  }

  /** Conversations held now. */
  get heldCount(): number {
    return this.#module.heldCount() >>> 0;
  }

  /** Conversations given up so far, to keep within the bounds. */
  get evictedCount(): number {
    return this.#evicted;
  }

  /** Bytes of memory in use: the columns of a batch (2.4 MB), the conversations, and what is kept for further ones. */
  get memoryBytes(): number {
    return this.#module.bytesReserved() >>> 0;
  }

  /**
   * The records of the conversations that are held, in the order of their numbers, as they stand now. Each is
   * made when it is asked for; nothing may be added in between.
   *
   * @param wants says by its number whether the record of a conversation is wanted; all are without it
   */
  *flows(wants?: (stream: number) => boolean): Generator<FlowRecord, void, undefined> {
    for (const at of this.#records(wants)) yield this.#read(at);
  }

  /** The record of conversation `stream`; `undefined` when it is not held. Looks through all of them. */
  flow(stream: number): FlowRecord | undefined {
    const view = new DataView(this.#module.memory.buffer);
    if (stream === FLOW_NONE) return undefined;
    for (let i = 0, n = this.#module.recordCount(); i < n; i++) {
      const at = this.#module.recordAt(i) >>> 0;
      if (view.getUint32(at + R_STREAM, true) === stream) return this.#read(at);
    }
    return undefined;
  }

  /** The records of the `limit` held conversations with the most bytes on the wire, the most first. */
  busiest(limit: number): FlowRecord[] {
    const buffer = this.#module.memory.buffer;
    const view = new DataView(buffer);
    let best: { readonly at: number; readonly bytes: number; readonly stream: number }[] = [];
    const prune = (): void => {
      best = best.sort((a, b) => b.bytes - a.bytes || a.stream - b.stream).slice(0, limit);
    };
    for (let i = 0, n = this.#module.recordCount(), least = -1; i < n; i++) {
      const at = this.#module.recordAt(i) >>> 0;
      const stream = view.getUint32(at + R_STREAM, true);
      const bytes = stream === FLOW_NONE ? -1 : bytesOf(view, at);
      if (bytes < least || bytes < 0) continue;
      best.push({ at, bytes, stream });
      if (best.length < 2 * limit + 64) continue;
      prune();
      least = best.at(-1)?.bytes ?? Number.POSITIVE_INFINITY;
    }
    prune();
    return best.map(({ at }) => this.#read(at));
  }

  /** Segments whose conversation there was no memory for. */
  get untrackedCount(): number {
    return this.#module.untrackedCount();
  }

  #run(segments: Segments, from: number, to: number): Analysis {
    this.#input.take(segments, from, to);
    this.#module.run(to - from);
    if (this.#module.departedCount() > 0) this.#takeDeparted();
    const buffer = this.#module.memory.buffer as ArrayBuffer;
    if (buffer !== this.#input.buffer) this.#input = new InputColumns(buffer, this.#context);
    if (this.#output.length !== to - from || this.#output.stream.buffer !== buffer) {
      this.#output = analysisIn(buffer, to - from);
    }
    return this.#output;
  }

  #takeDeparted(): void {
    const count = this.#module.departedCount();
    const departed = new Uint32Array(this.#module.memory.buffer, FLOW_DEPARTED, count);
    this.#evicted += count;
    // Read before any is freed; told after all are, so that the callback may do as it likes.
    const records = this.#onEvicted && this.#readWanted(departed);
    this.#module.release();
    for (const record of records ?? []) this.#onEvicted?.(record);
  }

  #readWanted(departed: Uint32Array): FlowRecord[] {
    const view = new DataView(this.#module.memory.buffer);
    const wanted = departed.filter((at) =>
      this.#wantsEvicted(view.getUint32(at + R_STREAM, true), bytesOf(view, at)),
    );
    return Array.from(wanted, (at) => this.#read(at));
  }

  /** Addresses of all records that are held, by stream number. */
  #records(wants: (stream: number) => boolean = () => true): Uint32Array {
    const view = new DataView(this.#module.memory.buffer);
    const count = this.#module.recordCount();
    const found = new BigUint64Array(count);
    let held = 0;
    for (let i = 0; i < count; i++) {
      const at = this.#module.recordAt(i) >>> 0;
      const stream = view.getUint32(at + R_STREAM, true);
      if (stream !== FLOW_NONE && wants(stream)) found[held++] = (BigInt(stream) << 32n) | BigInt(at);
    }
    return Uint32Array.from(found.subarray(0, held).sort(), (entry) => Number(entry & 0xffffffffn));
  }

  #read(at: number): FlowRecord {
    const statistics = this.#module.statisticsOf(at) >>> 0;
    const key = this.#module.keyOf(at) >>> 0;
    return readRecord(this.#module.memory.buffer as ArrayBuffer, at, key, statistics);
  }
}

/** Bytes on the wire, in both directions, of the record at `at`. */
function bytesOf(view: DataView, at: number): number {
  const low = view.getUint32(at + R_CLIENT + S_BYTES, true) + view.getUint32(at + R_SERVER + S_BYTES, true);
  if (!(view.getUint8(at + R_FLAGS) & RECORD_COUNTED)) return low;
  const high = (side: number): number =>
    view.getUint32(view.getUint32(at + R_STATISTICS, true) + side + C_BYTES_HIGH, true);
  return low + (high(T_CLIENT) + high(T_SERVER)) * 2 ** 32;
}

import type { FlowRecord } from "../../flow/index.ts";

const KEYS = {
  bytes: ({ client, server }: FlowRecord) => client.bytes + server.bytes,
  packets: ({ client, server }: FlowRecord) => client.packets + server.packets,
  duration: ({ start, end }: FlowRecord) => Number(end - start),
  idle: ({ maxIdle }: FlowRecord) => maxIdle,
  rtt: ({ initialRtt }: FlowRecord) => initialRtt ?? 0,
  resent: ({ client, server }: FlowRecord) => client.retransmissions + server.retransmissions,
} as const;

export type SortKey = keyof typeof KEYS;

export const SORT_KEYS = Object.keys(KEYS) as SortKey[];

/** The `limit` largest of any number of conversations, in memory for twice as many. */
export class Largest {
  readonly #measure: (record: FlowRecord) => number;
  readonly #limit: number;
  #least = 0;
  #kept: { readonly size: number; readonly record: FlowRecord }[] = [];

  constructor(key: SortKey, limit: number) {
    this.#measure = KEYS[key];
    this.#limit = limit;
  }

  add(record: FlowRecord): void {
    this.#kept.push({ size: this.#measure(record), record });
    if (this.#kept.length >= 2 * this.#limit) this.#prune();
  }

  /** What another has to be as large as to be among them, as far as is known. */
  get least(): number {
    return this.#least;
  }

  /** The largest first; of equals the one with the lower number. */
  sorted(): FlowRecord[] {
    this.#prune();
    return this.#kept.map(({ record }) => record);
  }

  #prune(): void {
    this.#kept.sort((a, b) => b.size - a.size || a.record.stream - b.record.stream);
    this.#kept.length = Math.min(this.#kept.length, this.#limit);
    if (this.#kept.length === this.#limit) this.#least = this.#kept.at(-1)?.size ?? Number.POSITIVE_INFINITY;
  }
}

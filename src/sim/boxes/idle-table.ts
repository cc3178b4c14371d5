/**
 * A table whose entries are forgotten when they were not used for a while. Entries stand in the order of their last use,
 * so that what has expired is found at the front.
 */
export class IdleTable<V> {
  /** Milliseconds without use after which an entry is forgotten; may be changed at any time. */
  timeout: number;
  /** Entries that were forgotten so far. */
  forgotten = 0;
  readonly #most: number;
  readonly #entries = new Map<string, { value: V; used: number }>();
  readonly #onForget: (value: V, key: string) => void;

  /** @param most entries it holds; past it the one that was used least recently makes room */
  constructor(timeout: number, most: number, onForget: (value: V, key: string) => void = () => {}) {
    if (!(timeout > 0)) throw new RangeError(`idle timeout: ${timeout} ms`);
    this.timeout = timeout;
    this.#most = most;
    this.#onForget = onForget;
  }

  /** The entry, which counts as used; `undefined` when there is none, or none any more. */
  use(key: string, now: number): V | undefined {
    this.expire(now);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    entry.used = now;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** The entry, which does not count as used. What has expired by now is there until `expire`. */
  look(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: V, now: number): void {
    this.expire(now);
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) this.#forget(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, used: now });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Entries that are remembered at `now`. */
  size(now: number): number {
    this.expire(now);
    return this.#entries.size;
  }

  /** Forgets what was not used for the timeout. */
  expire(now: number): void {
    for (const [key, { used }] of this.#entries) {
      if (now - used < this.timeout) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    const { value } = this.#entries.get(key)!;
    this.#entries.delete(key);
    this.forgotten++;
    this.#onForget(value, key);
  }
}

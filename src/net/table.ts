// Half of a hash table's places stay empty: a look-up meets one after a step or two.
const SMALLEST = 64;
const PRIME = 0x7fffffff;

/**
 * Which connection a segment belongs to: from (local address, remote address, ports) to a small integer. Typed
 * arrays with linear probing; nothing is allocated to find one.
 *
 * The hash is a sum of 16-bit pieces, each times a secret number, modulo the prime 2^31 - 1: two keys collide with
 * probability 2^-31 whoever chose them, so that nobody can make a long chain (CVE-2026-21717).
 */
export class ConnectionTable {
  readonly #keys = new Float64Array(12);
  /** Id + 1; 0 for an empty place. */
  #places = new Int32Array(2 * SMALLEST);
  #hashes = new Int32Array(SMALLEST);
  #locals = new Int32Array(SMALLEST);
  /** The remote address, of IPv6 its first word. */
  #remotes = new Int32Array(SMALLEST);
  /** The other three words, from the first IPv6 connection on; 0 for IPv4. */
  #rest = new Int32Array(0);
  #ports = new Int32Array(SMALLEST);
  /** Free ids, the last one first. */
  readonly #free: number[] = [];
  /** Ids given so far, free ones included. */
  #given = 0;

  /** @param random unsigned 32-bit integers that others cannot predict */
  constructor(random: () => number) {
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i] = random() % PRIME;
  }

  /** Connections in it. */
  get size(): number {
    return this.#given - this.#free.length;
  }

  /**
   * The id of a connection; -1 when there is none.
   *
   * @param local which of the host's addresses
   * @param ports ours in the upper half, the peer's in the lower
   */
  find(local: number, w0: number, w1: number, w2: number, w3: number, ports: number): number {
    const hash = this.#hash(local, w0, w1, w2, w3, ports);
    const mask = this.#places.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = this.#places[at] - 1;
      if (id < 0 || (this.#hashes[id] === hash && this.is(id, local, w0, w1, w2, w3, ports))) return id;
    }
  }

  /** Whether `id` stands for this connection. */
  is(id: number, local: number, w0: number, w1: number, w2: number, w3: number, ports: number): boolean {
    return (
      this.#ports[id] === ports &&
      this.#remotes[id] === w0 &&
      this.#locals[id] === local &&
      (this.#rest.length === 0
        ? (w1 | w2 | w3) === 0
        : this.#rest[3 * id] === w1 && this.#rest[3 * id + 1] === w2 && this.#rest[3 * id + 2] === w3)
    );
  }

  /** Adds a connection that is not in it, and returns its id: small integers, used again after `remove`. */
  add(local: number, w0: number, w1: number, w2: number, w3: number, ports: number): number {
    const id = this.#free.pop() ?? this.#given++;
    if (id >= this.#hashes.length) this.#grow();
    this.#hashes[id] = this.#hash(local, w0, w1, w2, w3, ports);
    this.#locals[id] = local;
    this.#remotes[id] = w0;
    if ((w1 | w2 | w3) !== 0 && this.#rest.length === 0) this.#rest = new Int32Array(3 * this.#hashes.length);
    if (this.#rest.length > 0) {
      this.#rest[3 * id] = w1;
      this.#rest[3 * id + 1] = w2;
      this.#rest[3 * id + 2] = w3;
    }
    this.#ports[id] = ports;
    this.#place(id);
    return id;
  }

  /** Takes a connection out. What was pushed on by it moves back, so that no place need be marked as once taken. */
  remove(id: number): void {
    const mask = this.#places.length - 1;
    let hole = this.#hashes[id] & mask;
    while (this.#places[hole] !== id + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[this.#places[at] - 1] & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#places[hole] = this.#places[at];
        hole = at;
      }
    }
    this.#places[hole] = 0;
    this.#ports[id] = 0;
    this.#locals[id] = -1; // so that `is` never takes it for another
    this.#free.push(id);
  }

  #place(id: number): void {
    const mask = this.#places.length - 1;
    let at = this.#hashes[id] & mask;
    while (this.#places[at] !== 0) at = (at + 1) & mask;
    this.#places[at] = id + 1;
  }

  #grow(): void {
    // By a half: what the last step adds is mostly empty. Places are a power of two, and half of them stay empty.
    const capacity = (3 * this.#hashes.length) >> 1;
    this.#hashes = extended(this.#hashes, capacity);
    this.#locals = extended(this.#locals, capacity);
    this.#ports = extended(this.#ports, capacity);
    this.#remotes = extended(this.#remotes, capacity);
    if (this.#rest.length > 0) this.#rest = extended(this.#rest, 3 * capacity);
    if (2 * capacity <= this.#places.length) return;
    const old = this.#places;
    this.#places = new Int32Array(2 * old.length);
    for (const place of old) if (place !== 0) this.#place(place - 1);
  }

  #hash(local: number, w0: number, w1: number, w2: number, w3: number, ports: number): number {
    const k = this.#keys;
    // Eleven products below 2^47: exact in a double.
    let sum =
      k[0] +
      k[1] * (w0 >>> 16) +
      k[2] * (w0 & 0xffff) +
      k[3] * (ports >>> 16) +
      k[4] * (ports & 0xffff) +
      k[5] * local;
    if ((w1 | w2 | w3) !== 0) {
      sum +=
        k[6] * (w1 >>> 16) +
        k[7] * (w1 & 0xffff) +
        k[8] * (w2 >>> 16) +
        k[9] * (w2 & 0xffff) +
        k[10] * (w3 >>> 16) +
        k[11] * (w3 & 0xffff);
    }
    const high = Math.floor(sum / (PRIME + 1));
    const folded = high + (sum - high * (PRIME + 1)); // 2^31 is 1 modulo the prime
    return (folded >= PRIME ? folded - PRIME : folded) | 0;
  }
}

function extended(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(old);
  return longer;
}

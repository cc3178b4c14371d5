import { type Address, addressBytes } from "../wire/address.ts";
import type { ConnectionRequest } from "./request.ts";
import { addWord, begin, digest, finish, type SipKey } from "./siphash.ts";
import type { SocketAddress } from "./tcb.ts";
import { NEVER } from "./timers.ts";

const WAYS = 8;

// A row is 16 words: two addresses (an IPv4 one takes the first of its four words), and what the SYN said.
const WORDS = 16;
const REMOTE = 0;
const LOCAL = 4;
const PORTS = 8;
const SEQ = 9;
const ISS = 10;
const TSVAL = 11;
const MSS_AND_WINDOW = 12;
const REST = 13;

// REST, from the lowest bit: window scale + 1, then these.
const SCALE_MASK = 31;
const SACK = 1 << 5;
const TIMESTAMPS = 1 << 6;
const ACE_SHIFT = 7;
const ECN_SHIFT = 10;
const RETRANSMITS_SHIFT = 12;
const RETRANSMITS_MASK = 127;
const IS_V6 = 1 << 19;

/**
 * Connection requests in a table of fixed size, 80 bytes a row (RFC 4987 3.3). Where one can lie is chosen by
 * a keyed hash, so that nobody can aim at another's row.
 */
export class SynRows {
  /** Rows taken. */
  size = 0;
  readonly #words: Int32Array;
  readonly #sentAt: Float64Array;
  /** When the SYN,ACK is due again; NEVER for a free row. */
  readonly #dueAt: Float64Array;
  readonly #key: SipKey;
  // The sockets that `find` looked for, as words.
  readonly #wanted = new Int32Array(PORTS + 1);
  #isV6 = false;
  #bucket = 0;

  /** @param capacity rounded up to a power of two, at least 8 */
  constructor(capacity: number, key: SipKey) {
    let rows = WAYS;
    while (rows < capacity) rows *= 2;
    this.#words = new Int32Array(rows * WORDS);
    this.#sentAt = new Float64Array(rows);
    this.#dueAt = new Float64Array(rows).fill(NEVER);
    this.#key = key;
  }

  /** The row of these sockets; -1 when there is none. `free`, `oldest` and `put` are about the sockets asked for last. */
  find(local: Address, remote: Address, ports: number): number {
    const wanted = this.#wanted;
    this.#isV6 = toWords(local, wanted, LOCAL);
    toWords(remote, wanted, REMOTE);
    wanted[PORTS] = ports;
    begin(this.#key);
    for (let w = 0; w <= PORTS; w++) addWord(wanted[w]);
    finish();
    this.#bucket = (digest.high & (this.#dueAt.length / WAYS - 1)) * WAYS;
    for (let row = this.#bucket; row < this.#bucket + WAYS; row++) {
      if (this.#dueAt[row] !== NEVER && this.#isWanted(row)) return row;
    }
    return -1;
  }

  /** A free row for the sockets that `find` did not find; -1 when there is no room. */
  free(): number {
    for (let row = this.#bucket; row < this.#bucket + WAYS; row++) if (this.#dueAt[row] === NEVER) return row;
    return -1;
  }

  /** The row that has waited longest where the sockets that `find` did not find could lie. None there is free. */
  oldest(): number {
    let oldest = this.#bucket;
    for (let row = oldest + 1; row < this.#bucket + WAYS; row++) {
      if (this.#sentAt[row] < this.#sentAt[oldest]) oldest = row;
    }
    return oldest;
  }

  /** Takes a free row for those sockets. */
  put(row: number, request: ConnectionRequest, dueAt: number): void {
    const w = row * WORDS;
    const words = this.#words;
    words.set(this.#wanted, w);
    words[w + SEQ] = request.seq;
    words[w + ISS] = request.iss;
    words[w + TSVAL] = request.tsval;
    words[w + MSS_AND_WINDOW] = (request.mss << 16) | request.wnd;
    words[w + REST] =
      (request.windowScale + 1) |
      (request.sackPermitted ? SACK : 0) |
      (request.hasTimestamps ? TIMESTAMPS : 0) |
      (request.ace << ACE_SHIFT) |
      (request.ecn << ECN_SHIFT) |
      (request.retransmits << RETRANSMITS_SHIFT) |
      (this.#isV6 ? IS_V6 : 0);
    this.#sentAt[row] = request.sentAt;
    this.#dueAt[row] = dueAt;
    this.size++;
  }

  get(row: number): ConnectionRequest {
    const w = row * WORDS;
    const words = this.#words;
    const rest = words[w + REST];
    return {
      seq: words[w + SEQ],
      iss: words[w + ISS],
      wnd: words[w + MSS_AND_WINDOW] & 0xffff,
      mss: words[w + MSS_AND_WINDOW] >>> 16,
      windowScale: (rest & SCALE_MASK) - 1,
      sackPermitted: (rest & SACK) !== 0,
      hasTimestamps: (rest & TIMESTAMPS) !== 0,
      tsval: words[w + TSVAL],
      ace: (rest >> ACE_SHIFT) & 7,
      ecn: (rest >> ECN_SHIFT) & 3,
      sentAt: this.#sentAt[row],
      retransmits: this.retransmits(row),
    };
  }

  retransmits(row: number): number {
    return (this.#words[row * WORDS + REST] >> RETRANSMITS_SHIFT) & RETRANSMITS_MASK;
  }

  ports(row: number): number {
    return this.#words[row * WORDS + PORTS];
  }

  local(row: number): Address {
    return this.#address(row, LOCAL);
  }

  remote(row: number): Address {
    return this.#address(row, REMOTE);
  }

  /** Both ends of the request in a row. */
  sockets(row: number): { local: SocketAddress; remote: SocketAddress } {
    const ports = this.ports(row);
    return {
      local: { address: this.local(row), port: ports >>> 16 },
      remote: { address: this.remote(row), port: ports & 0xffff },
    };
  }

  /** When the SYN,ACK is due again; NEVER for a free row. */
  dueAt(row: number): number {
    return this.#dueAt[row];
  }

  /** Rows there are, free ones included. */
  get capacity(): number {
    return this.#dueAt.length;
  }

  /** The SYN,ACK went out once more. */
  sentAgain(row: number, now: number, dueAt: number): void {
    this.#words[row * WORDS + REST] += 1 << RETRANSMITS_SHIFT;
    this.#sentAt[row] = now;
    this.#dueAt[row] = dueAt;
  }

  remove(row: number): void {
    this.#dueAt[row] = NEVER;
    this.size--;
  }

  /** The first row from `from` on that is due; -1 when none is. */
  due(from: number, now: number): number {
    for (let row = from; row < this.#dueAt.length; row++) if (this.#dueAt[row] <= now) return row;
    return -1;
  }

  /** When the next one is due. */
  next(): number {
    let at = NEVER;
    if (this.size === 0) return at;
    for (let row = 0; row < this.#dueAt.length; row++) if (this.#dueAt[row] < at) at = this.#dueAt[row];
    return at;
  }

  #isWanted(row: number): boolean {
    const w = row * WORDS;
    if (((this.#words[w + REST] & IS_V6) !== 0) !== this.#isV6) return false;
    for (let i = 0; i <= PORTS; i++) if (this.#words[w + i] !== this.#wanted[i]) return false;
    return true;
  }

  #address(row: number, which: number): Address {
    const w = row * WORDS + which;
    if ((this.#words[row * WORDS + REST] & IS_V6) === 0) return this.#words[w] >>> 0;
    const bytes = new Uint8Array(16);
    const dv = new DataView(bytes.buffer);
    for (let i = 0; i < 4; i++) dv.setInt32(4 * i, this.#words[w + i]);
    return bytes;
  }
}

/** Writes an address as four words; returns whether it is IPv6. */
function toWords(address: Address, words: Int32Array, at: number): boolean {
  words.fill(0, at, at + 4);
  if (typeof address === "number") {
    words[at] = address;
    return false;
  }
  const bytes = addressBytes(address);
  const dv = new DataView(bytes.buffer);
  for (let i = 0; i < bytes.length; i += 4) words[at + i / 4] = dv.getInt32(i);
  return bytes.length === 16;
}

import type { Ring } from "../wasm/rings.ts";
import { RingPool } from "../wasm/rings.ts";
import { SlotQueue } from "../wasm/slots.ts";
import type { Transfer } from "./adapter.ts";
import { BUFFER, PACKETS } from "./endpoint-pair.ts";

/**
 * The way of a byte from SEND to RECEIVE and nothing else: chunk to ring, ring to packets, packets to ring, ring to the
 * reader. The rings, the packets and their number are those of `EndpointPair`; there is no header, sum or state.
 */
export class RingCopy {
  readonly #sending: Ring;
  readonly #receiving: Ring;
  readonly #packets: SlotQueue;
  readonly #mss: number;
  readonly #target = new Uint8Array(BUFFER);
  // Numbers as in TCP, modulo 2^32.
  #start = 0;
  #nxt = 0;
  #end = 0;

  constructor(mss: number) {
    const pool = new RingPool();
    this.#sending = pool.take(BUFFER);
    this.#receiving = pool.take(BUFFER);
    this.#packets = new SlotQueue(PACKETS, mss, pool.memory);
    this.#mss = mss;
  }

  transfer({ chunk, total, take }: Transfer): void {
    let sent = 0;
    for (let delivered = 0; delivered < total; ) {
      for (; sent < total && ((this.#end - this.#start) | 0) + chunk.length <= BUFFER; sent += chunk.length) {
        this.#sending.write(this.#end, chunk);
        this.#end = (this.#end + chunk.length) | 0;
      }
      this.#cross();
      const n = (this.#nxt - this.#start) | 0;
      const bytes = n === BUFFER ? this.#target : this.#target.subarray(0, n);
      this.#receiving.read(this.#start, bytes);
      take(bytes);
      this.#start = this.#nxt;
      delivered += n;
    }
  }

  /** As many packets as there are places for: written, then read. */
  #cross(): void {
    const packets = this.#packets;
    let received = this.#nxt;
    for (;;) {
      const n = Math.min(this.#mss, (this.#end - this.#nxt) | 0);
      const at = n === 0 ? 0 : packets.reserve(n);
      if (at === 0) break;
      copyOut(this.#sending, this.#nxt, at, n);
      packets.commit(at, n, 0);
      this.#nxt = (this.#nxt + n) | 0;
    }
    for (; packets.length > 0; packets.shift()) {
      this.#receiving.copyIn(received, packets.address, packets.byteLength);
      received = (received + packets.byteLength) | 0;
    }
  }
}

/** `Ring.copyOut` without the sum. */
function copyOut(ring: Ring, seq: number, to: number, n: number): void {
  const { u8 } = ring.pool.memory;
  const start = seq & (ring.size - 1);
  const fits = Math.min(n, ring.size - start);
  u8.copyWithin(to, ring.address + start, ring.address + start + fits);
  if (fits < n) u8.copyWithin(to + fits, ring.address, ring.address + n - fits);
}

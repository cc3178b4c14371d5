// A link with a bad stretch: what passes is lost, doubled, damaged, delayed or marked by a seeded chance. It wraps
// any `Link` of tcpwire/net.
import { writeIPv4Checksum } from "./ipv4.mjs";

const NONE = { loss: 0, duplicate: 0, corrupt: 0, delay: 0, jitter: 0, mark: 0 };

export class FaultyLink {
  /** What happened, by kind. */
  counts = { lost: 0, duplicated: 0, corrupted: 0, marked: 0 };
  #link;
  #random;
  #faults = { in: NONE, out: NONE };
  #pending = new Set();
  /** What waits while the link is held. */
  #held = null;

  constructor(link, seed = 1) {
    this.#link = link;
    this.#random = mulberry(seed);
    this.kind = link.kind;
    this.mtu = link.mtu;
    this.segmentation = link.segmentation;
  }

  /**
   * Changes the path, from now on. `in` is towards us, `out` to the kernel; each is `{ loss, duplicate, corrupt, mark }`
   * in chances from 0 to 1 and `{ delay, jitter }` in milliseconds. What is left out has no fault.
   */
  set faults({ in: inward, out: outward }) {
    this.#faults = { in: { ...NONE, ...inward }, out: { ...NONE, ...outward } };
  }

  get full() {
    return this.#link.full;
  }

  /** From now on packets wait, both ways, until `release`: what is to cross on the way does, however late each end is. */
  hold() {
    this.#held = { in: [], out: [] };
  }

  /** Ours go first: nothing that arrives is answered before them. */
  release() {
    const held = this.#held;
    this.#held = null;
    for (const pass of [...held.out, ...held.in]) pass();
  }

  start(receive, ready, ended) {
    this.#link.start(
      (packet, more) => {
        if (this.#held !== null) this.#keep("in", packet, receive);
        else if (this.#faults.in === NONE) receive(packet, more);
        else this.#pass(this.#faults.in, packet, (bytes) => receive(bytes));
      },
      ready,
      ended,
    );
  }

  send(packet, more, size) {
    if (this.#held !== null) this.#keep("out", packet, (bytes) => this.#link.send(bytes, false, size));
    else if (this.#faults.out === NONE) this.#link.send(packet, more, size);
    else this.#pass(this.#faults.out, packet, (bytes) => this.#link.send(bytes, false, size));
  }

  close() {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#link.close();
  }

  #keep(way, packet, deliver) {
    const copy = new Uint8Array(packet);
    this.#held[way].push(() => deliver(copy));
  }

  #pass(faults, packet, deliver) {
    if (this.#random() < faults.loss) {
      this.counts.lost++;
      return;
    }
    let bytes = packet;
    if (faults.mark > 0 && ecnOf(packet) !== 0 && this.#random() < faults.mark) {
      bytes = marked(packet);
      this.counts.marked++;
    }
    if (this.#random() < faults.corrupt) {
      bytes = this.#corrupted(bytes);
      this.counts.corrupted++;
    }
    this.#later(faults, bytes, deliver);
    if (this.#random() >= faults.duplicate) return;
    this.counts.duplicated++;
    this.#later(faults, bytes, deliver);
  }

  #later({ delay, jitter }, packet, deliver) {
    if (delay + jitter === 0) {
      deliver(packet);
      return;
    }
    const copy = new Uint8Array(packet);
    const timer = setTimeout(
      () => {
        this.#pending.delete(timer);
        deliver(copy);
      },
      delay + this.#random() * jitter,
    );
    this.#pending.add(timer);
  }

  /** One bit of what TCP's checksum covers. */
  #corrupted(packet) {
    const bytes = new Uint8Array(packet);
    const header = bytes[0] >> 4 === 4 ? (bytes[0] & 15) * 4 : 40;
    const at = header + Math.floor(this.#random() * (bytes.length - header));
    bytes[at] ^= 1 << Math.floor(this.#random() * 8);
    return bytes;
  }
}

/** The ECN codepoint (RFC 3168 5) of an IP packet. */
function ecnOf(packet) {
  return packet[0] >> 4 === 4 ? packet[1] & 3 : (packet[1] >> 4) & 3;
}

/** The packet as a congested router passes it on: Congestion Experienced. */
function marked(packet) {
  const bytes = new Uint8Array(packet);
  if (bytes[0] >> 4 === 6) {
    bytes[1] |= 0x30;
    return bytes;
  }
  bytes[1] |= 3;
  writeIPv4Checksum(bytes);
  return bytes;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function mulberry(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

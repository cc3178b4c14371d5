// A long wire in this process: every connection has one of its own, with a rate, a delay and a seeded loss, so that
// two senders of different makes can be asked what they reach over the same path at the same time.

const TICK = 1;

/** One direction of a wire, for the packets of one connection. */
class Strand {
  delivered = 0;
  lost = 0;
  overflowed = 0;
  #path;
  #random;
  #give;
  #queue = [];
  #first = 0;
  /** When the last bit of what waits will have left. */
  #freeAt = 0;

  constructor(path, random, give) {
    this.#path = path;
    this.#random = random;
    this.#give = give;
  }

  send(packet, now) {
    const { rate, delay, loss, queue } = this.#path;
    const free = Math.max(this.#freeAt, now);
    if (((free - now) / 8000) * rate + packet.length > queue) {
      this.overflowed++;
      return;
    }
    this.#freeAt = free + (packet.length * 8000) / rate;
    if (this.#random() < loss) {
      this.lost++;
      return;
    }
    this.#queue.push({ at: this.#freeAt + delay, packet: new Uint8Array(packet) });
  }

  /** Gives what has arrived by `now`. */
  tick(now) {
    for (; this.#first < this.#queue.length && this.#queue[this.#first].at <= now; this.#first++) {
      this.delivered++;
      this.#give(this.#queue[this.#first].packet);
    }
    if (this.#first < 1000) return;
    this.#queue.splice(0, this.#first);
    this.#first = 0;
  }
}

/**
 * Wires between senders and one receiver: a connection is known by the sender's address and port (IPv4, TCP, no IP
 * options). What a sender has got acknowledged is read from what passes.
 */
export class Wires {
  #path;
  #toReceiver;
  #wires = new Map();
  #timer;

  /**
   * @param path `rate` bits a second, `delay` ms each way, `loss` (chance, towards the receiver), `queue` bytes
   * @param random gives the generator of a wire, by the number of the wire among its sender's
   * @param toReceiver takes a packet for the receiver
   */
  constructor(path, random, toReceiver) {
    this.#path = path;
    this.#toReceiver = toReceiver;
    this.random = random;
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** A packet of the sender at `address`, whose answers `back` takes. */
  fromSender(packet, back) {
    const name = `${packet.subarray(12, 16)}:${portAt(packet, 20)}`;
    let wire = this.#wires.get(name);
    if (wire === undefined) {
      const lossless = { ...this.#path, loss: 0 };
      const sender = `${packet.subarray(12, 16)}`;
      const number = [...this.#wires.values()].filter((each) => each.sender === sender).length;
      wire = {
        sender,
        out: new Strand(this.#path, this.random(number), this.#toReceiver),
        back: new Strand(lossless, () => 1, back),
        first: -1,
        last: 0,
      };
      this.#wires.set(name, wire);
    }
    wire.out.send(packet, performance.now());
  }

  /** A packet of the receiver, for one of the senders. */
  fromReceiver(packet) {
    const wire = this.#wires.get(`${packet.subarray(16, 20)}:${portAt(packet, 22)}`);
    if (wire === undefined) return;
    const ack = numberAt(packet, 28);
    if (wire.first < 0) wire.first = wire.last = ack;
    else if (((ack - wire.last) | 0) > 0) wire.last = ack;
    wire.back.send(packet, performance.now());
  }

  /** Of each wire of the sender at `address`: `{ acknowledged, delivered, lost, overflowed }`. */
  figures(address) {
    const sender = address.split(".").join(",");
    return [...this.#wires.values()]
      .filter((wire) => wire.sender === sender)
      .map(({ first, last, out: { delivered, lost, overflowed } }) => ({
        acknowledged: (last - first) >>> 0,
        delivered,
        lost,
        overflowed,
      }));
  }

  close() {
    clearInterval(this.#timer);
  }

  #tick() {
    const now = performance.now();
    for (const { out, back } of this.#wires.values()) {
      out.tick(now);
      back.tick(now);
    }
  }
}

function portAt(packet, at) {
  return (packet[at] << 8) | packet[at + 1];
}

function numberAt(packet, at) {
  return ((packet[at] << 24) | (packet[at + 1] << 16) | portAt(packet, at + 2)) >>> 0;
}

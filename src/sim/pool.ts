/**
 * Copies of packets, kept under a ticket each. Arrays that were released are used again for packets of the same length,
 * of which traffic has few.
 */
export class PacketPool {
  readonly #packets: Uint8Array[] = [];
  readonly #tags: number[] = [];
  readonly #tickets: number[] = [];
  readonly #spare = new Map<number, Uint8Array[]>();

  /** Copies that are kept now. */
  get used(): number {
    return this.#packets.length - this.#tickets.length;
  }

  /** Copies a packet. @returns its ticket */
  keep(packet: Uint8Array, tag: number): number {
    const copy = this.#spare.get(packet.length)?.pop() ?? new Uint8Array(packet.length);
    copy.set(packet);
    const ticket = this.#tickets.pop() ?? this.#packets.length;
    this.#packets[ticket] = copy;
    this.#tags[ticket] = tag;
    return ticket;
  }

  /** The number that it was kept with. */
  tag(ticket: number): number {
    return this.#tags[ticket];
  }

  /** The copy. It is another packet's once the ticket is released. */
  packet(ticket: number): Uint8Array {
    return this.#packets[ticket];
  }

  release(ticket: number): void {
    const copy = this.#packets[ticket];
    const spare = this.#spare.get(copy.length);
    if (spare) spare.push(copy);
    else this.#spare.set(copy.length, [copy]);
    this.#packets[ticket] = NOTHING;
    this.#tickets.push(ticket);
  }
}

const NOTHING = new Uint8Array(0);

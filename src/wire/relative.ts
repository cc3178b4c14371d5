import { ACK, SYN } from "../../assembly/layout/wire.ts";
import { add, relative } from "./seq.ts";

/**
 * Relative sequence and acknowledgment numbers of one conversation, as Wireshark shows them.
 *
 * A direction counts from its initial sequence number: the SYN is 0, the first byte of data 1. A capture
 * that starts in the middle lacks the SYN; its first segment then counts as 1, and so does the first
 * acknowledgment that is seen of a direction that has not spoken itself. A SYN with another number starts
 * over. Feed it every segment in the order of the capture.
 *
 * @example
 * ```ts
 * import { ACK, RelativeNumbers, SYN } from "tcpwire/wire";
 *
 * const numbers = new RelativeNumbers();
 * numbers.add(0, { seq: 1000, ack: 0, flags: SYN }); // -> { seq: 0, ack: 0 }
 * numbers.add(1, { seq: 5000, ack: 1001, flags: SYN | ACK }); // -> { seq: 0, ack: 1 }
 * numbers.add(0, { seq: 1001, ack: 5001, flags: ACK }); // -> { seq: 1, ack: 1 }
 * ```
 */
export class RelativeNumbers {
  #bases: [number | undefined, number | undefined] = [undefined, undefined];

  /**
   * Takes the next segment and gives its relative numbers, each 0 to 2^32 - 1.
   *
   * @param direction 0 or 1: which side sent it
   * @param segment without ACK in `flags` its `ack` means nothing and comes back as it is
   */
  add(
    direction: 0 | 1,
    segment: { readonly seq: number; readonly ack: number; readonly flags: number },
  ): { seq: number; ack: number } {
    const { seq, ack, flags } = segment;
    const reverse = direction === 0 ? 1 : 0;
    const known = this.#bases[direction];
    if (known === undefined) {
      this.#bases[direction] = sequenceBase(seq, flags);
    } else if (flags & SYN && known !== seq) {
      this.#bases[direction] = seq;
      if (!(flags & ACK)) this.#bases[reverse] = undefined;
    }
    const base = this.#bases[direction] as number;
    if (!(flags & ACK)) return { seq: relative(seq, base), ack };
    this.#bases[reverse] ??= acknowledgmentBase(ack);
    return { seq: relative(seq, base), ack: relative(ack, this.#bases[reverse]) };
  }

  /** What the numbers of a direction count from, `undefined` as long as nothing tells. */
  base(direction: 0 | 1): number | undefined {
    return this.#bases[direction];
  }
}

/** What a direction counts from when this is its first segment: the ISN, or one below a mid-stream start. */
export function sequenceBase(seq: number, flags: number): number {
  return flags & SYN ? seq >>> 0 : add(seq, -1);
}

/** What the acknowledged direction counts from when nothing of it has been seen. */
export function acknowledgmentBase(ack: number): number {
  return add(ack, -1);
}

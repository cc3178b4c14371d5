import type { Interface, LocalAddress } from "./interface.ts";
import type { IpPacket } from "./ip-packet.ts";

/**
 * Whence and whither the last packet went that was for this host: the next one's way is mostly the same. What was
 * found of it holds for good, for a host keeps the addresses that it was made with.
 */
export class Way {
  #from: Interface | null = null;
  #local: LocalAddress | null = null;
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;

  /** The address that the packet is for, where it goes this way; else null. */
  localOf({ family, s0, s1, s2, s3, d0, d1, d2, d3 }: IpPacket, from: Interface): LocalAddress | null {
    const local = this.#local;
    if (local === null || from !== this.#from) return null;
    if (s0 !== this.#s0 || s1 !== this.#s1 || s2 !== this.#s2 || s3 !== this.#s3) return null;
    const { address } = local;
    const isSame = d0 === address.w0 && d1 === address.w1 && d2 === address.w2 && d3 === address.w3;
    return isSame && family === address.family ? local : null;
  }

  /** The packet goes to `local`. */
  note({ s0, s1, s2, s3 }: IpPacket, from: Interface, local: LocalAddress): void {
    this.#from = from;
    this.#local = local;
    this.#s0 = s0;
    this.#s1 = s1;
    this.#s2 = s2;
    this.#s3 = s3;
  }
}

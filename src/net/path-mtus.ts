import type { IpAddress } from "./ip-address.ts";

/** A route may have become better: after so long the larger packet is tried again (RFC 1191 6.3, RFC 8201 4). */
const LIFETIME = 600_000;
/** Destinations that are remembered; the one told longest ago makes room. */
const MOST = 256;

/** What paths are known to take, by destination: new connections begin with it. */
export class PathMtus {
  readonly #known: { readonly to: IpAddress; readonly mtu: number; readonly until: number }[] = [];

  note(to: IpAddress, mtu: number, now: number): void {
    const old = this.#known.findIndex((each) => each.to.equals(to));
    if (old >= 0) this.#known.splice(old, 1);
    if (this.#known.length === MOST) this.#known.shift();
    this.#known.push({ to, mtu, until: now + LIFETIME });
  }

  /** `otherwise` where nothing smaller is known. */
  find(to: IpAddress, now: number, otherwise: number): number {
    while (this.#known.length > 0 && this.#known[0].until <= now) this.#known.shift();
    const known = this.#known.find((each) => each.to.equals(to));
    return known === undefined ? otherwise : Math.min(known.mtu, otherwise);
  }
}

import { ETHERNET_HEADER } from "../../assembly/layout/capture.ts";
import {
  IPV4_DONT_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV6_DST,
  IPV6_HEADER,
  IPV6_SRC,
} from "../../assembly/layout/wire.ts";
import type { RingPool } from "../wasm/rings.ts";
import type { HostCounters } from "./counters.ts";
import type { IpAddress } from "./ip-address.ts";
import { dscpOf, ttlOf, UNMARKED } from "./ip-marks.ts";
import { writeIPv4 } from "./ipv4.ts";
import { writeIPv6, writeIPv6Address } from "./ipv6.ts";
import type { Route } from "./routes.ts";

/** How IP packets leave a host: their payload is written where the link will read it, then the headers before it. */
export class IpOutput {
  readonly #pool: RingPool;
  readonly #counters: HostCounters;
  #isClosed = false;

  constructor(pool: RingPool, counters: HostCounters) {
    this.#pool = pool;
    this.#counters = counters;
  }

  /** Nothing goes any more. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Where to write `length` bytes that follow an IP header; 0 when they cannot go now, or never by this route.
   * @param size bytes of data in each segment that the link is to cut them into; 0 when they stay whole
   */
  reserve({ interface: out, via }: Route, to: IpAddress, length: number, size = 0): number {
    const header = to.family === 4 ? IPV4_HEADER_MIN : IPV6_HEADER;
    const most = size > 0 ? out.largest : out.mtu;
    if (this.#isClosed || out.isDown || out.link.full || header + length > most) return 0;
    return out.neighbours === null || out.neighbours.isKnown(via ?? to) ? out.place : 0;
  }

  /** Sends the `length` bytes written at `at` as one IP packet. `fragment` is IPv4's: identification, flags, offset. */
  commit(
    route: Route,
    from: IpAddress,
    to: IpAddress,
    at: number,
    length: number,
    protocol: number,
    ecn = 0,
    marks = UNMARKED,
    size = 0,
    fragment = IPV4_DONT_FRAGMENT,
  ): void {
    const trafficClass = (dscpOf(marks) << 2) | ecn;
    const ttl = ttlOf(marks);
    const { dv } = this.#pool.memory;
    let start: number;
    if (to.family === 4) {
      start = at - IPV4_HEADER_MIN;
      writeIPv4(dv, start, IPV4_HEADER_MIN + length, from.w0, to.w0, protocol, trafficClass, ttl, fragment);
    } else {
      start = at - IPV6_HEADER;
      writeIPv6(dv, start, length, protocol, trafficClass, ttl, 0);
      writeIPv6Address(dv, start + IPV6_SRC, from);
      writeIPv6Address(dv, start + IPV6_DST, to);
    }
    const { interface: out } = route;
    if (out.neighbours === null) out.commit(start, at + length - start, size);
    else if (out.neighbours.writeHeader(dv, start - ETHERNET_HEADER, route.via ?? to)) {
      out.commit(start - ETHERNET_HEADER, at + length - start + ETHERNET_HEADER, size);
    } else this.#counters.undeliverable++;
  }
}

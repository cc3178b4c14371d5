import { SYN } from "../../assembly/layout/wire.ts";
import {
  type Endpoint,
  type EndpointOptions,
  type SegmentSink,
  SynCache,
  type SynCacheCounters,
} from "../../src/tcp/index.ts";
import { type Address, addressBytes, buildSegment } from "../../src/wire/index.ts";
import type { HostAddress } from "./host.ts";
import { Interface, type Line } from "./interface.ts";
import { pool } from "./memory.ts";
import type { HostPlan } from "./plan.ts";

// More than a bucket of the smallest cache takes.
const REQUESTS = 9;
const STRANGER = { 4: "203.0.113.3", 6: "2001:db8:3::3" } as const;

/** Where answers to the stranger go. */
const NOWHERE: SegmentSink = { reserve: () => 0, commit() {} };

/** A listening socket: requests wait in the smallest SYN cache, and what comes of them is the host's connection. */
export class Listener {
  readonly #cache: SynCache;
  readonly #toPeer: Interface;
  #stranger: string | undefined;

  constructor({ listener, slots }: HostPlan, options: Omit<EndpointOptions, "local">, line: Line) {
    const { cookies } = listener!;
    this.#toPeer = new Interface(Math.max(1, slots), line);
    this.#cache = new SynCache(
      {
        ...options,
        cookies,
        capacity: 1,
        route: (_, remote): SegmentSink => (isLike(remote, this.#stranger) ? NOWHERE : this.#toPeer),
      },
      pool,
    );
  }

  /** Somebody has asked for more than there is room for, and will not answer. */
  crowd({ address, port }: HostAddress, now: number): void {
    this.#stranger = STRANGER[address.includes(":") ? 6 : 4];
    const ends = { src: this.#stranger, dst: address };
    for (let i = 0; i < REQUESTS; i++) {
      const syn = buildSegment({ srcPort: 5000 + i, dstPort: port, seq: 7, flags: SYN, window: 1000 }, ends);
      this.#cache.onSegment(syn, address, this.#stranger, now);
      this.#toPeer.flush();
    }
  }

  /** @returns the connection that the segment made */
  arrive(segment: Uint8Array, local: string, remote: string, now: number, ecn = 0): Endpoint | undefined {
    const made = this.#cache.onSegment(segment, local, remote, now, ecn);
    this.#toPeer.flush();
    return made;
  }

  onTimeout(now: number): void {
    this.#cache.onTimeout(now);
    this.#toPeer.flush();
  }

  nextTimeout(): number {
    return this.#cache.nextTimeout();
  }

  get counters(): Readonly<SynCacheCounters> {
    return this.#cache.counters;
  }

  get isDone(): boolean {
    return this.#cache.size === 0 && this.#cache.nextTimeout() === Number.POSITIVE_INFINITY;
  }

  /** All that a segment may change in it. */
  status(): string {
    return JSON.stringify([this.#cache.counters, ...this.#cache.requests()]);
  }
}

function isLike(a: Address, b: Address | undefined): boolean {
  return b !== undefined && addressBytes(a).join() === addressBytes(b).join();
}

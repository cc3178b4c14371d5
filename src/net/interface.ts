import { ETHERNET_HEADER } from "../../assembly/layout/capture.ts";
import { SLACK } from "../../assembly/layout/limits.ts";
import type { CodecMemory } from "../wasm/memory.ts";
import { HEADROOM, SlotQueue } from "../wasm/slots.ts";
import type { HostCounters } from "./counters.ts";
import type { Prefix } from "./ip-address.ts";
import type { Link } from "./link.ts";
import type { Neighbours } from "./neighbours.ts";

/** After so many packets in a row the link is told to pass them on, and so the peer to answer. */
const BATCH = 32;
/** Packets that wait while the host is at work on others: so many, and of large ones as many as fit this. */
const BACKLOG = 256;
const BACKLOG_BYTES = 1 << 20;

/** One of the host's own addresses. */
export interface LocalAddress extends Prefix {
  readonly interface: Interface;
  /** Its place among all addresses of the host: part of what tells connections apart. */
  readonly index: number;
}

/**
 * A link as the host sees it: packets are written in two places of the codec's memory in turn, and the last one
 * written waits until it is known whether another follows.
 */
export class Interface {
  readonly link: Link;
  readonly mtu: number;
  /** The host itself: what it sends to its own addresses. */
  readonly isLoopback: boolean;
  readonly addresses: LocalAddress[] = [];
  /** Of an Ethernet link. */
  readonly neighbours: Neighbours | null;
  readonly #memory: CodecMemory;
  readonly #counters: HostCounters;
  #backlog: SlotQueue | null = null;
  #places: [number, number] | null = null;
  #held = 0;
  #heldBytes = 0;
  #inRow = 0;

  constructor(
    link: Link,
    isLoopback: boolean,
    neighbours: Neighbours | null,
    memory: CodecMemory,
    counters: HostCounters,
  ) {
    this.link = link;
    this.isLoopback = isLoopback;
    this.mtu = link.mtu;
    this.neighbours = neighbours;
    this.#memory = memory;
    this.#counters = counters;
  }

  /** Where the payload of the next IP packet is to be written, with `HEADROOM` before it. One packet at a time. */
  get place(): number {
    this.#places ??= [this.#allocate(), this.#allocate()];
    return this.#places[0];
  }

  /** Sends the packet (or frame) written there, once it is known whether another follows. */
  commit(at: number, bytes: number): void {
    if (this.#held !== 0) this.#send(true);
    this.#held = at;
    this.#heldBytes = bytes;
    const places = this.#places!;
    const used = places[0];
    places[0] = places[1];
    places[1] = used;
  }

  /** Nothing follows for now. */
  flush(): void {
    if (this.#held !== 0) this.#send(false);
  }

  /** Keeps a packet that arrived while the host was at work. */
  keep(packet: Uint8Array): void {
    if (this.#backlog === null) {
      const copy = packet.slice(); // it may lie in the memory that grows now
      const largest = this.mtu + ETHERNET_HEADER;
      this.#backlog = new SlotQueue(Math.min(BACKLOG, BACKLOG_BYTES / largest), largest, this.#memory);
      packet = copy;
    }
    const at = this.#backlog.reserve(packet.length);
    if (at === 0) {
      this.#counters.overruns++;
      return;
    }
    this.#memory.u8.set(packet, at);
    this.#backlog.commit(at, packet.length, 0);
  }

  /** The packets kept; null when there were never any. */
  get backlog(): SlotQueue | null {
    return this.#backlog;
  }

  #send(more: boolean): void {
    const at = this.#held;
    this.#held = 0;
    this.#inRow = more ? this.#inRow + 1 : 0;
    const isLast = this.#inRow === BATCH;
    if (isLast) this.#inRow = 0;
    this.#counters.packetsOut++;
    try {
      this.link.send(this.#memory.u8.subarray(at, at + this.#heldBytes), more && !isLast);
    } catch {
      // A socket closed under the link, for one: the packet is lost, as packets may be.
      this.#counters.undeliverable++;
    }
  }

  #allocate(): number {
    return this.#memory.allocate(HEADROOM + this.mtu + SLACK) + HEADROOM;
  }
}

import { ETHERNET_HEADER } from "../../assembly/layout/capture.ts";
import { SLACK } from "../../assembly/layout/limits.ts";
import type { Ring, RingPool } from "../wasm/rings.ts";
import { HEADROOM, SlotQueue } from "../wasm/slots.ts";
import type { HostCounters } from "./counters.ts";
import type { Prefix } from "./ip-address.ts";
import type { Link } from "./link.ts";
import type { Neighbours } from "./neighbours.ts";

/** After so many packets in a row the link is told to pass them on, and so the peer to answer. */
const BATCH = 32;
/** Packets that wait while the host is at work on others: so many, and of large ones as many as fit this. */
const BACKLOG = 128;
const BACKLOG_BYTES = 1 << 22;
/** What a length in an IPv4 header can say. */
const LARGEST_IP = 65535;

/** Where a packet is written, and the last view of one there. */
interface Place {
  readonly ring: Ring;
  view: Uint8Array | null;
}

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
  /** Bytes of the longest packet that the link takes to cut it into segments; 0 when it cuts none. */
  readonly largest: number;
  /** The host itself: what it sends to its own addresses. */
  readonly isLoopback: boolean;
  readonly addresses: LocalAddress[] = [];
  /** The link has ended. */
  isDown = false;
  /** Of an Ethernet link. */
  readonly neighbours: Neighbours | null;
  readonly #pool: RingPool;
  readonly #counters: HostCounters;
  #backlog: SlotQueue | null = null;
  #places: [Place, Place] | null = null;
  #held = 0;
  #heldBytes = 0;
  #heldSize = 0;
  #inRow = 0;

  constructor(
    link: Link,
    isLoopback: boolean,
    neighbours: Neighbours | null,
    pool: RingPool,
    counters: HostCounters,
  ) {
    this.link = link;
    this.isLoopback = isLoopback;
    this.mtu = link.mtu;
    this.largest = link.segmentation ? LARGEST_IP : 0;
    this.neighbours = neighbours;
    this.#pool = pool;
    this.#counters = counters;
  }

  /** Where the payload of the next IP packet is to be written, with `HEADROOM` before it. One packet at a time. */
  get place(): number {
    this.#places ??= [this.#take(), this.#take()];
    return this.#places[0].ring.address + HEADROOM;
  }

  /**
   * Sends the packet (or frame) written there, once it is known whether another follows.
   * @param size as in `Link.send`
   */
  commit(at: number, bytes: number, size = 0): void {
    if (this.#held !== 0) this.#send(true);
    this.#held = at;
    this.#heldBytes = bytes;
    this.#heldSize = size;
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
      this.#backlog = takeQueue(Math.max(this.mtu, this.largest) + ETHERNET_HEADER, this.#pool);
      packet = copy;
    }
    const at = this.#backlog.reserve(packet.length);
    if (at === 0) {
      this.#counters.overruns++;
      return;
    }
    this.#pool.memory.u8.set(packet, at);
    this.#backlog.commit(at, packet.length, 0);
  }

  /** The packets kept; null when there were never any. */
  get backlog(): SlotQueue | null {
    return this.#backlog;
  }

  /** Gives its memory back. The link must not be used any more. */
  release(): void {
    for (const { ring } of this.#places ?? []) ring.release();
    if (this.#backlog !== null) giveQueue(this.#backlog);
    this.#places = null;
    this.#backlog = null;
    this.#held = 0;
  }

  #send(more: boolean): void {
    const at = this.#held;
    this.#held = 0;
    this.#inRow = more ? this.#inRow + 1 : 0;
    const isLast = this.#inRow === BATCH;
    if (isLast) this.#inRow = 0;
    this.#counters.packetsOut++;
    try {
      this.link.send(this.#view(at), more && !isLast, this.#heldSize);
    } catch {
      // A socket closed under the link, for one: the packet is lost, as packets may be.
      this.#counters.undeliverable++;
    }
  }

  /** The held packet. Most are as long as the one before in the same place; a view of memory that has grown is empty. */
  #view(at: number): Uint8Array {
    const place = this.#places![1];
    const { view } = place;
    if (view !== null && view.length === this.#heldBytes && view.byteOffset === at) return view;
    place.view = this.#pool.memory.u8.subarray(at, at + this.#heldBytes);
    return place.view;
  }

  #take(): Place {
    return { ring: this.#pool.take(HEADROOM + Math.max(this.mtu, this.largest) + SLACK), view: null };
  }
}

/** Queues that closed hosts have left, by the memory that they lie in: memory itself is never given back. */
const spare = new WeakMap<RingPool["memory"], SlotQueue[]>();

function takeQueue(largest: number, { memory }: RingPool): SlotQueue {
  const left = spare.get(memory) ?? [];
  const fits = left.findIndex((queue) => queue.bytes >= largest);
  if (fits >= 0) return left.splice(fits, 1)[0];
  return new SlotQueue(Math.min(BACKLOG, BACKLOG_BYTES / largest), largest, memory);
}

function giveQueue(queue: SlotQueue): void {
  while (queue.length > 0) queue.shift();
  const left = spare.get(queue.memory);
  if (left === undefined) spare.set(queue.memory, [queue]);
  else left.push(queue);
}

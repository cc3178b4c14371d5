/**
 * Takes a packet that has arrived on a link. The bytes are borrowed: they are read, or copied, before the call
 * returns. It never throws, whatever the bytes are.
 *
 * @param more another packet follows at once, from within the same task: the answer may wait for it. Links that
 *   have their packets one by one leave it out
 */
export type Receive = (packet: Uint8Array, more?: boolean) => void;

/**
 * What carries packets: a tunnel, a WebSocket, an emulator's network card, a simulated cable. Packets may be
 * lost, repeated, reordered and damaged on it, but each is one piece.
 *
 * @example
 * ```ts
 * import type { Link } from "tcpwire/net";
 *
 * function messageLink(port: MessagePort): Link {
 *   return {
 *     kind: "ip",
 *     mtu: 1500,
 *     start: (receive) => {
 *       port.onmessage = ({ data }) => receive(data);
 *     },
 *     send: (packet) => port.postMessage(packet.slice()),
 *     close: () => port.close(),
 *   };
 * }
 * ```
 */
export interface Link {
  /** What a packet is: an IPv4 or IPv6 packet, or an Ethernet II frame round one (without its check sequence). */
  readonly kind: "ip" | "ethernet";
  /** Bytes of the largest IP packet; an Ethernet header comes on top. At least 68 (RFC 791), 1,280 for IPv6 (RFC 8200 5). */
  readonly mtu: number;
  /**
   * Begins to deliver. Called once, by the host. `receive` may be called at any time from then on, also from
   * within `send`.
   *
   * @param ready to be called when `full` has ended
   * @param ended to be called when the link is gone, with the error if there was one
   */
  start(receive: Receive, ready: () => void, ended: (error?: unknown) => void): void;
  /**
   * Sends a packet, or loses it. The bytes are borrowed until the call returns: a link that keeps them, or hands
   * them to another thread, copies them first (`packet.slice()`).
   *
   * @param more another follows at once, so the link may wait for it and pass on both together
   * @param size with `segmentation`: bytes of data in each of the segments that the packet stands for; 0 when it is one
   */
  send(packet: Uint8Array, more?: boolean, size?: number): void;
  /**
   * It takes TCP segments that are longer than `mtu`, in packets of up to 65,535 bytes, and cuts them, or hands them to
   * somebody who does (segmentation offload: the `gso_size` of a TUN device with IFF_VNET_HDR, a network card's TSO).
   * `send` then tells the size of the pieces: their headers are the packet's, but for lengths, sequence numbers and
   * checksums, and PSH is the last one's. The packet's own checksums are good for it as it is.
   */
  readonly segmentation?: boolean;
  /** Its queue is full. Hosts then hold back what they can, until `ready`; what is sent nevertheless may be lost. */
  readonly full?: boolean;
  /** The host is closed. */
  close?(): void;
}

/** What a link over streams is made of. */
export interface StreamLinkOptions {
  /** "ip" when left out. */
  readonly kind?: Link["kind"];
  /** 1500 when left out. */
  readonly mtu?: number;
}

/**
 * A link over a pair of web streams whose chunks are packets, one each. It is `full` while the writable side asks
 * for patience (`desiredSize`), so a host behind it does not outrun it.
 *
 * @throws {TypeError} when either stream is locked
 */
export function streamLink(
  streams: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Uint8Array> },
  { kind = "ip", mtu = 1500 }: StreamLinkOptions = {},
): Link {
  const reader = streams.readable.getReader();
  const writer = streams.writable.getWriter();
  let isWaiting = false;
  let onReady = (): void => {};
  const ignore = (): void => {};

  function waitForRoom(): void {
    if (isWaiting) return;
    isWaiting = true;
    writer.ready.then(() => {
      isWaiting = false;
      onReady();
    }, ignore);
  }

  return {
    kind,
    mtu,
    start(receive, ready, ended) {
      onReady = ready;
      let isOver = false;
      const end = (error?: unknown): void => {
        if (!isOver) ended(error);
        isOver = true;
      };
      writer.closed.catch(end);
      pump(reader, receive).then(() => end(), end);
    },
    send(packet) {
      // `slice` of a view of Node's Buffer would share its memory.
      writer.write(new Uint8Array(packet)).catch(ignore);
      if ((writer.desiredSize ?? 1) <= 0) waitForRoom();
    },
    get full() {
      return isWaiting;
    },
    close() {
      reader.cancel().catch(ignore);
      writer.close().catch(ignore);
    },
  };
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, receive: Receive): Promise<void> {
  for (let next = await reader.read(); !next.done; next = await reader.read()) receive(next.value);
}

/** What a cable is made of. */
export interface LinkPairOptions extends StreamLinkOptions {
  /**
   * Segments that would have to be cut to fit the MTU go whole, as on a virtual cable of Linux (veth): several times
   * faster, but packets are then longer than `mtu` for whoever looks at them on the way. False when left out.
   */
  readonly segmentation?: boolean;
}

/**
 * A cable between two hosts of one process: what one end sends, the other has received when `send` returns. No
 * packet is lost, kept or copied.
 */
export function linkPair({
  kind = "ip",
  mtu = 1500,
  segmentation = false,
}: LinkPairOptions = {}): [Link, Link] {
  const a = new CableEnd(kind, mtu, segmentation);
  const b = new CableEnd(kind, mtu, segmentation);
  a.plugInto(b);
  b.plugInto(a);
  return [a, b];
}

class CableEnd implements Link {
  readonly kind: Link["kind"];
  readonly mtu: number;
  readonly segmentation: boolean;
  #receive: Receive = () => {};
  #ended: () => void = () => {};
  #other: CableEnd | null = null;

  constructor(kind: Link["kind"], mtu: number, segmentation: boolean) {
    this.kind = kind;
    this.mtu = mtu;
    this.segmentation = segmentation;
  }

  plugInto(other: CableEnd): void {
    this.#other = other;
  }

  start(receive: Receive, _ready: () => void, ended: () => void): void {
    this.#receive = receive;
    this.#ended = ended;
  }

  send(packet: Uint8Array, more = false): void {
    if (this.#other !== null) this.#other.#receive(packet, more);
  }

  close(): void {
    const other = this.#other;
    this.#other = null;
    if (other === null) return;
    other.#other = null;
    other.#ended();
  }
}

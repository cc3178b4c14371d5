import { Endpoint, type SettingsInput, settings } from "../tcp/index.ts";
import { SlotQueue } from "../wasm/slots.ts";
import type { Transfer } from "./adapter.ts";

/** Bytes that may wait at either end, and to be in flight. */
export const BUFFER = 256 * 1024;
/** Packets that cross at a time, as a driver hands them over. */
export const PACKETS = 32;
/** Milliseconds from one look at the clock to the next: about what the packets of one batch take. */
const TICK = 0.02;
const IPV4_HEADER = 20;
/** Rounds without a byte delivered after which something is wrong. */
const STUCK = 100_000;

/** All that a connection may do beside the defaults, to be paid for: accurate ECN, keep-alive, user timeout. */
export const everything: SettingsInput = {
  ecn: "accurate",
  keepAlive: true,
  userTimeout: 60_000,
  announceUserTimeout: true,
};

const local = { address: 0x0a000001, port: 49152 };
const remote = { address: 0x0a000002, port: 80 };
const secret = Int32Array.of(1, 2, 3, 4);

/** Two endpoints in one memory, with a connection between them, and the clock that they go by. */
export class EndpointPair {
  readonly #client: Endpoint;
  readonly #server: Endpoint;
  readonly #up: SlotQueue;
  readonly #down: SlotQueue;
  readonly #target = new Uint8Array(BUFFER);
  #now = 0;

  constructor(mtu: number, changes: SettingsInput) {
    const buffers = { sndBuf: BUFFER, sndBufMax: BUFFER, rcvBuf: BUFFER, rcvBufMax: BUFFER };
    const set = settings({ mtu, ...buffers, ...changes });
    this.#client = new Endpoint({ local, remote, secret, settings: set });
    this.#server = new Endpoint({ local: remote, remote: local, secret, settings: set });
    this.#up = new SlotQueue(PACKETS, mtu - IPV4_HEADER);
    this.#down = new SlotQueue(PACKETS, mtu - IPV4_HEADER);
    this.#server.listen();
    this.#client.connect(this.#now);
    for (let i = 0; i < 4; i++) this.#exchange();
    if (this.#server.state !== "ESTABLISHED") throw new Error("the handshake has failed");
  }

  /**
   * From the client to the server, over the one connection.
   * @throws {Error} when nothing moves, or a segment had to be sent twice
   */
  transfer({ chunk, total, take }: Transfer): void {
    let sent = 0;
    let delivered = 0;
    for (let idle = 0; delivered < total; idle++) {
      while (sent < total && this.#client.writable >= chunk.length)
        sent += this.#client.send(chunk, this.#now);
      this.#exchange();
      for (let n = this.#server.receive(this.#target); n > 0; n = this.#server.receive(this.#target)) {
        take(n === BUFFER ? this.#target : this.#target.subarray(0, n));
        delivered += n;
        idle = 0;
      }
      if (idle > STUCK) throw new Error(`stuck at ${delivered} of ${total} bytes`);
    }
    const { retransmits } = this.#client.status().counters;
    if (retransmits > 0) throw new Error(`${retransmits} retransmissions, and nothing was lost`);
  }

  #exchange(): void {
    carry(this.#client, this.#up, this.#server, this.#now);
    carry(this.#server, this.#down, this.#client, this.#now);
    this.#now += TICK;
    if (this.#client.nextTimeout() <= this.#now) this.#client.onTimeout(this.#now);
    if (this.#server.nextTimeout() <= this.#now) this.#server.onTimeout(this.#now);
  }
}

/** Connections that are opened and closed, one after the other. */
export class Opener {
  readonly #up = new SlotQueue(8, 1500);
  readonly #down = new SlotQueue(8, 1500);
  readonly #settings = settings({ timeWait: 1 });
  #port = 0;
  #now = 0;

  /** Milliseconds since the first. */
  get now(): number {
    return this.#now;
  }

  /** Both ends, ESTABLISHED. */
  open(set = this.#settings): { readonly client: Endpoint; readonly server: Endpoint } {
    const near = { address: local.address, port: 1024 + (this.#port++ % 60_000) };
    const client = new Endpoint({ local: near, remote, secret, settings: set });
    const server = new Endpoint({ local: remote, remote: near, secret, settings: set });
    this.#now += TICK;
    server.listen();
    client.connect(this.#now);
    this.exchange(client, server); // SYN and SYN,ACK
    this.exchange(client, server); // ACK
    return { client, server };
  }

  /**
   * Opens a connection and closes it, the client first: seven segments, and TIME-WAIT runs out.
   * @throws {Error} when an end is not CLOSED
   */
  openAndClose(): void {
    const { client, server } = this.open();
    client.close(this.#now);
    this.exchange(client, server); // FIN, and its ACK
    server.close(this.#now);
    carry(server, this.#down, client, this.#now); // FIN
    carry(client, this.#up, server, this.#now); // its ACK
    client.onTimeout(this.#now + 1);
    if (client.state !== "CLOSED" || server.state !== "CLOSED") {
      throw new Error(`${client.state} and ${server.state} after the close`);
    }
  }

  /** Lets time pass until nothing is due any more within a second. */
  settle(client: Endpoint, server: Endpoint): void {
    const end = this.#now + 1000;
    for (let at = this.#now; at <= end; at = Math.min(client.nextTimeout(), server.nextTimeout())) {
      this.#now = Math.max(at, this.#now);
      client.onTimeout(this.#now);
      server.onTimeout(this.#now);
      this.exchange(client, server);
    }
  }

  /** What the client has to send, then what the server has. Both their events are taken. */
  exchange(client: Endpoint, server: Endpoint): void {
    carry(client, this.#up, server, this.#now);
    while (server.nextEvent() !== undefined) {}
    carry(server, this.#down, client, this.#now);
    while (client.nextEvent() !== undefined) {}
  }
}

function carry(from: Endpoint, queue: SlotQueue, to: Endpoint, now: number): void {
  from.output(queue, now);
  while (queue.length > 0) {
    to.onSegmentAt(queue.address, queue.byteLength, now, queue.ecn);
    queue.shift();
  }
}

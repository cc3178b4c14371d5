import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { type NameRecord, PcapngWriter, PcapWriter } from "../capture/index.ts";
import type { Port, PortObserver } from "./network.ts";
import { fateNames } from "./path.ts";

interface Captured {
  readonly at: number;
  readonly interfaceId: number;
  readonly bytes: Uint8Array;
  readonly direction: "inbound" | "outbound";
  readonly comments: readonly string[];
}

/**
 * Listens at ports and writes what passes as a capture: each port is an interface with its name, packets carry their
 * direction, what the wire did to them, and what was said before them as comments.
 *
 * Ports on both sides of one cable see each packet twice, and a reader takes the second for a retransmission: listen
 * at one.
 */
export class Tap {
  readonly #epoch: bigint;
  readonly #captured: Captured[] = [];
  readonly #interfaces: string[] = [];
  readonly #names: NameRecord[] = [];
  #pending: string[] = [];

  /** @param epoch the world's time 0 in nanoseconds since 1970 */
  constructor(epoch: bigint) {
    this.#epoch = epoch;
  }

  /** Packets captured so far. */
  get length(): number {
    return this.#captured.length;
  }

  /** Listens at another port. */
  listen(port: Port, name = port.name): this {
    const interfaceId = this.#interfaces.push(name) - 1;
    const take = (
      packet: Uint8Array,
      at: number,
      direction: Captured["direction"],
      comments: readonly string[],
    ): void => {
      const said = this.#pending.splice(0);
      this.#captured.push({
        at,
        interfaceId,
        bytes: packet.slice(),
        direction,
        comments: [...said, ...comments],
      });
    };
    const observer: PortObserver = {
      sent: (packet, _port, fate, _arrival, now) => take(packet, now, "outbound", fateNames(fate).map(told)),
      received: (packet, _port, now) => take(packet, now, "inbound", []),
    };
    port.observers.push(observer);
    return this;
  }

  /** Names an address for whoever reads the capture. */
  name(address: string, name: string): void {
    this.#names.push({ address, names: [name] });
  }

  /** A comment on the packet that comes next. */
  say(text: string): void {
    this.#pending.push(text);
  }

  /** The capture as pcapng. */
  pcapng(): Uint8Array<ArrayBuffer> {
    const writer = new PcapngWriter({
      application: "tcpwire simulate",
      interfaces: this.#interfaces.map((name) => ({ name, linkType: LINKTYPE_RAW })),
    });
    if (this.#names.length > 0) writer.writeNames(this.#names);
    for (const { at, ...packet } of this.#captured) writer.write({ time: this.#time(at), ...packet });
    return writer.take();
  }

  /** The capture as pcap with nanoseconds, which has neither names nor comments. */
  pcap(): Uint8Array<ArrayBuffer> {
    const writer = new PcapWriter({ linkType: LINKTYPE_RAW, nanoseconds: true });
    for (const { at, bytes } of this.#captured) writer.write({ time: this.#time(at), bytes });
    return writer.take();
  }

  #time(at: number): bigint {
    return this.#epoch + BigInt(Math.round(at * 1e6));
  }
}

function told(fate: string): string {
  return fate === "lost" ? "lost on the way" : fate;
}

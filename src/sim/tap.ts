import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { type NameRecord, PcapngWriter, PcapWriter } from "../capture/index.ts";
import type { Port, PortObserver } from "./network.ts";
import { fateNames } from "./path.ts";

interface Captured {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
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
  readonly #names = new Map<string, NameRecord>();
  #pending: string[] = [];

  /** @param epoch the world's time 0 in nanoseconds since 1970 */
  constructor(epoch: bigint) {
    this.#epoch = epoch;
  }

  /** What several taps have captured as one, in their order; interfaces of the same name are the same. */
  static join(taps: Iterable<Tap>): Tap {
    const joined = new Tap(0n);
    for (const tap of taps) {
      const ids = tap.#interfaces.map((name) => joined.#interface(name));
      for (const packet of tap.#captured) {
        joined.#captured.push({ ...packet, interfaceId: ids[packet.interfaceId] });
      }
      for (const [address, record] of tap.#names) joined.#names.set(address, record);
    }
    return joined;
  }

  /** Packets captured so far. */
  get length(): number {
    return this.#captured.length;
  }

  /** Listens at another port. */
  listen(port: Port, name = port.name): this {
    const interfaceId = this.#interface(name);
    const take = (
      packet: Uint8Array,
      now: number,
      direction: Captured["direction"],
      comments: readonly string[],
    ): void => {
      const said = this.#pending.splice(0);
      this.#captured.push({
        time: this.#epoch + BigInt(Math.round(now * 1e6)),
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
    this.#names.set(address, { address, names: [name] });
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
    if (this.#names.size > 0) writer.writeNames([...this.#names.values()]);
    for (const packet of this.#captured) writer.write(packet);
    return writer.take();
  }

  /** The capture as pcap with nanoseconds, which has neither names nor comments. */
  pcap(): Uint8Array<ArrayBuffer> {
    const writer = new PcapWriter({ linkType: LINKTYPE_RAW, nanoseconds: true });
    for (const { time, bytes } of this.#captured) writer.write({ time, bytes });
    return writer.take();
  }

  #interface(name: string): number {
    const known = this.#interfaces.indexOf(name);
    return known >= 0 ? known : this.#interfaces.push(name) - 1;
  }
}

function told(fate: string): string {
  return fate === "lost" ? "lost on the way" : fate;
}

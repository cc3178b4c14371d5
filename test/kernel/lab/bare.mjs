// Endpoints of tcpwire/tcp over a link without a Host: IPv4 headers put on and taken off, a timer, and no more. For
// what a Host has no words for.
import { Endpoint } from "../../../dist/tcp.js";
import { writeIPv4Header } from "./ipv4.mjs";

const HEADER = 20;
const TCP = 6;

/** One endpoint at a time, at `address`. */
export class Bare {
  endpoint = null;
  events = [];
  #link;
  #address;
  #peer;
  #timer;
  #changed = () => {};

  constructor(link, { address, peer }) {
    this.#link = link;
    this.#address = address;
    this.#peer = peer;
    link.start((packet) => this.#arrived(packet));
  }

  /** Makes the endpoint that packets go to from now on. `work` opens it: `(endpoint, now)`. */
  open({ localPort, remotePort, ...options }, work) {
    this.events = [];
    this.endpoint = new Endpoint({
      local: { address: this.#address, port: localPort },
      remote: remotePort === undefined ? undefined : { address: this.#peer, port: remotePort },
      random: () => crypto.getRandomValues(new Uint32Array(1))[0],
      ...options,
    });
    this.do(work);
  }

  /** Does something with the endpoint, and what comes of it. */
  do(work) {
    const result = work(this.endpoint, performance.now());
    this.#drain();
    return result;
  }

  /** Waits until `holds`, asked after every change. */
  async until(holds, limit = 5) {
    const end = performance.now() + limit * 1000;
    while (!holds(this.endpoint)) {
      const left = end - performance.now();
      if (left <= 0)
        throw new Error(
          `not within ${limit} s; ${this.endpoint.state}, events ${this.events.map(({ type }) => type)}`,
        );
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close() {
    clearTimeout(this.#timer);
  }

  #arrived(packet) {
    if (this.endpoint === null || packet[0] >> 4 !== 4 || packet[9] !== TCP) return;
    const header = (packet[0] & 15) * 4;
    const length = (packet[2] << 8) | packet[3];
    const from = packet.subarray(12, 16).join(".");
    this.do((endpoint, now) =>
      endpoint.onSegment(packet.subarray(header, length), now, { ecn: packet[1] & 3, from }),
    );
  }

  #drain() {
    const now = performance.now();
    for (let out = this.endpoint.poll(now); out !== undefined; out = this.endpoint.poll(now)) {
      if (out.type === "event") this.events.push(out.event);
      else this.#send(out.segment);
    }
    clearTimeout(this.#timer);
    const next = this.endpoint.nextTimeout();
    if (next !== Number.POSITIVE_INFINITY) {
      const ring = () => this.do((endpoint, at) => endpoint.onTimeout(at));
      this.#timer = setTimeout(ring, Math.max(1, Math.ceil(next - now)));
    }
    this.#changed();
  }

  #send(segment) {
    const packet = new Uint8Array(HEADER + segment.length);
    packet.set(segment, HEADER);
    writeIPv4Header(packet, { protocol: TCP, src: this.#address, dst: this.#peer });
    this.#link.send(packet);
  }
}

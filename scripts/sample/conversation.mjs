// Two ends of a TCP connection that keep enough state to fill in what a segment must say: sequence and
// acknowledgment numbers, SACK blocks, timestamps, IP identification. What happens when is the story's.
import { ACK, FIN, PSH, RST, SYN, seq } from "../../dist/wire.js";
import { tcpFrame } from "./frames.mjs";

const FLAG = { S: SYN, F: FIN, R: RST, P: PSH, ".": ACK };

export class Conversation {
  /**
   * @param {(at: number, frame: Uint8Array) => void} capture takes a frame at a time in milliseconds
   * @param {object} ends `client` and `server`: station, port, isn, and what they offer
   */
  constructor(capture, { client, server, vlan, delay = 0 }) {
    this.capture = capture;
    this.vlan = vlan;
    this.delay = delay;
    this.ends = { client: new End(client), server: new End(server) };
  }

  /**
   * Sends one segment.
   * @param {number} at milliseconds
   * @param {"client" | "server"} who
   * @param {string} flags tcpdump's letters: `"S"`, `"S."`, `"P."`...
   * @param {object} [what] `data`: text or bytes; `seq`: instead of the next number (a retransmission, a
   *   probe); `lost`: the other end and the capture never see it; `refused`: the other end has no room for it; `partial`: checksum left to offload;
   *   `bare`: without options (a middlebox wrote it)
   */
  send(at, who, flags, what = {}) {
    const from = this.ends[who];
    const to = this.ends[who === "client" ? "server" : "client"];
    const bits = [...flags].reduce((sum, letter) => sum | FLAG[letter], 0);
    const data = typeof what.data === "string" ? new TextEncoder().encode(what.data) : what.data;
    const length = (data?.length ?? 0) + (bits & (SYN | FIN) ? 1 : 0);
    const start = what.seq ?? from.next;
    if (what.window !== undefined) from.window = what.window;
    const segment = {
      srcPort: from.port,
      dstPort: to.port,
      seq: start,
      ack: bits & ACK ? (what.ack ?? from.expected) : 0,
      flags: bits,
      window: from.advertised(bits),
      options: what.bare ? {} : from.options(bits, at),
      payload: data,
    };
    const end = seq.add(start, length);
    if (seq.gt(end, from.next)) from.next = end;
    if (what.lost) return;
    const id = (from.id = (from.id + 1) & 0xffff);
    this.capture(
      at,
      tcpFrame(from.station, to.station, segment, {
        vlan: this.vlan,
        id,
        partial: what.partial ?? from.offload,
      }),
    );
    to.receive(start, end, bits, segment.options.timestamps?.tsval, what.refused);
  }

  /** The three-way handshake, from `at` on, one `rtt` long. */
  open(at, rtt) {
    this.send(at, "client", "S");
    this.send(at + rtt, "server", "S.");
    this.send(at + rtt + 0.06, "client", ".");
  }

  /** The four-way close, begun by `who`. */
  close(at, who, rtt) {
    const peer = who === "client" ? "server" : "client";
    this.send(at, who, "F.");
    this.send(at + rtt, peer, ".");
    this.send(at + 3 * rtt, peer, "F.");
    this.send(at + 3 * rtt + 0.05, who, ".");
  }
}

class End {
  constructor({
    station,
    port,
    isn,
    window,
    mss = 1460,
    scale = 7,
    clock = 0,
    id = 0,
    offload = false,
    timestamps = true,
  }) {
    Object.assign(this, { station, port, window, mss, scale, clock, id, offload, timestamps });
    this.next = isn;
    this.expected = undefined; // the next number wanted of the other end
    this.waiting = []; // [start, end) received out of order, the latest first
    this.echo = 0;
  }

  /** Takes a segment in; what has no room (`refused`) leaves no trace but its timestamp. */
  receive(start, end, bits, timestamp, refused) {
    if (bits & SYN || this.expected === undefined) this.expected = start;
    if (timestamp !== undefined && seq.le(start, this.expected)) this.echo = timestamp;
    if (refused) return;
    if (seq.gt(start, this.expected)) {
      const touching = this.waiting.find(([, right]) => right === start);
      if (touching) touching[1] = end;
      else this.waiting.unshift([start, end]);
      return;
    }
    if (seq.gt(end, this.expected)) this.expected = end;
    for (const [left, right] of this.waiting) {
      if (seq.le(left, this.expected) && seq.gt(right, this.expected)) this.expected = right;
    }
    this.waiting = this.waiting.filter(([, right]) => seq.gt(right, this.expected));
  }

  /** The window as it stands in the header: a SYN's is not scaled (RFC 7323 2.2). */
  advertised(bits) {
    return bits & SYN ? Math.min(this.window, 65535) : this.window >> this.scale;
  }

  options(bits, at) {
    const time = (this.clock + Math.floor(at)) >>> 0;
    const timestamps = this.timestamps ? { tsval: time, tsecr: this.echo } : undefined;
    if (bits & SYN) return { mss: this.mss, sackPermitted: true, timestamps, windowScale: this.scale };
    if (bits & RST) return {};
    return this.waiting.length > 0
      ? { timestamps, sack: this.waiting.map(([left, right]) => ({ left, right })) }
      : { timestamps };
  }
}

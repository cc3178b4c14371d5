// One machine with a real kernel, a TUN device in it, and at the other end of that a Host of ours.
import { createHash } from "node:crypto";
import { Host } from "../../../dist/net.js";
import { FaultyLink } from "./faults.mjs";
import { Lab } from "./lab.mjs";
import { tunLink } from "./tun.mjs";

/** Addresses by IP version. */
export const KERNEL = { 4: "192.0.2.1", 6: "2001:db8::1" };
export const OURS = { 4: "192.0.2.2", 6: "2001:db8::2" };

export class Stage {
  lab = new Lab();
  kernel;
  link;
  host;
  #capture;

  /**
   * @param options `mtu`; `tcp`: settings of the host; `sysctl` of the kernel; `capture`: a file, and `snap`, the
   *   bytes kept of each packet; `seed` of the faults; `patient`: neither end takes silence of less than a second
   *   for loss, so that a machine under load, which stops one of them now and then, makes no retransmissions;
   *   `bare`: there is no host, and the link has not begun; `coalesce`, `segmentation`: see `tunLink`
   */
  static async make({
    mtu = 1500,
    tcp,
    sysctl,
    capture,
    snap,
    seed,
    patient = false,
    bare = false,
    coalesce,
    segmentation,
  } = {}) {
    const stage = new Stage();
    try {
      stage.kernel = await stage.lab.host("kernel");
      if (sysctl) await stage.kernel.sysctl(sysctl);
      const addresses = [`${KERNEL[4]}/24`, `${KERNEL[6]}/64`];
      stage.link = new FaultyLink(
        await tunLink(stage.kernel, { addresses, mtu, coalesce, segmentation }),
        seed,
      );
      if (patient) await stage.kernel.sh(PATIENCE);
      if (capture) {
        stage.#capture = await stage.lab.capture(stage.kernel, capture, {
          card: "tun0",
          filter: "ip or ip6",
          snap,
        });
      }
      if (bare) return stage;
      const ours = [`${OURS[4]}/24`, `${OURS[6]}/64`];
      stage.host = new Host({
        link: stage.link,
        addresses: ours,
        tcp: patient ? { minRto: 1000, tailLossProbe: false, ...tcp } : tcp,
      });
    } catch (error) {
      await stage.remove();
      throw error;
    }
    return stage;
  }

  /** A connection that the host opens: `[ours, theirs]`. */
  async connect(version = 4, { ours = {}, theirs = {}, port = 0 } = {}) {
    const listener = await this.kernel.kernel.listen(KERNEL[version], port, theirs);
    const accepted = listener.accept();
    const socket = this.host.connect(
      { hostname: KERNEL[version], port: listener.port },
      { ...HALF_OPEN, ...ours },
    );
    const [peer] = await Promise.all([accepted, socket.opened]);
    await listener.close();
    return [socket, peer];
  }

  /** A connection that the kernel opens: `[ours, theirs]`. */
  async accept(version = 4, { ours = {}, theirs = {} } = {}) {
    const listener = this.host.listen({ ...HALF_OPEN, ...ours });
    const accepted = listener.accept();
    const peer = await this.kernel.kernel.connect(OURS[version], listener.localPort, theirs);
    const socket = await accepted;
    listener.close();
    return [socket, peer];
  }

  /**
   * The kernel's connections as `ss -tano` shows them, listeners left out: `{ state, local, peer, unread, timer }` with the
   * RFC's names of states, `unread` bytes, timer `{ name, expires, count }` (ms from now, retransmissions or probes) or "off".
   */
  async kernelSockets() {
    const lines = (await this.kernel.sh("ss -Htano")).split("\n").filter(Boolean);
    return lines.map(parseSocket).filter(({ state }) => state !== "LISTEN");
  }

  /** All that was sent is in the capture. */
  async endCapture() {
    await this.#capture?.stop();
  }

  async remove() {
    this.host?.close();
    await this.lab.remove();
  }
}

const PATIENCE = `sysctl -qw net.ipv4.tcp_early_retrans=0 &&
  ip route replace 192.0.2.0/24 dev tun0 src ${KERNEL[4]} rto_min 1s &&
  ip -6 route replace 2001:db8::/64 dev tun0 proto kernel metric 256 rto_min 1s`;

const STATES = { ESTAB: "ESTABLISHED", "SYN-RECV": "SYN-RECEIVED" };

function parseSocket(line) {
  const [state, received, , local, peer] = line.trim().split(/\s+/);
  const [, name = "off", left = "0ms", count = "0"] = /timer:\((\w+),([^,]*),(\d+)\)/.exec(line) ?? [];
  return {
    state: STATES[state] ?? state,
    local,
    peer,
    unread: Number(received),
    timer: { name, expires: milliseconds(left), count: Number(count) },
  };
}

/** `556ms`, `4.2sec`, `1min59sec`, `119min`. */
function milliseconds(text) {
  const units = { ms: 1, sec: 1000, min: 60_000 };
  let total = 0;
  for (const [, n, unit] of text.matchAll(/([\d.]+)(ms|sec|min)/g)) total += Number(n) * units[unit];
  return total;
}

/** Most cases want to see both directions end by themselves. */
const HALF_OPEN = { allowHalfOpen: true };

export const seconds = (n) => new Promise((resolve) => setTimeout(resolve, n * 1000));

/** Waits until `holds` does, at most so long; gives whether it came to that. */
export async function until(holds, limit = 5) {
  const end = performance.now() + limit * 1000;
  while (!(await holds())) {
    if (performance.now() > end) return false;
    await seconds(0.01);
  }
  return true;
}

/** Bytes that tell where in the stream they belong, as agent.py's. */
export function pattern(length, offset = 0) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (offset + i) % 251;
  return bytes;
}

const PIECE = pattern(251 * 1024);
const sums = new Map();

/** SHA-256 of the first bytes of the pattern. */
export function patternSum(length) {
  let sum = sums.get(length);
  if (sum === undefined) {
    const hash = createHash("sha256");
    const piece = 251 * 4096;
    for (let at = 0; at < length; at += piece) hash.update(pattern(Math.min(piece, length - at), at));
    sum = hash.digest("hex");
    sums.set(length, sum);
  }
  return sum;
}

/** Sends `length` bytes of the pattern. */
export async function sendPattern(socket, length) {
  const piece = length < PIECE.length ? pattern(length) : PIECE;
  for (let at = 0; at < length; at += piece.length) {
    await socket.write(piece.subarray(0, Math.min(piece.length, length - at)));
  }
}

/** Reads exactly so many bytes, fewer at the end of the stream. */
export async function receive(socket, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const got = await socket.read(bytes.subarray(at));
    if (got === null) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

/** Reads to the end: `{ length, sha256 }`. */
export async function drain(socket) {
  const buffer = new Uint8Array(1 << 18);
  const hash = createHash("sha256");
  let length = 0;
  for (let got = await socket.read(buffer); got !== null; got = await socket.read(buffer)) {
    hash.update(buffer.subarray(0, got));
    length += got;
  }
  return { length, sha256: hash.digest("hex") };
}

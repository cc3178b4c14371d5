// A TUN device in a machine of the lab as a `Link` of tcpwire/net: what the kernel sends there arrives here.
// tun.c does what Node cannot, an ioctl; it is compiled on first use.
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { exists, untilSaid } from "./lab.mjs";

const source = new URL("tun.c", import.meta.url).pathname;
const sources = [source, new URL("coalesce.h", import.meta.url).pathname];
const LENGTH = 4;
const BATCH = 128 * 1024;
/** Beyond so many bytes on their way to the kernel the link is full. */
const PATIENCE = 1024 * 1024;

/**
 * Makes a TUN device `name` with `addresses` (`192.0.2.1/24`) in `host`, routes everything of `routes` to it, and
 * gives the other end of it. `coalesce`: the kernel gets TCP segments put together, as from a card with receive offload;
 * `segmentation`: it gets them as the host has not cut them (`Link.segmentation`).
 */
export async function tunLink(
  host,
  { name = "tun0", addresses, routes = [], mtu = 1500, coalesce = false, segmentation = false },
) {
  const child = host.spawn(compiled(), coalesce || segmentation ? [name, "coalesce"] : [name], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  await untilSaid(child, /ready/);
  const setUp = [
    // Bursts of a kernel that has 64 KiB to send at once wait; a wire has no such queue, but it is no wire.
    `ip link set ${name} mtu ${mtu} txqueuelen 10000 up`,
    ...addresses.map(
      (address) => `ip addr add ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`,
    ),
    ...routes.map((route) => `ip route add ${route} dev ${name}`),
  ];
  await host.sh(setUp.join(" && "));
  return new TunLink(child, mtu, segmentation);
}

function compiled() {
  const folder = "build/kernel";
  const program = join(folder, "tun");
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newest) {
    mkdirSync(folder, { recursive: true });
    const fresh = `${program}.${process.pid}`;
    const compiler = ["clang", "gcc"].find(exists);
    execFileSync(compiler, ["-O2", "-Wall", "-Wextra", "-pthread", "-o", fresh, source]);
    renameSync(fresh, program);
  }
  return program;
}

/** `Link` of tcpwire/net, and figures of what went through. */
export class TunLink {
  kind = "ip";
  packetsIn = 0;
  packetsOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  #child;
  #ready = () => {};
  #batch = new Uint8Array(BATCH);
  /** Batches that have been written. */
  #spare = [];
  #filled = 0;
  #isFull = false;

  constructor(child, mtu, segmentation) {
    this.#child = child;
    this.mtu = mtu;
    this.segmentation = segmentation;
    child.stdin.on("error", () => {}); // "close" tells it
    child.stdin.on("drain", () => {
      this.#isFull = false;
      this.#ready();
    });
  }

  get full() {
    return this.#isFull;
  }

  start(receive, ready = () => {}, ended = () => {}) {
    this.#ready = ready;
    this.#child.once("close", () => ended());
    const frames = new Frames((packet, more) => {
      this.packetsIn++;
      this.bytesIn += packet.length;
      receive(packet, more);
    });
    this.#child.stdout.on("data", (chunk) => frames.take(chunk));
  }

  send(packet, more = false, size = 0) {
    const { length } = packet;
    if (this.#filled + LENGTH + length > BATCH) this.#flush();
    const batch = this.#batch;
    let at = this.#filled;
    batch[at++] = length & 0xff;
    batch[at++] = length >> 8;
    batch[at++] = size & 0xff;
    batch[at++] = size >> 8;
    batch.set(packet, at);
    this.#filled = at + length;
    this.packetsOut++;
    this.bytesOut += length;
    if (!more) this.#flush();
  }

  close() {
    this.#child.stdin.end();
  }

  #flush() {
    if (this.#filled === 0) return;
    const { stdin } = this.#child;
    const batch = this.#batch;
    // What cannot be written at once still lies in the batch.
    stdin.write(batch.subarray(0, this.#filled), () => this.#spare.push(batch));
    this.#batch = this.#spare.pop() ?? new Uint8Array(BATCH);
    if (stdin.writableLength > PATIENCE) this.#isFull = true;
    this.#filled = 0;
  }
}

/** Cuts a byte stream into packets. */
class Frames {
  #give;
  /** The beginning of a packet whose end has not come. */
  #rest = new Uint8Array(LENGTH + 65536);
  #restLength = 0;

  constructor(give) {
    this.#give = give;
  }

  take(chunk) {
    const end = chunk.length;
    let at = this.#restLength > 0 ? this.#complete(chunk) : 0;
    while (end - at >= LENGTH) {
      const next = at + LENGTH + lengthAt(chunk, at);
      if (next > end) break;
      const packet = new Uint8Array(chunk.buffer, chunk.byteOffset + at + LENGTH, next - at - LENGTH);
      at = next;
      this.#give(packet, end - at >= LENGTH && at + LENGTH + lengthAt(chunk, at) <= end);
    }
    if (at < end) {
      this.#rest.set(chunk.subarray(at), this.#restLength);
      this.#restLength += end - at;
    }
  }

  /** Takes from the chunk what the packet begun before lacks; gives where the next begins. */
  #complete(chunk) {
    let at = 0;
    while (this.#restLength < LENGTH && at < chunk.length) this.#rest[this.#restLength++] = chunk[at++];
    if (this.#restLength < LENGTH) return at;
    const whole = LENGTH + lengthAt(this.#rest, 0);
    const lacking = Math.min(whole - this.#restLength, chunk.length - at);
    this.#rest.set(chunk.subarray(at, at + lacking), this.#restLength);
    this.#restLength += lacking;
    at += lacking;
    if (this.#restLength < whole) return at;
    this.#restLength = 0;
    this.#give(this.#rest.subarray(LENGTH, whole), false);
    return at;
  }
}

function lengthAt(bytes, at) {
  return bytes[at] | (bytes[at + 1] << 8);
}

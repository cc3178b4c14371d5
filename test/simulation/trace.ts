// What happened, as a number that changes with any of it, and as text when it is asked for.
import { describe } from "./describe.ts";

// FNV-1a over 32-bit words, with a finisher at the end.
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

export class Trace {
  #hash = OFFSET;
  /** The last lines, where text was asked for. */
  readonly lines: string[] | null;
  readonly #keep: number;

  /** @param keep how many lines to keep; 0 for the hash alone */
  constructor(keep: number) {
    this.lines = keep > 0 ? [] : null;
    this.#keep = keep;
  }

  /** 32 bits, unsigned. */
  get hash(): number {
    let h = this.#hash;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }

  segment(now: number, kind: string, host: number, bytes: Uint8Array, note: () => string): void {
    this.#time(now);
    this.#word(kind.charCodeAt(0) * 2 + host);
    let h = this.#hash;
    for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], PRIME);
    this.#hash = h;
    this.#line(() => `${now.toFixed(3)} ${"AB"[host]} ${kind} ${describe(bytes)} ${note()}`);
  }

  event(now: number, host: number, type: string): void {
    this.#time(now);
    for (let i = 0; i < type.length; i++) this.#word(type.charCodeAt(i));
    this.#line(() => `${now.toFixed(3)} ${"AB"[host]}   ${type}`);
  }

  #line(text: () => string): void {
    if (this.lines === null) return;
    if (this.lines.length >= 2 * this.#keep) this.lines.splice(0, this.#keep);
    this.lines.push(text());
  }

  #time(now: number): void {
    float[0] = now;
    this.#word(halves[0]);
    this.#word(halves[1]);
  }

  #word(word: number): void {
    this.#hash = Math.imul(this.#hash ^ word, PRIME);
  }
}

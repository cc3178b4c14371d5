import { bytesText } from "./numbers.ts";
import type { Sink } from "./sink.ts";
import { type Style, style } from "./style.ts";

/** Work shorter than this shows no bar: it would only flicker. */
const QUIET_MS = 400;
const REDRAW_MS = 100;

/**
 * A line on standard error that says how far reading is, redrawn in place. Only for terminals: the caller
 * decides (`shouldShow`).
 */
export class Progress {
  readonly #sink: Sink;
  readonly #clock: () => number;
  readonly #style: Style;
  readonly #started: number;
  #lastDrawn = 0;
  #drawn = false;

  /** @param clock milliseconds, from any origin */
  constructor(sink: Sink, clock: () => number, color: boolean) {
    this.#sink = sink;
    this.#clock = clock;
    this.#style = style(color);
    this.#started = clock();
  }

  /** @param total bytes there are, or undefined when nobody knows (standard input) */
  async update(done: number, total: number | undefined): Promise<void> {
    const now = this.#clock();
    if (now - this.#started < QUIET_MS || now - this.#lastDrawn < REDRAW_MS) return;
    this.#lastDrawn = now;
    this.#drawn = true;
    await this.#sink.write(`\r${this.#line(done, total, (now - this.#started) / 1000)}\x1b[K`);
  }

  /** Takes the line away again. */
  async clear(): Promise<void> {
    if (this.#drawn) await this.#sink.write("\r\x1b[K");
    this.#drawn = false;
  }

  #line(done: number, total: number | undefined, seconds: number): string {
    const rate = done / seconds;
    if (total === undefined || total === 0) return `  ${bytesText(done)} read, ${bytesText(rate)}/s`;
    const share = Math.min(1, done / total);
    const left = Math.ceil((total - done) / rate);
    const figures = `${Math.floor(share * 100)
      .toString()
      .padStart(3)} %  ${bytesText(done)} of ${bytesText(total)}, ${bytesText(rate)}/s, ${left} s left`;
    const cells = Math.max(0, Math.min(40, this.#sink.width - figures.length - 4));
    const full = Math.round(cells * share);
    return `  ${this.#style.bar("█".repeat(full))}${this.#style.faint("░".repeat(cells - full))} ${figures}`;
  }
}

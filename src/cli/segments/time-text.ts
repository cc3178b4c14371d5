/** How a line tells its time. */
export type TimeStyle = "clock" | "date" | "iso" | "epoch" | "relative" | "delta";

export const TIME_STYLES: readonly TimeStyle[] = ["clock", "date", "iso", "epoch", "relative", "delta"];

const SECOND = 1_000_000_000n;

/**
 * Writes capture times, nanoseconds since the epoch, in UTC. Decimals are six, as in tcpdump, or nine where
 * the time has nanoseconds; `iso` is RFC 3339 and always has nine. Successive times mostly share their
 * second, which is written out once.
 */
export class TimeText {
  readonly #style: TimeStyle;
  /** Start of the second whose text is at hand: none of a time yet. */
  #second = -(1n << 64n);
  #text = "";
  #first: bigint | undefined;
  #previous: bigint | undefined;

  constructor(style: TimeStyle) {
    this.#style = style;
  }

  /** The time of the next row. */
  of(time: bigint): string {
    switch (this.#style) {
      case "relative":
        this.#first ??= time;
        return difference(time - this.#first);
      case "delta": {
        const before = this.#previous ?? time;
        this.#previous = time;
        return difference(time - before);
      }
      default:
        return this.#absolute(time);
    }
  }

  #absolute(time: bigint): string {
    let rest = Number(time - this.#second);
    if (!(rest >= 0 && rest < 1e9)) {
      this.#second = floorSecond(time);
      this.#text = secondText(this.#second / SECOND, this.#style);
      rest = Number(time - this.#second);
    }
    return `${this.#text}.${this.#style === "iso" ? `${nine(rest)}Z` : decimals(rest)}`;
  }
}

/** RFC 3339 in UTC with nine decimals. */
export function isoTime(time: bigint): string {
  const second = floorSecond(time);
  return `${secondText(second / SECOND, "iso")}.${nine(Number(time - second))}Z`;
}

function floorSecond(time: bigint): bigint {
  const rest = time % SECOND;
  return time - (rest < 0n ? rest + SECOND : rest);
}

function secondText(second: bigint, style: TimeStyle): string {
  if (style === "epoch") return `${second}`;
  const iso = new Date(Number(second) * 1000).toISOString();
  if (style === "iso") return iso.slice(0, 19);
  return style === "date" ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}` : iso.slice(11, 19);
}

function decimals(nanoseconds: number): string {
  return nanoseconds % 1000 === 0 ? (nanoseconds / 1000).toString().padStart(6, "0") : nine(nanoseconds);
}

function nine(nanoseconds: number): string {
  return nanoseconds.toString().padStart(9, "0");
}

function difference(time: bigint): string {
  const size = time < 0n ? -time : time;
  const seconds = size / SECOND;
  return `${time < 0n ? "-" : ""}${seconds}.${decimals(Number(size - seconds * SECOND))}`;
}

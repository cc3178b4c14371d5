import type { Emphasis, Event, Side, Step } from "../../sim/index.ts";

export type { Emphasis, Event, Side, Step };

/** Several steps told as one. */
export interface Fold {
  readonly fold: true;
  readonly at: number;
  readonly until: number;
  readonly segments: readonly [fromLeft: number, fromRight: number];
  readonly bytes: readonly [fromLeft: number, fromRight: number];
}

export type Rung = Step | Event | Fold;

export interface Ladder {
  readonly left: string;
  readonly right: string;
  readonly rungs: readonly Rung[];
}

/** A silence longer than this stands as a line of its own, so that idle time is seen. */
export const SILENCE = 1000;

// A run of ordinary data this long is folded, but for so many steps at either end.
const RUN = 12;
const ENDS = 3;

/** Folds long runs of ordinary data and acknowledgments; what changes a state or was found stays. */
export function fold(steps: readonly (Step | Event)[]): Rung[] {
  const rungs: Rung[] = [];
  for (let i = 0; i < steps.length; ) {
    let end = i;
    while (end < steps.length && isOrdinary(steps[end], steps[end - 1])) end++;
    if (end - i <= RUN) {
      rungs.push(...steps.slice(i, Math.max(end, i + 1)));
      i = Math.max(end, i + 1);
      continue;
    }
    rungs.push(
      ...steps.slice(i, i + ENDS),
      folded(steps.slice(i + ENDS, end - ENDS) as Step[]),
      ...steps.slice(end - ENDS, end),
    );
    i = end;
  }
  return rungs;
}

function isOrdinary(step: Step | Event, before: Step | Event | undefined): step is Step {
  return (
    before !== undefined &&
    !("event" in step) &&
    step.emphasis === "plain" &&
    step.notes.length === 0 &&
    step.at - before.at < SILENCE &&
    step.states[0] === before.states[0] &&
    step.states[1] === before.states[1]
  );
}

function folded(steps: readonly Step[]): Fold {
  const segments: [number, number] = [0, 0];
  const bytes: [number, number] = [0, 0];
  for (const step of steps) {
    segments[step.from]++;
    bytes[step.from] += step.bytes;
  }
  return { fold: true, at: steps[0].at, until: steps[steps.length - 1].at, segments, bytes };
}

/** Words of a ladder, in the language of its reader. */
export interface LadderWords {
  /** So many segments with so many bytes of data. */
  data(segments: number, bytes: number): string;
  silence(length: string): string;
}

export const english: LadderWords = {
  data: (segments, bytes) => `${plural(segments, "segment")}, ${plural(bytes, "byte")}`,
  silence: (length) => `${length} of silence`,
};

/** What a fold stands for, in words. */
export function foldText({ segments, bytes }: Fold, words = english): string {
  const side = (i: Side, arrow: string) =>
    segments[i] === 0 ? "" : `${arrow} ${words.data(segments[i], bytes[i])}`;
  return [side(0, "→"), side(1, "←")].filter((text) => text !== "").join("   ");
}

/** A silence in words: `30.0 s of silence`, `2 h 0 min of silence`. */
export function silenceText(ms: number, words = english): string {
  const seconds = ms / 1000;
  if (seconds < 100) return words.silence(`${seconds.toFixed(1)} s`);
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 100) return words.silence(`${minutes} min ${whole % 60} s`);
  return words.silence(`${Math.floor(minutes / 60)} h ${minutes % 60} min`);
}

function plural(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

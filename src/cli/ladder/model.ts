/** Which side a step starts from: 0 is the left one (the client), 1 the right one. */
export type Side = 0 | 1;

/** How a step is to catch the eye. */
export type Emphasis = "plain" | "open" | "close" | "reset" | "finding" | "lost";

/** A rung of the ladder: a segment, or a run of segments that need no line each. */
export interface Step {
  /** Milliseconds since the first step. */
  readonly at: number;
  readonly from: Side;
  /** `SYN seq 0`, `1448 bytes, seq 1`; already safe to print. */
  readonly label: string;
  readonly emphasis: Emphasis;
  /** Findings and remarks, printed beneath. */
  readonly notes: readonly string[];
  /** States of both sides after the step, RFC names; empty where the capture does not show it. */
  readonly states: readonly [left: string, right: string];
  /** Frame number, where there is one. */
  readonly frame?: number;
  /** Payload bytes, for folding. */
  readonly bytes: number;
}

/** Several steps told as one. */
export interface Fold {
  readonly fold: true;
  readonly at: number;
  readonly until: number;
  readonly segments: readonly [fromLeft: number, fromRight: number];
  readonly bytes: readonly [fromLeft: number, fromRight: number];
}

export type Rung = Step | Fold;

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
export function fold(steps: readonly Step[]): Rung[] {
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
      folded(steps.slice(i + ENDS, end - ENDS)),
      ...steps.slice(end - ENDS, end),
    );
    i = end;
  }
  return rungs;
}

function isOrdinary(step: Step, before: Step | undefined): boolean {
  return (
    before !== undefined &&
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

/** What a fold stands for, in words. */
export function foldText({ segments, bytes }: Fold): string {
  const side = (i: Side, arrow: string) =>
    segments[i] === 0 ? "" : `${arrow} ${segments[i]} segments, ${bytes[i].toLocaleString("en-US")} bytes`;
  return [side(0, "→"), side(1, "←")].filter((text) => text !== "").join("   ");
}

/** A silence in words: `30.0 s of silence`, `2 h 0 min of silence`. */
export function silenceText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s of silence`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min ${Math.round(seconds % 60)} s of silence`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min of silence`;
}

import type { Clock } from "./clock.ts";

// The one file below floor 6 that reaches the runtime (test/architecture/floors.ts names it): what a host is
// given when nobody says otherwise. All it uses is the same in Node, Deno, Bun and browsers.

/** The platform's monotonic clock and timers. */
export const platformClock: Clock = {
  now: () => performance.now(),
  timer(run) {
    let handle: ReturnType<typeof setTimeout> | undefined;
    let due = Number.POSITIVE_INFINITY;
    const fire = (): void => {
      handle = undefined;
      due = Number.POSITIVE_INFINITY;
      run();
    };
    return {
      set(at, isIdle) {
        // A timer that is set may ring too early: to move it costs more than to look and set it once more.
        if (handle === undefined || at < due) {
          clearTimeout(handle);
          due = at;
          // Rounded up, for a timer that rings a fraction too early would ring again at once.
          const wait = Math.min(Math.ceil(at - performance.now()), LONGEST_WAIT);
          handle = at === Number.POSITIVE_INFINITY ? undefined : setTimeout(fire, Math.max(0, wait));
        }
        holdProcess(handle, !isIdle);
      },
    };
  },
};

/** The longest that `setTimeout` can wait, in Node and in browsers; a host that is woken early sets the rest. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** In Node, Deno and Bun a timer keeps the process alive unless told not to. Browsers have numbers for timers. */
function holdProcess(handle: unknown, hold: boolean): void {
  if (typeof handle !== "object" || handle === null) return;
  const { ref, unref } = handle as { ref?: () => void; unref?: () => void };
  (hold ? ref : unref)?.call(handle);
}

const WORDS = 256;
const words = new Uint32Array(WORDS);
let used = WORDS;

/** Unpredictable unsigned 32-bit integers, taken from the platform some hundred at a time. */
export function platformRandom(): number {
  if (used === WORDS) {
    crypto.getRandomValues(words);
    used = 0;
  }
  const word = words[used];
  words[used++] = 0;
  return word;
}

// What is measured in real time comes out otherwise where the machine stood still, or was too busy with something else.
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Milliseconds of it that may have made a difference. */
const LONG = 100;

/**
 * Does `work` and measures meanwhile how long this process, which moves the packets, did not get to it.
 *
 * @returns what `work` returns as `result`, and in `stood` the longest time in milliseconds; 0 where it was too short
 *   to matter
 */
export async function withStandstill(work) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  try {
    const result = await work();
    const stood = Math.round(delay.max / 1e6);
    return { result, stood: stood < LONG ? 0 : stood };
  } finally {
    delay.disable();
  }
}

/** The line that tells of it. */
export function again(name, stood) {
  return `    once more: ${name}, during which this process stood still for ${stood} ms`;
}

import { NEVER } from "./timers.ts";

/** What bounds our answers to segments that should not be. */
export class Challenges {
  /** Challenge ACKs since `since` (RFC 5961 7). */
  count = 0;
  since = -NEVER;
  /** When an empty segment outside the window was last answered. */
  outsideAt = -NEVER;
}

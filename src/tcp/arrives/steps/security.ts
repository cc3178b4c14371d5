import type { Tcb } from "../../tcb.ts";
import type { Segment } from "../segment.ts";

/**
 * Third: check security (RFC 9293 3.10.7.4). Compartments and precedence are the IP layer's, which hands
 * over no segment that fails there (RFC 9293 A.1, A.2), so every one passes.
 */
export function checkSecurity(_tcb: Tcb, _seg: Segment): boolean {
  return true;
}

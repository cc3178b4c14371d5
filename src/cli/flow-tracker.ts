import { FlowTracker } from "../flow/index.ts";

/** A flow tracker as the command line uses it: what it says is what tshark says, however long a silence was. */
export function flowTracker(): FlowTracker {
  return new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
}

export { init } from "../wasm/flow.ts";
export { type Analysis, NO_STREAM } from "./analysis.ts";
export * from "./findings.ts";
export { FlowTracker, type FlowTrackerOptions } from "./tracker.ts";

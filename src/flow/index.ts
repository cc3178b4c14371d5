export * from "../../assembly/layout/flow-findings.ts";
export { init } from "../wasm/flow.ts";
export { type Analysis, NO_STREAM } from "./analysis.ts";
export { Diagnoser, type DiagnoserOptions } from "./diagnose/diagnoser.ts";
export type { Diagnosis, DiagnosisName, Severity } from "./diagnose/diagnosis.ts";
export {
  type FindingName,
  findingBits,
  findingNames,
  type JudgementName,
  judgementBits,
  judgementNames,
  type StateName,
  stateName,
} from "./findings.ts";
export { type FollowChunk, type FollowOptions, follow, followStream } from "./reassembly/follow.ts";
export { type OverlapPolicy, overlapPolicies } from "./reassembly/policy.ts";
export {
  type Direction,
  Reassembler,
  type ReassemblyOptions,
  type ReassemblySink,
} from "./reassembly/reassembler.ts";
export type { Conflict, GapReason } from "./reassembly/stream.ts";
export type { ConnState, FlowRecord, FlowSide, KeepAlive, RoundTrips } from "./records.ts";
export { FlowTracker, type FlowTrackerOptions } from "./tracker.ts";

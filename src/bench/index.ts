// The benchmark as a library: no clock, no files, no process; whoever runs it brings the clock.
export { asCodec, type Codec, type SegmentFields, type SegmentSpec, type Transfer } from "./adapter.ts";
export { type CaptureKind, captureKinds, generateCapture } from "./captures.ts";
export { plainJavaScriptCodec, tcpwireCodec } from "./codecs.ts";
export type { PartialSegments } from "./digest.ts";
export { type BenchReport, type BenchSettings, benchNames, runBench } from "./package.ts";
export {
  type Contender,
  defaultTiming,
  type Outcome,
  type Race,
  type RaceResult,
  runRace,
  type Standing,
  type Timing,
} from "./race.ts";
export { crossover, formatRace, formatSummary, type Loss, losses } from "./report.ts";
export { ratios, type Summary, summarize } from "./statistics.ts";

/** What can be diagnosed. Each is a file under rules/. */
export type DiagnosisName =
  | "idle-timeout"
  | "keep-alive-unanswered"
  | "peer-vanished"
  | "unknown-session"
  | "close-wait"
  | "syn-unanswered"
  | "syn-refused"
  | "slow-handshake"
  | "loss"
  | "path-mtu-black-hole"
  | "zero-window"
  | "receiver-limited"
  | "delayed-ack"
  | "one-sided"
  | "offload"
  | "port-reuse"
  | "options-stripped"
  | "reset-injected";

/**
 * `problem`: something failed, or will; `warning`: slower or more fragile than it need be; `note`: nothing is
 * wrong, but the capture misleads without knowing it.
 */
export type Severity = "problem" | "warning" | "note";

export interface Diagnosis {
  readonly name: DiagnosisName;
  readonly severity: Severity;
  /** What happened, in a line. */
  readonly title: string;
  /** What happened and why, in plain words. */
  readonly explanation: string;
  /** The setting or change that avoids it; empty where there is nothing to change. */
  readonly advice: string;
  /** Conversations it happened to (`tcp.stream`), in order; of many the first 100. */
  readonly streams: readonly number[];
  /** How many conversations it happened to. */
  readonly conversations: number;
  /** Frames that prove it, in order; of many the first 24. */
  readonly frames: readonly number[];
  /** Figures for programs: times in milliseconds, else counts, bytes or ratios. */
  readonly values: Readonly<Record<string, number>>;
}

/** A diagnosis of one conversation, before those that are alike are told as one. */
export interface Finding extends Omit<Diagnosis, "streams" | "conversations"> {
  /** Diagnoses with the same name and key are told as one. */
  readonly key: string;
  readonly stream: number;
}

const MOST_STREAMS = 100;
const MOST_FRAMES = 24;
const order: readonly Severity[] = ["problem", "warning", "note"];

/** Tells findings that are alike as one: the first speaks for all. Worst first, then by conversation. */
export function gather(findings: readonly Finding[]): Diagnosis[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.name} ${finding.key}`;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()]
    .map(told)
    .sort(
      (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.conversations - a.conversations,
    );
}

function told(group: readonly Finding[]): Diagnosis {
  const { key: _, stream: __, ...first } = group[0];
  // Both ends of one conversation may show the same.
  const streams = [...new Set(group.map(({ stream }) => stream))];
  return {
    ...first,
    streams: streams.slice(0, MOST_STREAMS),
    conversations: streams.length,
    frames: [...new Set(group.flatMap(({ frames }) => frames))].sort((a, b) => a - b).slice(0, MOST_FRAMES),
  };
}

/** Milliseconds as one says them: `340 ms`, `4.2 s`, `75 s`, `10 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 180) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 segment`, `3 segments`. */
export function count(n: number, what: string): string {
  return `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
}

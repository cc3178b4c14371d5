// The races that need nothing but the package: `tcpwire bench`, and what a page in a browser can run.
import type { Codec } from "./adapter.ts";
import { captureKinds, generateCapture } from "./captures.ts";
import { plainJavaScriptCodec, tcpwireCodec } from "./codecs.ts";
import { openCloseRace, transferKinds, transferRace } from "./endpoint.ts";
import { chosen, type PlannedRace, runPlan } from "./plan.ts";
import { defaultTiming, type RaceResult, type Timing } from "./race.ts";
import { type Loss, losses } from "./report.ts";
import { buildRace, parseRace, segmentKinds } from "./single.ts";
import { batchContender, checksumRace, checksumSizes, residentBatch } from "./suite.ts";

export interface BenchSettings {
  /** A clock in milliseconds that only goes forward, such as `performance.now`. */
  readonly now: () => number;
  /** Codecs to put beside tcpwire and plain JavaScript. Their `init` is awaited here. */
  readonly codecs?: readonly Codec[];
  /** Names of races, or beginnings of names; all when left out or empty. See `benchNames`. */
  readonly only?: readonly string[];
  /** Frames of each capture; 100,000 when left out. */
  readonly frames?: number;
  readonly timing?: Partial<Omit<Timing, "now">>;
  /** Called as each race ends, and awaited before the next. */
  readonly onResult?: (result: RaceResult) => void | Promise<void>;
}

export interface BenchReport {
  readonly results: readonly RaceResult[];
  readonly losses: readonly Loss[];
}

/** The names of the races, for `only`. */
export const benchNames: readonly string[] = packagePlan([], 0).map(({ name }) => name);

/**
 * Races tcpwire against plain JavaScript and the codecs given: one segment parsed and built, checksums by
 * size, captures to columns, two endpoints. Nothing is read, written or started.
 *
 * @throws {RangeError} when `only` matches no race
 */
export async function runBench(settings: BenchSettings): Promise<BenchReport> {
  const { codecs = [], only = [], frames = 100_000 } = settings;
  const stray = only.find((prefix) => !benchNames.some((name) => chosen(name, [prefix])));
  if (stray !== undefined) throw new RangeError(`no race is called ${JSON.stringify(stray)}`);
  for (const codec of codecs) await codec.init?.();
  const results = await runPlan(packagePlan(codecs, frames), {
    timing: { ...defaultTiming, ...settings.timing, now: settings.now },
    only,
    onResult: settings.onResult,
  });
  return { results, losses: losses(results) };
}

function packagePlan(codecs: readonly Codec[], frames: number): PlannedRace[] {
  const ours = tcpwireCodec();
  const others = [plainJavaScriptCodec(), ...codecs];
  return [
    ...segmentKinds.map((kind) => ({
      name: `parse/${kind.name}`,
      make: () => parseRace(kind, ours, others),
    })),
    ...segmentKinds.map((kind) => ({
      name: `build/${kind.name}`,
      make: () => buildRace(kind, ours, others),
    })),
    ...checksumSizes.map((size) => ({
      name: `checksum/${size}`,
      make: () => checksumRace(size, ours, others),
    })),
    ...captureKinds.map(
      (kind): PlannedRace => ({
        name: `batch/${kind.name}`,
        make() {
          const capture = generateCapture(kind.name, frames);
          return {
            name: `batch/${kind.name}`,
            title: `${frames} frames in memory to columns, checksums verified: ${kind.title}`,
            amount: frames,
            unit: "packet",
            reference: batchContender(ours, capture),
            others: [
              residentBatch(capture),
              ...others.filter((codec) => codec.parseBatch).map((codec) => batchContender(codec, capture)),
            ],
          };
        },
      }),
    ),
    ...transferKinds.map(({ name, mtu }) => ({
      name: `endpoint/${name}`,
      make: () => transferRace(name, mtu, codecs),
    })),
    { name: "endpoint/connections", make: () => openCloseRace(codecs) },
  ];
}

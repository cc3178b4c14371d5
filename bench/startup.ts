// From the import to the first result, in processes of their own: each is started anew for every sample.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import type { Contender, Race } from "../src/bench/race.ts";

interface Start {
  readonly name: string;
  /** The body of a module that prints its own milliseconds. */
  readonly script: string;
}

/** `dist` is the built package; `capture` a small capture file. */
export function startupRace(dist: string, capture: string): Race {
  const from = (entry: string) => JSON.stringify(pathToFileURL(`${dist}/${entry}.js`).href);
  const timed = (body: string) =>
    `const start = performance.now(); ${body}; process.stdout.write(String(performance.now() - start));`;
  const header = "Uint8Array.of(0,80,195,80,0,0,0,1,0,0,0,2,80,16,2,0,0,0,0,0)";
  const starts: Start[] = [
    {
      name: "import tcpwire/wire, parse a segment",
      script: timed(`const { parseSegment } = await import(${from("wire")}); parseSegment(${header})`),
    },
    {
      name: "import tcpwire/wire, checksum of 1460 bytes (compiles the WebAssembly)",
      script: timed(`const { checksum } = await import(${from("wire")}); checksum(new Uint8Array(1460))`),
    },
    {
      name: "import tcpwire/capture, first batch",
      script:
        `import { readFileSync } from "node:fs"; const bytes = readFileSync(${JSON.stringify(capture)});` +
        timed(
          `const { readCaptureSync } = await import(${from("capture")}); for (const batch of readCaptureSync(bytes)) break`,
        ),
    },
    { name: "import of an empty module", script: timed(`await import("data:text/javascript,")`) },
  ];
  const [reference, ...others] = starts.map(contender);
  return {
    name: "startup",
    title: "Node: from the import to the first result",
    amount: 1,
    unit: "start",
    reference,
    others,
  };
}

function contender({ name, script }: Start): Contender {
  return {
    name,
    maxRepeats: 1,
    run: () => run(script) * 1e6,
    outcome() {
      run(script);
      return {};
    },
  };
}

function run(script: string): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script]);
  if (status !== 0)
    throw new Error(
      stderr
        .toString()
        .trim()
        .split("\n")
        .find((line) => /Error/.test(line)) ?? "it failed",
    );
  return Number(stdout.toString());
}

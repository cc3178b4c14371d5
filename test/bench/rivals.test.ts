import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LineProcess } from "../../bench/line-process.ts";
import { bindOnceIn } from "../../scripts/bind-once.ts";
import { inlineNumbers } from "../../scripts/inline-numbers.ts";
import { captureKinds, generateCapture } from "../../src/bench/captures.ts";
import { compare, type Outcome } from "../../src/bench/race.ts";
import { residentBatch } from "../../src/bench/suite.ts";

// Packages that find the records of a capture, as npm's do, whether those are installed or not.
const RECORDS = `
const records = (file) => {
  const found = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const data = file.subarray(at + 16, at + 16 + file.readUInt32LE(at + 8));
    found.push(data);
    at += 16 + data.length;
  }
  return found;
};`;
const PACKAGES = {
  "pcap-decoder": `${RECORDS}
    exports.default = class {
      #held = Buffer.alloc(0);
      decode(chunk) {
        this.#held = Buffer.concat([this.#held, chunk]);
        return this.#held.length < Number(process.env.CAPTURE_BYTES) ? [] : records(this.#held).map((body) => ({ body }));
      }
    };`,
  "pcap-parser": `${RECORDS}
    exports.parse = (stream) => {
      const parser = new (require("node:events").EventEmitter)();
      const chunks = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        for (const data of records(Buffer.concat(chunks))) parser.emit("packet", { data });
        parser.emit("end");
      });
      return parser;
    };`,
};

describe("the packages' process", () => {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-rivals-"));
  const program = join(folder, ".cache", "rivals.mjs");

  beforeAll(async () => {
    mkdirSync(join(folder, "rivals"));
    writeFileSync(join(folder, "rivals", "package.json"), "{}");
    for (const [name, code] of Object.entries(PACKAGES)) {
      const home = join(folder, "rivals", "node_modules", name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, "index.js"), code);
    }
    // As bench/tsup.config.ts builds it.
    await build({
      entryPoints: ["bench/rivals/process.ts"],
      outfile: program,
      bundle: true,
      format: "esm",
      platform: "node",
      minifySyntax: true,
      plugins: [inlineNumbers()],
    });
    bindOnceIn(join(folder, ".cache"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(captureKinds.map(({ name }) => name))(
    "reads headers by hand as we read them: %s",
    async (kind) => {
      const capture = generateCapture(kind, 2000);
      const path = join(folder, `${kind}.pcap`);
      writeFileSync(path, capture);
      const env = `CAPTURE_BYTES=${capture.length}`;
      const rivals = new LineProcess("the rivals", "env", [env, process.execPath, program]);
      const ours = (await residentBatch(capture).outcome()) as Outcome;
      const expected = { frames: "2000", ...ours };
      for (const id of ["pcap-decoder-headers", "pcap-parser-headers"]) {
        const outcome = JSON.parse(await rivals.ask(`outcome ${id} 2000 ${path}`)) as Outcome;
        expect(Object.keys(outcome)).toContain("seq");
        expect(compare(expected, outcome).differs).toBeUndefined();
      }
      await expect(rivals.ask(`outcome nothing 2000 ${path}`)).rejects.toThrow("no reader nothing");
      rivals.close();
    },
  );
});

describe("a program that answers lines", () => {
  const dying = ["-c", "read line; echo $line; read line; kill -KILL $$"];

  test("says how it ended", async () => {
    const program = new LineProcess("the program", "sh", dying);
    expect(await program.ask("one")).toBe("one");
    await expect(program.ask("two")).rejects.toThrow("the program ended (SIGKILL) at: two");
    await expect(program.ask("three")).rejects.toThrow("the program ended (SIGKILL) at: three");
  });

  test("is started again where lines do not depend on one another", async () => {
    const program = new LineProcess("the program", "sh", dying, true);
    expect(await program.ask("one")).toBe("one");
    await expect(program.ask("two")).rejects.toThrow("ended");
    expect(await program.ask("three")).toBe("three");
    program.close();
  });
});

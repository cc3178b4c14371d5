// Several files, and one that is split, printed by threads as by one.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { generateCapture } from "../../src/bench/captures.ts";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { ethernet, ipv4, pattern, tcp4 } from "../codec/packets.ts";
import { files, tcpwire } from "./harness.ts";

const story = new Uint8Array(readFileSync("sample/story.pcapng"));
const small = pcap([tcpFrame({ seq: 1 }), tcpFrame({ seq: 11 })]);
const whole = tcp4({ seq: 5, payload: pattern(100) });
const lonely = ethernet(ipv4(whole.slice(0, 64), { id: 5, fragment: 0x2000 }));
const { path, clean } = files({
  "story.pcapng": story,
  "small.pcap": small,
  "short.pcap": small.subarray(0, small.length - 1),
  // Two and a half mebibytes: five ranges.
  "large.pcap": generateCapture("mixed", 4000),
  "large-short.pcap": generateCapture("acks", 30_000).subarray(0, 2_000_001),
  // A fragment that nothing follows.
  "large-lonely.pcap": pcap([lonely, ...Array.from({ length: 20_000 }, (_, i) => tcpFrame({ seq: i * 10 }))]),
});
afterAll(clean);

const three = [path("story.pcapng"), path("short.pcap"), path("small.pcap")];

/** The built program as a process: only there are threads. */
function run(args: readonly string[], input?: Uint8Array) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli.js", ...args], {
    input,
    maxBuffer: 1 << 28,
  });
  return { status, out: stdout.toString("latin1"), err: stderr.toString() };
}

const COMMANDS = [
  [],
  ["--json"],
  ["segments"],
  ["segments", "--json"],
  ["segments", "-T", "fields", "-E", "header=y", "-e", "frame.number", "-e", "tcp.payload"],
  ["flows"],
  ["flows", "--json", "-Y", "tcp.len >= 0"],
  ["diagnose"],
  ["diagnose", "--json", "--fail-on", "note"],
];

describe("several files", () => {
  test.each(COMMANDS.map((command) => [command]))("%j: threads print what one prints", async (command) => {
    const one = await tcpwire([...command, ...three]);
    const many = run([...command, ...three, "--threads", "3"]);
    expect({ ...many, out: Buffer.from(many.out, "latin1").toString() }).toEqual(one);
  });

  test("the exit status is the worst, the message names the file, the others are printed", () => {
    const { status, out, err } = run(["segments", ...three, "--threads", "2"]);
    expect(status).toBe(3);
    expect(err).toMatch(/^tcpwire: \S*short\.pcap: byte \d+: cut short/);
    expect(out.match(/^==> .* <==$/gm)).toEqual(three.map((file) => `==> ${file} <==`));
    expect(out.indexOf("==> ")).toBe(0);
    expect(out).toContain(`\n\n==> ${three[2]} <==\n`);
  });

  test("findings in one of them are a status of all", async () => {
    const args = ["diagnose", path("story.pcapng"), path("small.pcap"), "--fail-on", "problem"];
    expect((await tcpwire(args)).status).toBe(1);
    expect(run([...args, "--threads", "2"]).status).toBe(1);
  });

  test("a file that is not there is said in its place", () => {
    const { status, out, err } = run(["flows", path("none.pcap"), path("small.pcap"), "--threads", "2"]);
    expect([status, err]).toEqual([3, `tcpwire: ${path("none.pcap")}: no such file\n`]);
    expect(out).toMatch(/^==> .*small\.pcap <==\n/);
  });

  test("objects say which file they are of, and rows have one header", async () => {
    const { out } = await tcpwire(["segments", "--json", path("small.pcap"), path("small.pcap")]);
    const objects = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects.map(({ file, frame }) => [file, frame])).toEqual(
      [1, 2, 1, 2].map((frame) => [path("small.pcap"), frame]),
    );
    const fields = ["-T", "fields", "-E", "header=y", "-e", "frame.number"];
    const table = await tcpwire(["segments", path("small.pcap"), path("small.pcap"), ...fields]);
    expect(table.out).toBe("frame.number\n1\n2\n1\n2\n");
  });

  test("standard input is one of them", () => {
    const { status, out } = run(["segments", path("small.pcap"), "-", "--threads", "2"], story);
    expect(status).toBe(0);
    expect(out).toContain("==> - <==");
    expect(out.split("\n").length).toBeGreaterThan(100);
  });

  test("a reader that goes away ends all threads", () => {
    const line = `"${process.execPath}" dist/cli.js segments ${path("large.pcap")} ${path("large.pcap")} --threads 2 | head -1`;
    const { stdout, stderr, status } = spawnSync("bash", ["-c", `set -o pipefail; ${line}`], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, `==> ${path("large.pcap")} <==\n`, ""]);
  });

  test("a data set is the same by whatever threads", () => {
    const digests = ["1", "3"].map((threads) => {
      const folder = path(`set-${threads}`);
      const args = ["export", ...three, "-o", `${folder}/`, "--format", "parquet", "--threads", threads];
      expect(run(args).status).toBe(3);
      const paths = readdirSync(folder, { recursive: true }).map(String).sort();
      return paths
        .filter((name) => name.endsWith(".parquet"))
        .map((name) => [
          name,
          createHash("sha256")
            .update(readFileSync(join(folder, name)))
            .digest("hex"),
        ]);
    });
    expect(digests[0]).toHaveLength(3);
    expect(digests[1]).toEqual(digests[0]);
  });
});

describe("one file, split", () => {
  test.each([
    ...COMMANDS.map((command) => ["large.pcap", command] as const),
    ["large-short.pcap", ["--json"]] as const,
    ["large-short.pcap", ["flows", "--json"]] as const,
    ["large-lonely.pcap", ["--json"]] as const,
  ])("%s %j", (name, command) => {
    const one = run([...command, path(name), "--threads", "1"]);
    expect(run([...command, path(name), "--threads", "2"])).toEqual(one);
    expect(one.out.length).toBeGreaterThan(0);
  });

  test("to Parquet, to the byte", () => {
    const [one, two] = ["1", "2"].map((threads) => {
      const out = path(`split-${threads}.parquet`);
      expect(run(["export", path("large-lonely.pcap"), "-o", out, "--threads", threads]).status).toBe(0);
      return readFileSync(out);
    });
    expect(two.equals(one)).toBe(true);
  });
});

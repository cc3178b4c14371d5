// The built program as a process: pipes, standard input, exit statuses as a shell sees them.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { files } from "./harness.ts";

// 5,000 rows are 500 kB of text: more than a pipe holds.
const large = pcap(Array.from({ length: 5000 }, (_, i) => tcpFrame({ seq: i * 10 })));
const { path, clean } = files({
  "large.pcap": large,
  "large.pcap.gz": gzipSync(large),
  "short.pcap": large.subarray(0, large.length - 1),
});
afterAll(clean);

/** A shell line in which `tcpwire` is the built program. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const program = [process.execPath, "dist/cli.js"].map((word) => JSON.stringify(word)).join(" ");
  const script = `set -o pipefail; tcpwire() { ${program} "$@"; }; ${line}`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8", maxBuffer: 1 << 26 });
}

const rows = (text: string) => text.split("\n").length - 1;

describe("a reader that goes away", () => {
  test.each([
    ["segments", `tcpwire segments ${path("large.pcap")} | head -1`],
    ["fields", `tcpwire segments ${path("large.pcap")} -e tcp.seq_raw -e tcp.payload | head -1`],
    ["JSON", `tcpwire segments ${path("large.pcap")} --json | head -1`],
  ])("ends %s quietly", (_, line) => {
    const { status, stdout, stderr } = shell(line);
    expect([status, rows(stdout), stderr]).toEqual([0, 1, ""]);
  });

  test("before anything was printed", () => {
    expect(shell(`tcpwire ${path("large.pcap")} | true`)).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("standard input", () => {
  test.each([
    ["from a pipe", `cat ${path("large.pcap")} | tcpwire segments -`],
    ["from a file", `tcpwire segments - < ${path("large.pcap")}`],
    ["compressed", `cat ${path("large.pcap.gz")} | tcpwire segments -`],
    ["in small pieces", `dd if=${path("large.pcap")} bs=1111 status=none | tcpwire segments -`],
  ])("%s", (_, line) => {
    const { status, stdout, stderr } = shell(line);
    expect([status, rows(stdout), stderr]).toEqual([0, 5000, ""]);
  });

  test("that ends at once is no capture", () => {
    const { status, stdout, stderr } = shell("tcpwire segments - < /dev/null");
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^tcpwire: standard input: byte 0: /);
  });
});

describe("the process", () => {
  test("gives every row before it says that the capture is damaged", () => {
    const { status, stdout, stderr } = shell(`tcpwire segments ${path("short.pcap")}`);
    expect([status, rows(stdout)]).toEqual([3, 4999]);
    expect(stderr).toMatch(/short\.pcap: byte \d[\d,]+: cut short/);
  });

  test("exits with 2 for a command line that was not understood", () => {
    expect(shell("tcpwire --frobnicate").status).toBe(2);
  });

  test("is a script that runs by itself and knows its version", () => {
    accessSync("dist/cli.js", constants.X_OK);
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(spawnSync("dist/cli.js", ["--version"], { encoding: "utf8" }).stdout).toBe(`tcpwire ${version}\n`);
  });

  test("has no escape sequences for a pipe", () => {
    expect(shell(`tcpwire ${path("large.pcap")}`).stdout).not.toContain("\x1b");
  });
});

describe("a full disk", () => {
  // Linux has a device that is always full.
  const isThere = existsSync("/dev/full");
  if (!isThere) console.log("skipped: a full disk: there is no /dev/full here");
  test.runIf(isThere).each([
    ["standard output", `tcpwire segments ${path("large.pcap")} > /dev/full`, "output"],
    [
      "a table on standard output",
      `tcpwire export ${path("large.pcap")} -o - --format csv > /dev/full`,
      "output",
    ],
    [
      "a table",
      `tcpwire export ${path("large.pcap")} -o /dev/full --format parquet`,
      "/dev/full: cannot be written",
    ],
    [
      "several files",
      `tcpwire flows ${path("large.pcap")} ${path("large.pcap")} --threads 2 > /dev/full`,
      "output",
    ],
  ])("under %s is said, and is no bug", (_, line, where) => {
    const { status, stderr } = shell(line);
    expect([status, stderr.split("\n")[0]]).toEqual([3, `tcpwire: ${where}: no space left`]);
  });
});

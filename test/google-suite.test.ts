// google's own scripts, where a copy of packetdrill lies at hand, against the list of what becomes of each.
// Nothing of theirs is in this repository: TCPWIRE_PACKETDRILL names the folder gtests/net/tcp of the copy.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { shellFiles } from "../src/cli/packetdrill/scripts.ts";
import { type Header, parseScript, runScript } from "../src/packetdrill/index.ts";

const LIST = "test/scripts/google-suite.tsv";
const folder = process.env.TCPWIRE_PACKETDRILL;
if (folder === undefined) {
  console.log("google's packetdrill suite is not run: TCPWIRE_PACKETDRILL=PATH/gtests/net/tcp names a copy");
} else if (!existsSync(folder)) {
  throw new Error(`TCPWIRE_PACKETDRILL: there is no ${folder}`);
}

const listed = readFileSync(LIST, "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split("\t") as [script: string, verdict: string, reason?: string]);

// What the suite's own driver gives its scripts.
const DEFINES = new Map([
  ["TFO_COOKIE", "3021b9d889017eeb"],
  ["CODE", "host_unreachable"],
  ["CMSG_LEVEL_IP", "SOL_IP"],
  ["CMSG_TYPE_RECVERR", "IP_RECVERR"],
]);
const TOLERANCE: Header = { line: 0, name: "tolerance_percent", value: "12.5" };
const VERSION_6: Header = { line: 0, name: "ip_version", value: "ipv6" };

test("each script that does not pass has its reason in the list, and each verdict is one of three", () => {
  expect(listed.filter(([, verdict, reason]) => verdict !== "passed" && !reason)).toEqual([]);
  expect(new Set(listed.map(([, verdict]) => verdict))).toEqual(new Set(["passed", "differs", "skipped"]));
});

if (folder === undefined)
  test.skip("google's packetdrill suite, a copy of which TCPWIRE_PACKETDRILL names", () => {});
else describe("google's packetdrill suite", () => suite(folder));

function suite(folder: string): void {
  test("is listed script by script", () => {
    const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".pkt"),
    );
    expect(found.sort()).toEqual(listed.map(([script]) => script).sort());
  });

  test.each(listed)("%s: %s", (name, verdict) => {
    const path = join(folder, name);
    const script = parseScript(readFileSync(path, "utf8"), path, DEFINES);
    const outcome = runScript(script, {
      // As Linux: empty probes of a closed window; and slow start without RFC 9406's limits, which it does not have.
      settings: { windowProbe: "empty", hystart: false },
      headers: name.includes("v6") ? [TOLERANCE, VERSION_6] : [TOLERANCE],
      readScript: shellFiles(path),
    });
    const status = { passed: "passed", differs: "failed", skipped: "skipped" }[verdict];
    expect(outcome, `${LIST} says ${verdict}`).toMatchObject({ status });
  });
}

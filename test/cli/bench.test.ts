import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { files, tcpwire } from "./harness.ts";

// Each look at the clock is long after the last: nothing is repeated to fill the time.
const world = { tick: 1000 };
const codec = (body: string) => new TextEncoder().encode(`export default { name: "guest", ${body} };`);

let codecs: ReturnType<typeof files>;
beforeAll(() => {
  codecs = files({
    "wrong.mjs": codec("checksum: () => 1"),
    "empty.mjs": codec(""),
    "broken.mjs": new TextEncoder().encode("export default {"),
  });
});
afterAll(() => codecs.clean());

describe("tcpwire bench", () => {
  test("prints a race as text and ends with how to read it", async () => {
    const { status, out } = await tcpwire(["bench", "--only", "checksum/1460", "--rounds", "2"], world);
    expect(status).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toBe("checksum/1460  Internet checksum of 1460 bytes in JavaScript memory");
    expect(lines.slice(1, 4).map((line) => /^ {2}(\S.*?) {2}/.exec(line)?.[1])).toEqual([
      "tcpwire",
      "WebAssembly, copied in",
      "plain JavaScript",
    ]);
    expect(out).toContain("×: how many times as long as the first line");
  });

  test("prints one JSON object with --json, the rounds and the races that were asked for", async () => {
    const line = ["bench", "--json", "--rounds", "4", "--only", "checksum/20", "--only", "parse/syn"];
    const { status, out } = await tcpwire(line, world);
    expect(status).toBe(0);
    const { results, losses } = JSON.parse(out);
    expect(results.map((r: { name: string }) => r.name)).toEqual(["parse/syn", "checksum/20"]);
    expect(results.map((r: { rounds: number }) => r.rounds)).toEqual([4, 4]);
    expect(losses).toEqual([]);
  });

  test("puts another codec beside ours, and gives it no ratio where it is wrong", async () => {
    const line = ["bench", "--only", "checksum/64", "--rounds", "2", "--with", codecs.path("wrong.mjs")];
    const { status, out } = await tcpwire(line, world);
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}guest .* no ratio: other results in checksums$/m);
  });

  test.each([
    ["empty.mjs", /codec guest: none of `checksum`/],
    ["broken.mjs", /broken\.mjs: /],
    ["missing.mjs", /missing\.mjs: /],
  ])("says of %s what is wrong with it, with status 3", async (name, message) => {
    const { status, out, err } = await tcpwire(["bench", "--with", codecs.path(name)], world);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toMatch(message);
  });

  test.each([
    [["--only", "chekcsum"], "no race is called chekcsum; there are parse/bare"],
    [["--rounds", "0"], '--rounds wants a whole number from 1 on, not "0"'],
    [["--frames", "many"], '--frames wants a whole number from 1 on, not "many"'],
    [["capture.pcap"], "bench takes no FILE"],
  ])("refuses %j", async (args, message) => {
    const { status, out, err } = await tcpwire(["bench", ...args], world);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });
});

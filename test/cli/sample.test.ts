// The capture that ships with the repository, and what the command line says of it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tcpwire } from "./harness.ts";

const sample = "sample/story.pcapng";
const columns = (...names: string[]) => names.flatMap((name) => ["-e", name]);

test("the script makes the sample again byte for byte", () => {
  const made = execFileSync(process.execPath, ["scripts/make-sample.mjs", "-"]);
  expect(made.equals(readFileSync(sample))).toBe(true);
});

describe("golden outputs", () => {
  test.each([
    ["report.txt", [sample]],
    ["report.ndjson", [sample, "--json"]],
    ["segments.txt", ["segments", sample]],
    ["segments-absolute.txt", ["segments", sample, "-S", "-t", "date", "-c", "30"]],
    ["segments.ndjson", ["segments", sample, "--json"]],
    [
      "fields.tsv",
      [
        "segments",
        sample,
        "-T",
        "fields",
        "-E",
        "header=y",
        ...columns("frame.number", "frame.time_epoch", "ip.src", "ipv6.dst", "tcp.srcport", "tcp.stream"),
        ...columns("tcp.seq", "tcp.ack", "tcp.flags", "tcp.len", "tcp.option_kind", "tcp.options.sack_le"),
        ...columns("tcp.analysis.keep_alive", "tcp.analysis.ack_rtt", "tcpwire.checksum", "tcpwire.vlan"),
      ],
    ],
    ["flows.txt", ["flows", sample]],
    ["flows.ndjson", ["flows", sample, "--json"]],
    ["diagnose.txt", ["diagnose", sample]],
    ["ladder.txt", ["ladder", sample, "--flow", "2"]],
    ["help-flows.txt", ["flows", "--help"]],
    ["help-segments.txt", ["segments", "--help"]],
    ["help-report.txt", ["report", "--help"]],
    ["list-fields.txt", ["segments", "--list-fields"]],
  ])("%s", async (name, args) => {
    const { status, out, err } = await tcpwire(args);
    expect([status, err]).toEqual([0, ""]);
    await expect(out).toMatchFileSnapshot(`golden/${name}`);
  });

  test("colours change nothing but colours", async () => {
    const plain = await tcpwire(["segments", sample]);
    const colored = await tcpwire(["segments", sample], { terminal: true });
    expect(colored.out).not.toBe(plain.out);
    const codes = ["0", "1", "2", "31", "33"].map((code) => `\x1b[${code}m`);
    expect(codes.reduce((text, code) => text.replaceAll(code, ""), colored.out)).toBe(plain.out);
  });

  test("--json is one object a line", async () => {
    const { out } = await tcpwire(["segments", sample, "--json"]);
    const rows = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.length).toBe(122);
    expect(rows[0]).toMatchObject({ frame: 5, srcPort: 51022, flags: ["SYN"], options: { mss: 1460 } });
  });
});

describe("the story is told", () => {
  const frames = async (filter: string) => {
    const { out } = await tcpwire(["segments", sample, "-Y", filter, "-e", "frame.number"]);
    return out.trim().split("\n").filter(Boolean).map(Number);
  };
  test.each([
    ["a segment is lost and sent again at once", "tcp.analysis.fast_retransmission", [23]],
    ["ten keep-alive probes are answered", "tcp.analysis.keep_alive_ack && tcp.stream == 1", 10],
    ["the request after the silence is reset", "tcp.stream == 2 && tcp.flags.reset == 1", [109]],
    ["nobody listens", "tcp.flags == 0x14", [42]],
    ["the receiver has no room", "tcp.analysis.zero_window", 5],
    ["and is asked by a byte", "tcp.analysis.zero_window_probe", 4],
    ["a SYN is repeated", "ipv6 && tcp.analysis.retransmission", [69]],
    ["offload leaves checksums", 'tcpwire.checksum == "partial"', [85, 86, 89]],
    ["one segment is larger than any link carries", "tcp.len > 1460", [86]],
  ])("%s: %s", async (_, filter, expected) => {
    const found = await frames(filter);
    if (typeof expected === "number") expect(found.length).toBe(expected);
    else expect(found).toEqual(expected);
  });

  test("sequence numbers wrap", async () => {
    const { out } = await tcpwire(["segments", sample, "-Y", "tcp.srcport == 80", "-e", "tcp.seq_raw"]);
    const numbers = out.trim().split("\n").map(Number);
    expect(Math.max(...numbers)).toBeGreaterThan(0xfffff000);
    expect(Math.min(...numbers)).toBeLessThan(0x1000);
  });
});

// What others see in the captures of the scenarios: the findings that the story promises and no more, good checksums but
// where a bit was flipped. By our own tracker always, by tshark where it is installed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCapture } from "../../src/capture/index.ts";
import { FlowTracker, findingNames } from "../../src/flow/index.ts";
import { scenarios, simulate } from "../../src/sim/index.ts";
import { tsharkVersion } from "../codec/tshark.ts";
import { random } from "../flow/talk.ts";

/** Findings by Wireshark's names, where there are any. */
const promised: Record<string, string[]> = {
  // To Wireshark the SYN+ACK of a simultaneous open is the SYN sent again.
  "simultaneous-open": ["retransmission"],
  "random-isn": ["reused_ports"],
  // The server's SYN+ACK, which nobody answers; the same forged SYN in the second act, where the forged ACK is of what
  // was never sent, and the RST has its number.
  "blind-injection": ["ack_lost_segment", "lost_segment", "retransmission", "reused_ports"],
  "window-scaling": ["window_full"],
  "checksum-corruption": ["retransmission"],
  "syn-retransmission": ["retransmission"],
  "loss-recovery": ["duplicate_ack", "fast_retransmission", "out_of_order", "retransmission"],
  // What did not fit is sent again at once, in pieces, which Wireshark takes for segments out of order.
  "path-mtu": ["duplicate_ack", "out_of_order", "retransmission"],
  "zero-window": [
    "window_full",
    "window_update",
    "zero_window",
    "zero_window_probe",
    "zero_window_probe_ack",
  ],
  "keepalive-answered": ["keep_alive", "keep_alive_ack"],
  zombie: ["keep_alive"],
  "fin-dropped": ["keep_alive"],
  "load-balancer": ["keep_alive", "keep_alive_ack"],
};
const badChecksums: Record<string, number> = { "checksum-corruption": 1 };

describe.each(scenarios.map(({ name }) => name))("the capture of %s", (name) => {
  const file = simulate(name).capture();

  test("has the findings that the story promises, by our tracker", async () => {
    const table = await parseCapture(file);
    const said = new FlowTracker({ random }).add(table);
    const found = new Set(
      Array.from({ length: table.length }, (_, i) => findingNames(said.findings[i])).flat(),
    );
    expect([...found].sort()).toEqual(promised[name] ?? []);
  });

  if (tsharkVersion === undefined) {
    console.log("skipped: tshark is not installed (apt install tshark)");
    test.runIf(process.env.CI)("in CI tshark is there", () => expect(tsharkVersion).toBeDefined());
    return;
  }
  test("has the findings that the story promises, and good checksums, by tshark", () => {
    const rows = ask(file);
    const found = new Set(rows.flatMap((row) => FINDINGS.filter((_, i) => row[i + 1] !== "")));
    expect([...found].sort()).toEqual(promised[name] ?? []);
    // Wireshark's words: 0 bad, 1 good.
    expect(rows.filter((row) => row[0] !== "1")).toHaveLength(badChecksums[name] ?? 0);
    expect(rows.length).toBeGreaterThan(2);
  });
});

test("packet comments carry the story, interfaces and hosts their names", () => {
  const text = new TextDecoder().decode(simulate("handshake", { language: "ko" }).capture());
  for (const part of ["client eth0", "server", "STEP 1. 클라이언트가 SYN을 보낸다"])
    expect(text).toContain(part);
});

const FINDINGS = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "reused_ports",
  "lost_segment",
  "ack_lost_segment",
  "window_update",
  "window_full",
  "keep_alive",
  "keep_alive_ack",
  "duplicate_ack",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
];

/** Checksum status, then the findings, of each frame. */
function ask(file: Uint8Array): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
  try {
    const path = join(folder, "story.pcapng");
    writeFileSync(path, file);
    const fields = ["tcp.checksum.status", ...FINDINGS.map((name) => `tcp.analysis.${name}`)];
    const out = execFileSync(
      "tshark",
      [
        "-n",
        "-r",
        path,
        "-o",
        "tcp.check_checksum:TRUE",
        // Not the headers that ICMP errors quote.
        "-Y",
        "tcp && !icmp && !icmpv6",
        "-T",
        "fields",
        ...fields.flatMap((f) => ["-e", f]),
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    return out
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => line.split("\t"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

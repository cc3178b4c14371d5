import { readFileSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fold, foldText, type Step, silenceText } from "../../src/cli/ladder/model.ts";
import { ladderSvg } from "../../src/cli/ladder/svg.ts";
import { ladderText } from "../../src/cli/ladder/text.ts";
import { style } from "../../src/cli/terminal/style.ts";
import { simulate } from "../../src/sim/index.ts";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { files, tcpwire } from "./harness.ts";

const step = (at: number, from: 0 | 1, label: string, more: Partial<Step> = {}): Step => ({
  at,
  from,
  label,
  emphasis: "plain",
  notes: [],
  states: ["ESTABLISHED", "ESTABLISHED"],
  bytes: 0,
  ...more,
});
const draw = (steps: Step[]) => ladderText({ left: "a.1", right: "b.2", rungs: steps }, 90, style(false));

describe("a ladder as text", () => {
  test("a state stands where it changes, on its side, and arrows point the way the segment went", () => {
    const lines = draw([
      step(0, 0, "SYN", { states: ["SYN-SENT", ""] }),
      step(20, 1, "SYN ACK", { states: ["SYN-SENT", "SYN-RECEIVED"] }),
      step(21, 0, "ack 1"),
    ]);
    expect(lines[1]).toMatch(/^ {2}0\.000000 {5}SYN-SENT │── SYN ─+▶│$/);
    expect(lines[2]).toMatch(/^ {2}0\.020000 {14}│◀─+ SYN ACK ──│ SYN-RECEIVED$/);
    expect(lines[3]).toMatch(/ESTABLISHED │── ack 1 ─+▶│ ESTABLISHED$/);
    expect(new Set(lines.slice(1).map((line) => line.indexOf("│"))).size).toBe(1);
  });

  test("silence of more than a second and what was found have lines of their own", () => {
    const lines = draw([
      step(0, 0, "x"),
      step(45_000, 0, "ack 1", { notes: ["keep alive"], emphasis: "finding" }),
    ]);
    expect(lines[2]).toContain("45.0 s of silence");
    expect(lines[4]).toContain("(keep alive)");
  });

  test("both sides stay straight on a screen that is too narrow for what stands between them", () => {
    const bulk = Array.from({ length: 40 }, (_, i) => step(9 + i, (i % 2) as 0 | 1, "data", { bytes: 1000 }));
    const rungs = fold([
      step(0, 0, "SYN ACK seq 0 ack 1 mss 1460 wscale 7 win 65160"),
      step(1, 1, "ack 1"),
      ...bulk,
    ]);
    const long = { at: 60, side: 1, event: `${"x".repeat(60)}()`, states: ["", ""] } as const;
    for (const each of [
      rungs,
      [step(0, 0, "x", { notes: ["y".repeat(70)] }), step(1, 1, "ack 1")],
      [...rungs, long],
    ]) {
      const lines = ladderText({ left: "a.1", right: "b.2", rungs: each }, 40, style(false)).slice(1);
      expect(new Set(lines.map((line) => line.indexOf("│"))).size).toBe(1);
      expect(new Set(lines.map((line) => line.lastIndexOf("│"))).size).toBe(1);
    }
  });

  test("where nothing may be wider, what has no room beside its arrow stands beneath it, numbers with their names", () => {
    const rungs = [
      step(0, 0, "SYN ACK seq 0 ack 1 mss 1460 wscale 7 win 65160", {
        notes: ["a note that is longer than that"],
      }),
      step(1, 1, "ack 1"),
      { at: 60, side: 1, event: "setsockopt(SO_KEEPALIVE) and more of it", states: ["", ""] } as const,
    ];
    const lines = ladderText({ left: "a.1", right: "b.2", rungs }, 72, style(false), undefined, true);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(72);
    expect(lines.slice(1)).toEqual([
      "  0.000000  ESTABLISHED │── SYN ACK seq 0 ack 1 ──────▶│ ESTABLISHED",
      "                        │   mss 1460 wscale 7          │",
      "                        │   win 65160                  │",
      "                        │ (a note that is longer than  │",
      "                        │            that)             │",
      "  0.001000              │◀──────────────────── ack 1 ──│",
      "  0.060000              │ setsockopt(SO_KEEPALIVE) and │",
      "                        │                   more of it │",
    ]);
  });

  test("a segment that got lost ends in a cross", () => {
    expect(draw([step(0, 0, "x", { emphasis: "lost" })])[1]).toContain("✕");
  });
});

describe("folding", () => {
  const bulk = (n: number) =>
    Array.from({ length: n }, (_, i) => step(i, (i % 2) as 0 | 1, "data", { bytes: i % 2 ? 1000 : 0 }));

  test("a long run of ordinary data becomes one line that counts what it stands for", () => {
    const rungs = fold(bulk(41));
    // The first step has none before it to be ordinary against; three are kept at either end of the run.
    expect(rungs).toHaveLength(1 + 3 + 1 + 3);
    expect(foldText(rungs[4] as never)).toBe("→ 17 segments, 0 bytes   ← 17 segments, 17,000 bytes");
  });

  test("short runs, findings, state changes and silences are never folded", () => {
    expect(fold(bulk(12))).toHaveLength(12);
    const steps = bulk(60).map((s, i) => (i % 10 === 0 ? { ...s, notes: ["retransmitted"] } : s));
    expect(fold(steps)).toHaveLength(60);
    expect(fold(bulk(60).map((s, i) => ({ ...s, at: i * 2000 })))).toHaveLength(60);
  });
});

test("the picture is not written over the capture that it is drawn of", async () => {
  const { path, clean } = files({ "a.pcap": pcap([tcpFrame({ seq: 100 })]) });
  symlinkSync(path("a.pcap"), path("b.svg"));
  for (const out of ["a.pcap", "b.svg"]) {
    const { status, err } = await tcpwire(["ladder", path("a.pcap"), "--flow", "0", "--svg", path(out)]);
    expect([status, err.split("\n")[0]]).toEqual([2, "tcpwire: --svg would write over the capture itself"]);
  }
  expect((await tcpwire(["ladder", path("a.pcap"), "--flow", "0"])).status).toBe(0);
  clean();
});

test("a capture that is cut before its first segment gives no empty ladder, and leaves the picture that is there", async () => {
  const whole = pcap([tcpFrame({ seq: 100 })]);
  const { path, clean } = files({
    "cut.pcap": whole.subarray(0, whole.length - 30),
    "old.svg": new TextEncoder().encode("<svg/>"),
  });
  const args = ["ladder", path("cut.pcap"), "--flow", "0"];
  for (const more of [[], ["--svg", path("old.svg")]]) {
    const { status, out, err } = await tcpwire([...args, ...more]);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toContain("cut short");
  }
  expect(readFileSync(path("old.svg"), "utf8")).toBe("<svg/>");
  clean();
});

test("an agreed window scale of 0 is said, and that the window opens is the news of an answered probe", async () => {
  const { path, clean } = files({
    "a.pcap": simulate("zero-window", { parameters: { stall: 2 } }).capture("pcap"),
  });
  const { out } = await tcpwire(["ladder", path("a.pcap"), "--flow", "0", "--all"]);
  expect(out).toContain("SYN ACK seq 0 ack 1 mss 1460 wscale 0 win 8192");
  const lines = out.split("\n");
  const opens = lines.findIndex((line) => line.includes("ack 8193 win 8192"));
  expect(opens).toBeGreaterThan(0);
  expect(lines[opens + 1]).toContain("(window update)");
  clean();
});

test("silences are told in the unit that suits them", () => {
  expect(silenceText(1500)).toBe("1.5 s of silence");
  expect(silenceText(119_994)).toBe("2 min 0 s of silence");
  expect(silenceText(187_400)).toBe("3 min 7 s of silence");
  expect(silenceText(7_200_000)).toBe("2 h 0 min of silence");
});

test("one segment, one byte", () => {
  const one = { fold: true, at: 0, until: 0, segments: [1, 2], bytes: [0, 1] } as const;
  expect(foldText(one)).toBe("→ 1 segment, 0 bytes   ← 2 segments, 1 byte");
});

test("the picture escapes what it is given and holds no script", () => {
  const svg = ladderSvg({
    left: `<script>"&'`,
    right: "b",
    rungs: [step(0, 0, "</text><script>alert(1)</script>")],
  });
  expect(svg).not.toContain("<script");
  expect(svg).toContain("&#60;script&#62;");
  expect(svg.startsWith("<svg ")).toBe(true);
});

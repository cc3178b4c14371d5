// Captures between real kernels: what each shows is told, what only looks like it is not. How they came to be
// stands in captures/captures.json; captures/record.mjs makes them again.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCaptureSync } from "../../src/capture/index.ts";
import { Diagnoser, type Diagnosis, type DiagnosisName, FlowTracker } from "../../src/flow/index.ts";

interface Scene {
  readonly name: string;
  /** The diagnosis that it shows, or the one that it looks like. */
  readonly shows?: DiagnosisName;
  readonly resembles?: DiagnosisName;
  readonly diagnoses: readonly DiagnosisName[];
  readonly how: string;
}

const folder = new URL("captures/", import.meta.url);
const scenes: readonly Scene[] = JSON.parse(readFileSync(new URL("captures.json", folder), "utf8"));

const every: Record<DiagnosisName, true> = {
  "idle-timeout": true,
  "keep-alive-unanswered": true,
  "peer-vanished": true,
  "unknown-session": true,
  "close-wait": true,
  "syn-unanswered": true,
  "syn-refused": true,
  "slow-handshake": true,
  loss: true,
  "path-mtu-black-hole": true,
  "zero-window": true,
  "receiver-limited": true,
  "delayed-ack": true,
  "one-sided": true,
  offload: true,
  "port-reuse": true,
  "options-stripped": true,
  "reset-injected": true,
};

describe.each(Object.keys(every) as DiagnosisName[])("%s", (name) => {
  const shown = scenes.filter(({ shows }) => shows === name);
  const alike = scenes.filter(({ resembles }) => resembles === name);

  test("has a capture that shows it and one that only looks alike", () => {
    expect(shown.length).toBeGreaterThan(0);
    expect(alike.length).toBeGreaterThan(0);
  });

  test.each(shown)("is told of $name, and nothing else is: $how", ({ name: scene }) => {
    const told = diagnose(scene);
    expect(new Set(told.map((d) => d.name))).toEqual(new Set([name]));
    for (const { frames } of told) expect(frames.length).toBeGreaterThan(0);
  });

  test.each(alike)("is not told of $name: $how", ({ name: scene, diagnoses }) => {
    expect(diagnoses).not.toContain(name);
    expect(diagnose(scene).map((d) => d.name)).toEqual(diagnoses);
  });
});

describe("what is told of them", () => {
  const only = (scene: string) => diagnose(scene)[0];

  test("the idle timeout lies between the silence that was survived and the one that was not", () => {
    const { idle, survivedIdle } = only("idle-timeout-reset").values;
    expect(Math.round(idle / 1000)).toBe(14);
    expect(survivedIdle).toBeGreaterThan(10_400);
    expect(survivedIdle).toBeLessThan(12_000);
  });

  test("a RST of the router's own is told by its TTL", () => {
    expect(only("idle-timeout-reset").explanation).toContain("something in between sent it");
  });

  test("TCP_KEEPINTVL and TCP_KEEPCNT are read off the probes", () => {
    const { unanswered, interval, cleared } = only("keep-alive-unanswered").values;
    expect({ unanswered, cleared }).toEqual({ unanswered: 4, cleared: 1 });
    expect(Math.round(interval / 1000)).toBe(1);
  });

  test("loss is placed behind or before the point of capture, and both counts agree with the router's rule", () => {
    const behind = only("loss-behind-capture");
    const before = only("loss-before-capture");
    expect(behind.explanation).toContain("behind the point of capture");
    expect(before.explanation).toContain("before the point of capture");
    for (const { values } of [behind, before]) expect(values.retransmissions).toBeGreaterThanOrEqual(10);
    for (const { values } of [behind, before]) expect(values.rate).toBeLessThan(0.2);
  });

  test("a window that opened again is told from one that did not, with the time that it was closed", () => {
    const { reopened, closedFor } = only("zero-window").values;
    expect(reopened).toBe(1);
    expect(closedFor).toBeGreaterThan(1000);
    expect(closedFor).toBeLessThan(2000);
  });

  test("the delay is that of Linux's delayed ACK", () => {
    expect(only("delayed-ack").values.delay).toBeGreaterThan(35);
    expect(only("delayed-ack").values.delay).toBeLessThan(60);
  });

  test("both kinds of evidence for an injected RST: another TTL, a number out of the window", () => {
    expect(only("reset-injected").values).toEqual({ resets: 1, dataAfterReset: 0 });
    expect(only("reset-injected-out-of-window").values.dataAfterReset).toBeGreaterThan(0);
  });

  test("a handshake that was sent again is told with the time that it took, and on which way it was lost", () => {
    const [first, answer] = [only("slow-handshake"), only("slow-handshake-answered")];
    expect(first.values).toMatchObject({ syns: 2, synAcks: 1 });
    expect(Math.round(first.values.took / 100)).toBe(10);
    expect(first.explanation).toContain("those before it were lost");
    expect(answer.values.synAcks).toBeGreaterThan(1);
    expect(answer.explanation).toContain("The server did answer before");
  });

  test("a path-MTU black hole is told with what vanished and what passed, from TCP alone", () => {
    const [upload, download, probed] = ["", "-download", "-probed"].map((which) =>
      only(`path-mtu-black-hole${which}`),
    );
    expect(upload).toMatchObject({ severity: "problem", values: { size: 1500, passed: 172 } });
    expect(upload.title).toContain("from the client");
    expect(upload.explanation).toContain("the other end was still there");
    expect(download).toMatchObject({ severity: "problem", values: { size: 1500, passed: 952 } });
    expect(download.title).toContain("from the server");
    expect(download.explanation).toContain("acknowledged what was sent behind it");
    // tcp_base_mss is 1024; what Linux tries later is larger, and no larger than the link takes.
    expect(probed).toMatchObject({ severity: "warning", values: { size: 1500, passedInSmaller: 1 } });
    expect(probed.explanation).toContain("packets of 1,076 bytes");
    expect(probed.values.passed).toBeLessThanOrEqual(1400);
  });

  test("CLOSE-WAIT is told with its length", () => {
    expect(Math.round(only("close-wait").values.since / 1000)).toBe(32);
  });
});

test("no capture lies there that is not described", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".pcap"));
  expect(files.sort()).toEqual(scenes.map(({ name }) => `${name}.pcap`).sort());
});

function diagnose(scene: string): Diagnosis[] {
  const tracker = new FlowTracker({ random: (bytes) => bytes.fill(7) });
  const diagnoser = new Diagnoser();
  const file = readFileSync(new URL(`${scene}.pcap`, folder));
  for (const batch of readCaptureSync(file)) diagnoser.add(batch, tracker.add(batch));
  return diagnoser.diagnose(tracker.flows());
}

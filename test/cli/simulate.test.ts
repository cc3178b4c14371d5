// The command: what it prints, writes and refuses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseCapture } from "../../src/capture/index.ts";
import { columns } from "../../src/cli/terminal/wrap.ts";
import { type Scenario, scenarios } from "../../src/sim/index.ts";
import { tcpwire } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

test("a story has its steps, socket tables, a ladder with both states, and what to take away", async () => {
  const { status, out, err } = await tcpwire(["simulate", "handshake"]);
  expect([status, err]).toEqual([0, ""]);
  const lines = out.split("\n");
  expect(lines[0]).toBe("Three-way handshake");
  expect(out).toContain("STEP 1. The client sends SYN");
  expect(out).toMatch(
    /^ {12}tcp {8}0 {6}1 192\.0\.2\.7:\d+ +198\.51\.100\.3:80 +SYN_SENT +1322\/app +on \(0\.99\/0\/0\)$/m,
  );
  expect(out).toMatch(/^ {2}0\.000000 {5}SYN-SENT │── SYN seq 0 .*─▶│ SYN-RECEIVED$/m);
  expect(out).toMatch(/^ {2}0\.010000 {2}ESTABLISHED │◀─.* SYN ACK seq 0 ack 1 .*──│$/m);
  expect(out).toMatch(/^ {2}0\.000000 {14}│ connect\(\) +│$/m);
  expect(out).toContain("What to take away");
});

test("in Korean everything is, and no line is wider than it may be", async () => {
  const { out } = await tcpwire(["simulate", "load-balancer", "--lang", "ko", "--sessions", "3"]);
  expect(out).toContain("MQ 서버와 로드 밸런서");
  expect(out).toContain("너 누구냐");
  expect(out).toMatch(/⋮ +10분 0초 동안 아무 패킷도 없음 +⋮/);
  const told = out.split("\n").filter((line) => /[가-힣]/.test(line) && !line.includes("--"));
  for (const line of told) expect(columns(line)).toBeLessThanOrEqual(130);
  // Columns of the closing table line up, though Korean letters take two.
  const rows = told.slice(-10).filter((line) => /\d+ ms/.test(line));
  expect(rows).toHaveLength(3);
  expect(new Set(rows.map(columns)).size).toBe(1);
});

describe("in a terminal of 80 columns", () => {
  const world = { terminal: true, width: 80, env: { NO_COLOR: "1" } };

  test.each(
    scenarios.flatMap(({ name }) => [
      [name, "en"],
      [name, "ko"],
    ]),
  )("nothing of %s (%s) is wider", async (name, lang) => {
    const { out } = await tcpwire(["simulate", name, "--lang", lang], world);
    expect(out.split("\n").filter((line) => columns(line) > 80)).toEqual([]);
  });

  test("tables of sockets leave out what matters least, and say so; --wide has all, as a pipe has", async () => {
    const args = ["simulate", "keepalive-answered"];
    const [narrow, wide, piped] = [
      await tcpwire(args, world),
      await tcpwire([...args, "--wide"], world),
      await tcpwire(args),
    ];
    expect(narrow.out).toMatch(/^ {2}Proto Local Address +Foreign Address +State +Timer$/m);
    expect(narrow.out).toMatch(
      /^ {2}tcp {3}192\.0\.2\.7:\d+ 198\.51\.100\.3:80 ESTABLISHED keepalive \(\d+\.\d\d\/0\/0\)$/m,
    );
    expect(narrow.err).toMatch(/left out for want of room: Recv-Q and Send-Q, PID\/Program name; --wide/);
    const row =
      /^ +tcp {8}0 {6}0 192\.0\.2\.7:\d+ {9}198\.51\.100\.3:80 {9}ESTABLISHED 1322\/app {13}keepalive/m;
    for (const { out, err } of [wide, piped]) {
      expect(out).toMatch(row);
      expect(err).toBe("");
    }
  });

  test("heads of the closing table take several lines, and stand above their columns", async () => {
    const { out } = await tcpwire(["simulate", "load-balancer", "--sessions", "3"], world);
    const lines = out.split("\n");
    const last = lines.findIndex((line) => line.startsWith("keep-alive "));
    expect(lines[last]).toMatch(/forgotten +fail +RST +timeout +mean +longest +after +later$/);
    expect(lines[last - 1]).toMatch(/^ +that +by +by +answered, +zombies +2 h$/);
    expect(lines[last + 1]).toHaveLength(lines[last].length);
  });
});

test("parameters change the story, and are told", async () => {
  const { out } = await tcpwire(["simulate", "syn-retransmission", "--lost", "1", "--delay", "20"]);
  expect(out).toContain("Parameters: --delay 20, --lost 1, seed 1");
  expect(out).toContain("ESTABLISHED after 1.04 s and 1 retransmission.");
});

describe("files", () => {
  test("-w writes pcapng, or pcap where the name says so", async () => {
    await tcpwire(["simulate", "keepalive-answered", "-w", file("a.pcapng")]);
    await tcpwire(["simulate", "keepalive-answered", "-w", file("a.pcap")]);
    const [pcapng, pcap] = ["a.pcapng", "a.pcap"].map((name) => new Uint8Array(readFileSync(file(name))));
    expect(pcapng[0]).toBe(0x0a);
    expect(pcap[0]).toBe(0x4d);
    expect((await parseCapture(pcap)).length).toBe((await parseCapture(pcapng)).length);
  });

  test("what was written is told on standard error, unless -q asks for silence; --json stays one object", async () => {
    const args = ["simulate", "handshake", "-w", file("told.pcap"), "--svg", file("told.svg"), "--json"];
    const { out, err } = await tcpwire(args);
    const [pcap, svg] = [file("told.pcap"), file("told.svg")].map((path) => readFileSync(path));
    expect(err).toBe(
      `tcpwire: wrote ${file("told.pcap")}: 3 packets, ${pcap.length} B\n` +
        `tcpwire: wrote ${file("told.svg")}: 3 segments, ${(svg.length / 1000).toFixed(2)} kB\n`,
    );
    expect(JSON.parse(out).packets).toBe(3);
    expect((await tcpwire([...args, "-q"])).err).toBe("");
  });

  test("--svg has the words of the language", async () => {
    await tcpwire(["simulate", "keepalive-answered", "--lang", "ko", "--svg", file("ko.svg")]);
    expect(readFileSync(file("ko.svg"), "utf8")).toContain("60.0초 동안 아무 패킷도 없음");
  });

  test("a story of a day keeps its column of times, tells what stands at its end, and says all in one language", async () => {
    const { out } = await tcpwire(["simulate", "zombie", "--lang", "ko"]);
    const columns = new Set(
      out.split("\n").flatMap((line) => /^ *\d+\.\d{3} s {2}/.exec(line)?.[0].length ?? []),
    );
    expect([...columns]).toEqual([13]); // that of 86511.020 s
    expect(out).toContain("전원 차단");
    expect(out).not.toContain("power cut");
    expect(out.slice(out.lastIndexOf("전원 차단"))).toContain("netstat: ESTABLISHED");
  });

  test("--list breaks no range in two", async () => {
    const { out } = await tcpwire(["simulate", "--list"]);
    expect(out).toContain("(ms, 0.01\u00a0-\u00a0200)");
  });

  test("--svg draws each ladder into a file of its own", async () => {
    await tcpwire(["simulate", "zombie", "--svg", file("z.svg")]);
    for (const name of ["z.svg", "z-2.svg"]) {
      const svg = readFileSync(file(name), "utf8");
      expect(svg).toMatch(/^<svg /);
      expect(svg).toContain("power cut");
    }
    expect(readFileSync(file("z.svg"), "utf8")).toContain("recv(): ETIMEDOUT");
  });

  test("the README's picture is the load balancer's (vitest -u draws it again)", async () => {
    await tcpwire(["simulate", "load-balancer", "--svg", file("lb.svg")]);
    await expect(readFileSync(file("lb.svg"), "utf8")).toMatchFileSnapshot("../../docs/load-balancer.svg");
  });

  test("that are there are replaced, whole, and nothing else is left behind", async () => {
    writeFileSync(file("old.pcap"), new Uint8Array(1_000_000));
    const before = readdirSync(folder).length;
    expect((await tcpwire(["simulate", "handshake", "-w", file("old.pcap")])).status).toBe(0);
    expect((await parseCapture(new Uint8Array(readFileSync(file("old.pcap"))))).length).toBe(3);
    expect(readdirSync(folder).length).toBe(before);
  });

  test("that cannot be written are told of", async () => {
    const { status, err } = await tcpwire(["simulate", "handshake", "-w", file("nowhere/x.pcap")]);
    expect([status, err.includes("cannot be written: no such folder")]).toEqual([3, true]);
  });
});

describe("for programs", () => {
  test("--json is the whole story as one object", async () => {
    const { out } = await tcpwire(["simulate", "four-way-close", "--json", "--seed", "5"]);
    const story = JSON.parse(out);
    expect([story.name, story.seed, story.parameters]).toEqual(["four-way-close", 5, { delay: 10 }]);
    expect(story.acts[0].ladders[0].rungs.at(-1).states).toEqual(["CLOSED", "CLOSED"]);
  });

  test("--list names every scenario with its parameters, as text and as JSON", async () => {
    const { out } = await tcpwire(["simulate", "--list"]);
    const json = (await tcpwire(["simulate", "--list", "--json"])).out.trim().split("\n");
    expect(json.map((line) => JSON.parse(line).name)).toEqual(scenarios.map(({ name }) => name));
    for (const { name, parameters } of scenarios) {
      expect(out).toMatch(new RegExp(`^${name} `, "m"));
      for (const parameter of parameters) expect(out).toContain(`--${parameter.name} ${parameter.default}`);
    }
  });
});

test("the list stands in columns: names, options, what they are", async () => {
  const { out } = await tcpwire(["simulate", "--list"]);
  const lines = out.trimEnd().split("\n");
  const column = lines[0].indexOf("Three-way");
  const helps = lines
    .filter((line) => line.trimStart().startsWith("--"))
    .map((line) => /^( *--\S+ \S+ {2,})/.exec(line)![1].length);
  expect(helps.length).toBeGreaterThan(30);
  expect(new Set(helps).size).toBe(1);
  for (const line of lines.filter((text) => /^\S/.test(text)))
    expect(line.slice(column - 2, column + 1)).toMatch(/^ {2}\S$/);
  for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(110);
});

test("a bug in a scenario is no error of the user's", async () => {
  const broken = { ...scenarios[0], name: "broken" };
  const throwing = (error: Error): Scenario => ({
    ...broken,
    play() {
      throw error;
    },
  });
  for (const error of [new TypeError("x is not a function"), new RangeError("Invalid array length")]) {
    (scenarios as Scenario[]).push(throwing(error));
    // main.ts makes status 70 of whatever is neither the user's fault nor the input's.
    await expect(tcpwire(["simulate", "broken"])).rejects.toBe(error);
    (scenarios as Scenario[]).pop();
  }
});

test("a keep-alive probe is drawn with its number, which is what makes it one", async () => {
  const { out } = await tcpwire(["simulate", "keepalive-answered"]);
  const lines = out.split("\n");
  const probe = lines.findIndex((line) => line.includes("(keep-alive probe)"));
  expect(lines[probe - 1]).toMatch(/│── seq 18 ack 1 win 65536 ─+▶│$/);
  expect(lines[probe + 1]).toMatch(/│◀─+ ack 19 win 65536 ──│$/);
  // The same in the ladder of the capture.
  await tcpwire(["simulate", "keepalive-answered", "-w", file("ka.pcap")]);
  const again = (await tcpwire(["ladder", file("ka.pcap"), "--flow", "0"])).out;
  expect(again).toMatch(/│── seq 18 ack 1 win 65536 ─+▶│\n +│ +\(keep alive\) +│/);
});

test.each([
  [["simulate"], "simulate takes one NAME"],
  [["simulate", "zombies"], "no scenario is called zombies, did you mean zombie?"],
  [["simulate", "zombie", "handshake"], "simulate takes one NAME"],
  [["simulate", "zombie", "--idle", "soon"], "idle is a number from 1 to 86400"],
  [["simulate", "handshake", "--idle", "3"], "--idle is no parameter of this scenario"],
  [["simulate", "load-balancer", "--policy", "luck"], "policy is one of random"],
  [["simulate", "handshake", "--lang", "fr"], "--lang is one of en, ko"],
])("%j is refused", async (args, message) => {
  const { status, out, err } = await tcpwire(args);
  expect([status, out]).toEqual([2, ""]);
  expect(err).toContain(message);
});

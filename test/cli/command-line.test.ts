import { afterAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { concat, pcap, pcapHeader, pcapRecord, tcpFrame } from "../capture/captures.ts";
import { files, tcpwire, VERSION } from "./harness.ts";

const frames = [
  tcpFrame({ seq: 100 }),
  tcpFrame({ src: 2, dst: 1, seq: 900, payload: 0 }),
  tcpFrame({ seq: 110 }),
];
const capture = pcap(frames);
const { path, clean } = files({
  "good.pcap": capture,
  "short.pcap": capture.subarray(0, capture.length - 30),
  "text.txt": new TextEncoder().encode("this is no capture at all, it is a text\n"),
  "empty.pcap": new Uint8Array(0),
  "evil\x1b[31m\u202e.pcap": new TextEncoder().encode("neither is this, whatever its name is\n"),
});
afterAll(clean);

describe("exit status 0", () => {
  test.each([
    [["--version"], `tcpwire ${VERSION}\n`],
    [["-V"], `tcpwire ${VERSION}\n`],
  ])("%j", async (args, out) => {
    expect(await tcpwire(args)).toEqual({ status: 0, out, err: "" });
  });

  test.each([["--help"], ["-h"], ["help"]])("%s prints the commands on standard output", async (word) => {
    const { status, out, err } = await tcpwire([word]);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("tcpwire segments FILE");
  });

  test.each([[["segments", "--help"]], [["help", "segments"]], [["segments", "-h", "good.pcap"]]])(
    "%j prints the command's help",
    async (args) => {
      const { status, out } = await tcpwire(args);
      expect(status).toBe(0);
      expect(out).toMatch(/^tcpwire segments FILE/);
    },
  );

  test.each([60, 80])(
    "help keeps within a terminal of %i columns, but for lines to be copied",
    async (width) => {
      for (const { name } of commands) {
        const { out } = await tcpwire(["help", name], { terminal: true, width, env: { NO_COLOR: "1" } });
        const wide = out.split("\n").filter((line) => line.length > width);
        expect(wide.filter((line) => !/^ {2}(tcpwire|gzip) /.test(line))).toEqual([]);
      }
      const overview = await tcpwire(["--help"], { terminal: true, width, env: { NO_COLOR: "1" } });
      expect(overview.out.split("\n").filter((line) => line.length > width)).toEqual([]);
    },
  );

  test("-- ends the options", async () => {
    expect((await tcpwire(["segments", "-c", "1", "--", path("good.pcap")])).status).toBe(0);
  });
});

describe("exit status 2: the command line was not understood, and nothing is on standard output", () => {
  const cases: [args: string[], says: string][] = [
    [["segments"], "segments wants a FILE"],
    [["segments", "-", "-"], "standard input can be read once"],
    [["segments", "a", "--threads", "0"], "--threads wants a whole number from 1 on"],
    [["segments", "a", "--threads", "65"], "--threads is at most 64"],
    [["segments", "a", "--josn"], "unknown option --josn, did you mean --json?"],
    [["segments", "a", "-x"], "unknown option -x"],
    [["segments", "a", "--json=yes"], "--json takes no value"],
    [["segments", "a", "-c"], "-c wants a value: N"],
    [["segments", "a", "-c", "three"], '-c wants a whole number from 1 on, not "three"'],
    [["segments", "a", "-c", "0"], '-c wants a whole number from 1 on, not "0"'],
    [["segments", "a", "-c", "1", "-c", "2"], "-c is given twice"],
    [["segments", "a", "-T", "pdml"], '-T is one of fields, json, text, not "pdml"'],
    [["segments", "a", "-T", "fields"], "-T fields wants a field at least"],
    [["segments", "a", "-T", "fields", "--json", "-e", "tcp.len"], "exclude each other"],
    [["segments", "a", "-T", "text", "-e", "tcp.len"], "-e goes with -T fields or --json"],
    [["segments", "a", "--json", "-E", "header=y"], "-E goes with -T fields"],
    [["segments", "a", "-e", "tcp.sport"], "no field tcp.sport, did you mean tcp.port?"],
    [["segments", "a", "-e", "tcp.len", "-E", "header=maybe"], "the value is one of y, n"],
    [["segments", "a", "-e", "tcp.len", "-E", "colour=y"], "known are header"],
    [["segments", "a", "-e", "tcp.len", "-E", "separator="], "-E separator= wants a text"],
    [["segments", "a", "-t", "sidereal"], "-t is one of clock"],
    [["segments", "a", "-Y", "tcp.len =="], "-Y: "],
    [["segments", "a", "-Y", ""], "-Y: the filter is empty\ntcpwire: tcpwire segments --help"],
    [["segments", "a", "-Y", "tcp && "], "-Y: expected a field, but the filter ends here"],
    [["segments", "a", "-Y", "tcp.lenn == 3"], 'no field "tcp.lenn", did you mean tcp.len?'],
    [["flows", "a", "-Y", "tcp.syn"], 'no field "tcp.syn", did you mean tcp.flags.syn?'],
    [["export", "a", "-o", "b.csv", "-Y", "tcp.retransmission"], "did you mean tcp.analysis.retransmission?"],
    [["segments", "a", "-Y", "tcp.options.mss"], "did you mean tcp.options.mss_val?"],
    [["segments", "a", "-Y", "udp"], 'no field "udp"\n'],
    [["segments", "a", "-Y", "tcp.len = 3"], 'no operator "=", did you mean ==?'],
    [["segments", "a", "-Y", "tcp.len => 3"], 'no operator "=>", did you mean >=?'],
    [["segments", "a", "-Y", "tcp.len Equals 3"], 'no operator "Equals", did you mean ==?'],
    [["segments", "a", "-Y", "tcp adn ip"], 'no operator "adn", did you mean and?'],
    [["segments", "a", "-Y", "tcp | ip"], 'no operator "|", did you mean ||?'],
    [["segments", "a", "-Y", "tcp.payload contians 47"], 'no operator "contians", did you mean contains?'],
    [["segments", "a", "-Y", "tcp.payload matches 47"], "there are == != >= <= && || > < ! and contains"],
    [["segmnets", "a"], "no command and no file is called segmnets, did you mean segments?"],
    [["segmnets", "a", "-T", "fields"], "no command and no file is called segmnets, did you mean segments?"],
    [["nosuch"], "no command and no file is called nosuch\n"],
    [["nosuch", "--help"], "no command and no file is called nosuch\n"],
    [["flow", "-h"], "no command and no file is called flow, did you mean flows?"],
    [["help", "segmnets"], "no command is called segmnets, did you mean segments?"],
    [["help", "--json"], "no command is called --json"],
    [["report"], "report wants a FILE"],
    [["report", "-", "-"], "standard input can be read once"],
    [["--top"], "--top wants a value: N"],
  ];
  test.each(cases)("%j: %s", async (args, says) => {
    const { status, out, err } = await tcpwire(args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(says);
    for (const line of err.trimEnd().split("\n")) expect(line).toMatch(/^tcpwire: /);
  });

  test("without arguments, with the overview on standard error", async () => {
    const { status, out, err } = await tcpwire([]);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain("Exit status");
  });

  test("a mistake in a filter is pointed at", async () => {
    const { err } = await tcpwire(["segments", "a", "-Y", "tcp.len > 3 && tcp.foo"]);
    expect(err).toContain(
      'tcpwire: -Y: no field "tcp.foo"\ntcpwire:   tcp.len > 3 && tcp.foo\ntcpwire:                  ^\n',
    );
  });

  test("standard input is a terminal", async () => {
    const { status, err } = await tcpwire(["segments", "-"], { stdinIsTerminal: true });
    expect(status).toBe(2);
    expect(err).toContain("standard input is a terminal");
  });
});

describe("exit status 3: the input", () => {
  test.each([["segments"], ["report"]])("%s: no such file", async (command) => {
    const { status, out, err } = await tcpwire([command, path("none.pcap")]);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toBe(`tcpwire: ${path("none.pcap")}: no such file\n`);
  });

  test("is a directory", async () => {
    const { status, err } = await tcpwire(["segments", path(".")]);
    expect(status).toBe(3);
    expect(err).toBe(`tcpwire: ${path(".")}: is a directory\n`);
  });

  const commands = [
    ["segments"],
    ["report"],
    ["report", "--json"],
    ["flows"],
    ["diagnose"],
    ["ladder", "--flow", "0"],
    ["follow", "--flow", "0"],
  ];
  test.each(
    commands.flatMap((command) => [
      { command, name: "text.txt", says: /text\.txt: byte 0: .*neither pcap nor pcapng/ },
      { command, name: "empty.pcap", says: /empty\.pcap: byte 0: the input is empty/ },
    ]),
  )("$command: $name is no capture, so nothing is said of it", async ({ command, name, says }) => {
    const { status, out, err } = await tcpwire([...command, path(name)]);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toMatch(says);
  });

  test("segments of a capture that is cut short: the rows first, then file, byte and reason", async () => {
    const { status, out, err } = await tcpwire(["segments", path("short.pcap"), "-e", "frame.number"]);
    expect([status, out]).toEqual([3, "1\n2\n"]);
    expect(err).toMatch(/^tcpwire: \S+short\.pcap: byte 174: cut short: \d+ of \d+ bytes of a record\n$/);
  });

  test("report of a capture that is cut short: what could be read, then the reason", async () => {
    const { status, out, err } = await tcpwire([path("short.pcap")]);
    expect(status).toBe(3);
    expect(out).toMatch(/segments +2 over IPv4/);
    expect(err).toMatch(/^tcpwire: \S+short\.pcap: byte 174: cut short/);
  });

  test("report of several files: one that is bad does not keep the others from being reported", async () => {
    const { status, out, err } = await tcpwire([path("text.txt"), path("none.pcap"), path("good.pcap")]);
    expect(status).toBe(3);
    expect(out).toContain("good.pcap");
    expect(err).toContain("text.txt: byte 0");
    expect(err).toContain("none.pcap: no such file");
  });

  test("enough rows before the damage: it is never reached", async () => {
    expect(await tcpwire(["segments", path("short.pcap"), "-c", "2", "-e", "tcp.seq_raw"])).toEqual({
      status: 0,
      out: "100\n900\n",
      err: "",
    });
  });
});

describe("standard input", () => {
  test.each([["segments"], ["report"]])("%s -", async (command) => {
    const { status, out } = await tcpwire([command, "-"], { stdin: capture });
    expect(status).toBe(0);
    expect(out.length).toBeGreaterThan(100);
  });

  test("is what errors name", async () => {
    const { status, err } = await tcpwire(["segments", "-"], { stdin: capture.subarray(0, 60) });
    expect(status).toBe(3);
    expect(err).toMatch(/^tcpwire: standard input: byte 24: cut short/);
  });
});

describe("the reader goes away", () => {
  test.each([[["segments", path("good.pcap")]], [[path("good.pcap")]], [["--help"]]])(
    "%j ends quietly",
    async (args) => {
      expect(await tcpwire(args, { readerLeavesAfter: 0 })).toEqual({ status: 0, out: "", err: "" });
    },
  );
});

describe("what a file is called reaches a terminal escaped", () => {
  test("in errors", async () => {
    const { err } = await tcpwire(["segments", path("evil\x1b[31m\u202e.pcap")], { terminal: true });
    expect(err).toContain("evil\\x1b[31m\\u{202e}.pcap: byte 0");
    expect(err).not.toContain("\x1b");
  });

  test("in what was not understood", async () => {
    const { err } = await tcpwire(["segments", "a", "-T", "\x1b]0;owned\x07"]);
    expect(err).toContain("\\x1b]0;owned\\x07");
    expect(err).not.toContain("\x1b");
  });
});

describe("colours", () => {
  const colored = "\x1b[";
  test.each([
    ["on a terminal", { terminal: true }, true],
    ["not through a pipe", {}, false],
    ["not with NO_COLOR", { terminal: true, env: { NO_COLOR: "1" } }, false],
    ["not on a dumb terminal", { terminal: true, env: { TERM: "dumb" } }, false],
    ["through a pipe with FORCE_COLOR", { env: { FORCE_COLOR: "1" } }, true],
    ["an empty NO_COLOR does not count", { terminal: true, env: { NO_COLOR: "" } }, true],
  ])("%s", async (_, world, expected) => {
    const { out } = await tcpwire([path("good.pcap")], world);
    expect(out.includes(colored)).toBe(expected);
  });
});

describe("progress", () => {
  const slow = { terminal: true, tick: 1000 };

  test("is drawn on a terminal when it takes long, and taken away again", async () => {
    const { err } = await tcpwire([path("good.pcap")], slow);
    expect(err).toMatch(/100 % {2}254 B of 254 B/);
    expect(err.endsWith("\r\x1b[K")).toBe(true);
  });

  test.each([
    ["when nobody looks", [path("good.pcap")], { tick: 1000 }],
    ["when it is quick", [path("good.pcap")], { terminal: true, tick: 1 }],
    ["with -q", ["-q", path("good.pcap")], slow],
    ["between rows on the same terminal", ["segments", path("good.pcap")], slow],
  ])("is not drawn %s", async (_, args, world) => {
    expect((await tcpwire(args, world)).err).toBe("");
  });
});

test("times of the first second of all are written as any other", async () => {
  const { path: at, clean: remove } = files({
    "first.pcap": concat(
      pcapHeader(),
      ...[0, 5, 250_000].map((fraction) => pcapRecord(tcpFrame(), { seconds: 0, fraction })),
    ),
  });
  const times = async (style: string) =>
    (await tcpwire(["segments", at("first.pcap"), "-q", "-t", style])).out
      .split("\n")
      .slice(0, -1)
      .map((line) => / *\d+ +(.*?) IP/.exec(line)?.[1]);
  expect(await times("clock")).toEqual(["00:00:00.000000", "00:00:00.000005", "00:00:00.250000"]);
  expect(await times("epoch")).toEqual(["0.000000", "0.000005", "0.250000"]);
  expect((await times("iso"))[0]).toBe("1970-01-01T00:00:00.000000000Z");
  remove();
});

// The packetdrill language where no script shows it: what is refused, and what stands between packets.
import { describe, expect, test } from "vitest";
import { Arguments } from "../src/packetdrill/calls/arguments.ts";
import { read } from "../src/packetdrill/calls/read.ts";
import { runCode } from "../src/packetdrill/code/evaluate.ts";
import type { Value } from "../src/packetdrill/code/values.ts";
import { configOf } from "../src/packetdrill/config/config.ts";
import { shellActions } from "../src/packetdrill/config/shell.ts";
import { sysctlSettings } from "../src/packetdrill/config/sysctls.ts";
import { parseScript, runScript } from "../src/packetdrill/index.ts";
import { difference } from "../src/packetdrill/run/compare.ts";

const SOCKET = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3";
const parse = (text: string) => parseScript(text, "test.pkt");

describe("a script is refused, with its line, when", () => {
  test.each([
    ["a comment has no end", `${SOCKET}\n/* and so on`, 2, "a comment without an end"],
    ["a shell line has no end", "`sysctl", 1, "a shell line without an end"],
    ["it begins late", "+1 close(3) = 0", 1, "the first event has to be at time 0"],
    ["time runs backwards", `${SOCKET}\n2 close(3) = 0\n1 close(3) = 0`, 3, "time runs backwards"],
    ["a range of times does", `${SOCKET}\n+.2~+.1 > . 1:1(0) ack 1`, 2, "the range of times runs backwards"],
    ["what arrives may come at any time", `${SOCKET}\n* < . 1:1(0) ack 1`, 2, "only outbound packets"],
    ["what arrives has any options", `${SOCKET}\n+0 < S 0:0(0) <...>`, 2, "<...> is for outbound packets"],
    ["a packet's numbers disagree", `${SOCKET}\n+0 < P. 1:100(100) ack 1`, 2, "1:100 is not 100 bytes"],
    ["an option is none", `${SOCKET}\n+0 < S 0:0(0) <mms 1460>`, 2, "`mms` is no TCP option"],
    ["a cookie has half a byte", `${SOCKET}\n+0 < S 0:0(0) <FO abc>`, 2, "odd number of hex digits"],
    [
      "a window does not fit",
      `${SOCKET}\n+0 < . 1:1(0) ack 1 win 65536`,
      2,
      "a window 65536 is out of range",
    ],
    ["brackets have no end in sight", `${SOCKET}\n+0 close(${"(".repeat(5000)}3`, 2, "nested too deep"],
    ["signs neither", `${SOCKET}\n+0 close(${"!".repeat(5000)}3) = 0`, 2, "nested too deep"],
    ["an assertion reckons with words", `${SOCKET}\n+0 %{ x = "a" * 3 }%`, 2, "assertion: a is no number"],
    ["it looks into a number", `${SOCKET}\n+0 %{ assert 1 in 5 }%`, 2, "assertion: 5 has no length"],
    ["it measures one", `${SOCKET}\n+0 %{ assert len(5) }%`, 2, "assertion: 5 has no length"],
    ["it divides by zero", `${SOCKET}\n+0 %{ assert 1 / 0 > 5 }%`, 2, "assertion: division by zero"],
    ["it has bits of a fraction", `${SOCKET}\n+0 %{ assert 1.5 & 1 }%`, 2, "assertion: "],
    ["it calls what is no function", `${SOCKET}\n+0 %{ assert toString(1) }%`, 2, "no function toString"],
    ["a packet's mark is none", `${SOCKET}\n+0 < [valueOf] S 0:0(0)`, 2, "says nothing of an IP header"],
    ["a setting has an object's name", `--set=valueOf=1\n${SOCKET}`, 1, "no such setting: valueOf"],
    ["nothing happens", "// nothing", 1, "nothing happens"],
    ["a header is none", `--moon=full\n${SOCKET}`, 1, "--moon is no header"],
    ["a setting is none", `--set=delayedAk=1\n${SOCKET}`, 1, "no such setting: delayedAk"],
  ])("%s", (_, text, line, message) => {
    const outcome = refusal(text);
    expect(outcome).toMatchObject({ line });
    expect(outcome.message).toContain(message);
  });

  function refusal(text: string): { line: number; message: string } {
    try {
      const outcome = runScript(parse(text));
      return outcome.status === "failed" ? outcome : { line: 0, message: outcome.status };
    } catch (error) {
      return error as { line: number; message: string };
    }
  }
});

test("UDP, encapsulations and unknown calls are skipped with the reason", () => {
  const reason = (text: string) => {
    const outcome = runScript(parse(`${SOCKET}\n${text}\n+0 close(3) = 0`));
    return outcome.status === "skipped" ? outcome.reason : outcome.status;
  };
  expect(reason("+0 < udp (100)")).toBe("UDP packets");
  expect(reason("+0 < ipv4 1.2.3.4 > 5.6.7.8: . 1:1(0) ack 1")).toBe("ipv4 encapsulation");
  expect(reason("+0 splice(3, NULL, 4, NULL, 5, 0) = 5")).toBe("splice()");
  expect(reason("+0 valueOf(3) = 0")).toBe("valueOf()");
  expect(reason("+0 setsockopt(3, SOL_SOCKET, SO_TIMESTAMPING, [1], 4) = 0")).toBe(
    "the socket option SO_TIMESTAMPING",
  );
});

const ACCEPTED = `${SOCKET}
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 1000 <mss 1000>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 1000
+0 accept(3, ..., ...) = 4
`;

test("more is written than memory holds: the buffer takes what it can, and the call waits or says so", () => {
  const waits = parse(`${ACCEPTED}+0...0.2 write(4, ..., 99999999999) = 99999999999`);
  expect(runScript(waits)).toMatchObject({
    status: "failed",
    message: expect.stringContaining("write() has not returned"),
  });
  const some = parse(
    `${ACCEPTED}+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 write(4, ..., 99999999999) = 1000`,
  );
  const outcome = runScript(some, { settings: { sndBuf: 3_000_000, sndBufMax: 3_000_000 } });
  expect(outcome).toMatchObject({ status: "failed", got: "write() = 3000000" });
});

test("a call that waits may miss its time by a share of it, as a packet may", () => {
  const script = parse(`${ACCEPTED}+0...1.05 read(4, ..., 10) = 10\n+1 < P. 1:11(10) ack 1 win 1000`);
  expect(runScript(script)).toMatchObject({ status: "failed", message: "the call returns at another time" });
  const headers = [{ line: 0, name: "tolerance_percent", value: "10" }];
  expect(runScript(script, { headers })).toMatchObject({ status: "passed" });
});

test("a packet that comes in after another counts from the time that the script gave that one, not from a later now", () => {
  // The second SYN,ACK leaves at 1 s: as the script has it, but for a tolerance of 4 ms. Now is then past the ACK's time.
  const script = (ack: string) =>
    parse(
      [
        SOCKET,
        "+0 bind(3, ..., ...) = 0",
        "+0 listen(3, 1) = 0",
        "0 < S 0:0(0) win 1000 <mss 1000>",
        "+0 > S. 0:0(0) ack 1 <...>",
        "0.997 > S. 0:0(0) ack 1 <...>",
        "0.998 < . 1:1(0) ack 1 win 1000",
        "+.1 < P. 2:12(10) ack 1 win 1000",
        `${ack} > . 1:1(0) ack 1`,
      ].join("\n"),
    );
  expect(runScript(script("1.0945"))).toMatchObject({ status: "passed" });
  expect(runScript(script("1.103"))).toMatchObject({
    status: "failed",
    message: expect.stringContaining("time"),
  });
});

describe("a packet that is not what the script says fails it, by what is other:", () => {
  const SYN_ACK = "+0 > S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS val 100 ecr 700,nop,wscale 7>";
  const DATA = "+0 > P. 1:101(100) ack 1 win 512 <nop,nop,TS val 200 ecr 700>";
  const URGENT = "+0 > PU. 101:201(100) ack 1 urg 100 <nop,nop,TS val 300 ecr 700>";
  const script = [
    "--tcp_ts_tick_usecs=1000",
    SOCKET,
    "+0 bind(3, ..., ...) = 0",
    "+0 listen(3, 1) = 0",
    "+0 < S 0:0(0) win 1000 <mss 1000,sackOK,TS val 700 ecr 0,nop,wscale 7>",
    SYN_ACK,
    "+.1 < . 1:1(0) ack 1 win 1000 <nop,nop,TS val 700 ecr 100>",
    "+0 accept(3, ..., ...) = 4",
    "+0 write(4, ..., 100) = 100",
    DATA,
    "+.1 send(4, ..., 100, MSG_OOB) = 100",
    URGENT,
  ];
  const play = (line = "", other = "") =>
    runScript(parse(script.map((each) => (each === line ? other : each)).join("\n")));

  test("nothing is, and it passes", () => {
    expect(play()).toMatchObject({ status: "passed" });
    // Padding and order are the sender's own affair, and so is what the clock ticked within the tolerance.
    const other = "+0 > S. 0:0(0) ack 1 win 65535 <wscale 7,sackOK,TS val 100 ecr 700,mss 1460,eol>";
    expect(play(SYN_ACK, other)).toMatchObject({ status: "passed" });
    expect(play(DATA, DATA.replace("val 200", "val 204"))).toMatchObject({ status: "passed" });
  });

  test.each([
    ["flags", DATA, "P.", "."],
    ["flags", DATA, "P.", "PF."],
    ["flags", DATA, "P.", "PE."],
    ["flags", URGENT, "PU.", "P."],
    ["sequence number", DATA, "1:101", "2:102"],
    ["length", DATA, "1:101(100)", "1:100(99)"],
    ["acknowledgment number", DATA, "ack 1", "ack 2"],
    ["window", DATA, "win 512", "win 511"],
    ["urgent pointer", URGENT, "urg 100", "urg 99"],
    ["ECN codepoint", DATA, "> P.", "> [ect0] P."],
    ["options", SYN_ACK, ",nop,wscale 7", ""],
    ["options", SYN_ACK, "wscale 7", "wscale 8"],
    ["options", SYN_ACK, "mss 1460", "mss 1460,FO"],
    ["options", DATA, " <nop,nop,TS val 200 ecr 700>", ""],
    ["options", DATA, "val 200", "val 205"],
    ["options", DATA, "ecr 700", "ecr 701"],
    ["time", URGENT, "+0 >", "+.01 >"],
  ])("%s", (what, line, from, to) => {
    expect(line).toContain(from);
    const outcome = play(line, line.replace(from, to));
    expect(outcome).toMatchObject({
      status: "failed",
      line: script.indexOf(line) + 1,
      message: `another ${what}`,
    });
  });

  test("data that the application has not written", () => {
    const body = {
      protocol: "tcp",
      flags: 0x18,
      ace: false,
      seq: 1,
      length: 3,
      ack: 1,
      window: null,
      urgent: 0,
      options: [],
    } as const;
    const actual = { ...body, window: 1, at: 0, ecn: 0, isLast: true, options: [] };
    const config = configOf([], {});
    expect(difference(body, {}, { ...actual, wrongByte: -1 }, config)).toBeNull();
    expect(difference(body, {}, { ...actual, wrongByte: 2 }, config)).toBe("data");
  });
});

test("what is read has to be what the script's peer sent, each byte in its place", () => {
  const reading = (...bytes: number[]) => {
    const endpoint = { readable: bytes.length, receive: () => Uint8Array.from(bytes) };
    const socket = { listener: null, read: 249, connection: { endpoint, ended: false, closed: false } };
    const process = { socket: () => socket, host: { settle() {} } };
    const args = new Arguments([{ type: "number", value: 3 }, { type: "any" }, { type: "number", value: 4 }]);
    return read({ args, process, wanted: 4 } as never);
  };
  expect(reading(249, 250, 0, 1)()).toBe(4);
  expect(reading(249, 250, 251, 1)).toThrow("byte 251");
});

test("tcp_info calls it disorder while something is reported out of order", () => {
  const state = (name: string) => `+0 %{ assert tcpi_ca_state == ${name}, tcpi_ca_state }%\n`;
  const script = `${ACCEPTED.replace("<mss 1000>", "<mss 1000,sackOK>").replace("ack 1 win 1000\n", "ack 1 win 9000\n")}${state(
    "TCP_CA_Open",
  )}+0 write(4, ..., 3000) = 3000
+0 > P. 1:3001(3000) ack 1
+.1 < . 1:1(0) ack 1 win 9000 <sack 2001:3001,nop,nop>
${state("TCP_CA_Disorder")}`;
  expect(runScript(parse(script))).toMatchObject({ status: "passed" });
});

describe("assertions", () => {
  const evaluate = (text: string, figures: Record<string, Value> = {}) =>
    runCode(text, { variables: new Map(), figure: (name) => figures[name] });

  test.each([
    "assert 1 < 2 <= 2 != 3",
    "assert not (1 > 2) and (0 or 5) == 5",
    "assert 7 // 2 == 3 and 7 % 4 == 3 and -7 % 4 == 1 and 2 ** 10 == 1024",
    "assert (0x0f & 6) == 6 and (1 << 4) | 1 == 17 and 6 ^ 3 == 5 and ~0 == -1",
    "x = 4; x += 1; x *= 2\nassert x == 10",
    "assert 'cwnd=%d %s' % (5, 'a') == 'cwnd=5 a'",
    "assert min(3, 2) == 2 and max([1, 4]) == 4 and abs(-2) == 2 and len('abc') == 3",
    "assert 2 in (1, 2) and 3 not in (1, 2)",
    "assert True, 'never' # a comment\nassert \\\n 1",
  ])("hold: %s", (text) => {
    expect(evaluate(text)).toEqual({ failure: null, unknown: [] });
  });

  test("that do not hold say what they found", () => {
    expect(evaluate("assert a == 2, a", { a: 3 }).failure).toBe("a == 2, found 3");
    expect(evaluate("assert 1 > 2").failure).toBe("1 > 2");
  });

  test("about figures that nobody has are told, and those after them still count", () => {
    const { failure, unknown } = evaluate("assert moon == 1, moon\nassert 1 == 2", {});
    expect(unknown).toEqual(["moon"]);
    expect(failure).toBe("1 == 2");
  });

  test.each(["import os", "assert 1 +", "for x in y", "open('f')", "assert 1 ) 2", "a ? b"])(
    "refuse: %s",
    (text) => {
      expect(() => evaluate(text, { y: [1], a: 1, b: 1 })).toThrow(SyntaxError);
    },
  );
});

describe("shell lines", () => {
  test("name sysctls in every spelling", () => {
    const found = (text: string) =>
      shellActions(text).map((action) =>
        action.type === "sysctl" ? `${action.name}=${action.value}` : action.type,
      );
    expect(found("sysctl -q net.ipv4.tcp_sack=0 net/ipv4/tcp_dsack=1")).toEqual([
      "net.ipv4.tcp_sack=0",
      "net.ipv4.tcp_dsack=1",
    ]);
    expect(
      found('a/set_sysctls.py /proc/sys/net/ipv4/tcp_rmem="1 2 3" \\\n /proc/sys/net/ipv4/tcp_ecn=1'),
    ).toEqual(["net.ipv4.tcp_rmem=1 2 3", "net.ipv4.tcp_ecn=1"]);
    expect(found('sysctl -q net.ipv4.tcp_wmem="4096 $((256*1024)) 5"')).toEqual([
      "net.ipv4.tcp_wmem=4096 262144 5",
    ]);
    expect(found("echo 2 > /proc/sys/net/ipv4/tcp_ecn # why; not")).toEqual(["net.ipv4.tcp_ecn=2"]);
    expect(found("sysctl -q a=1 || false; b.sh && moon")).toEqual(["a=1", "script", "unknown"]);
  });

  test("mean the same under Linux's and FreeBSD's names", () => {
    expect(sysctlSettings("net.ipv4.tcp_sack", "0", {})).toEqual({ sack: false });
    expect(sysctlSettings("net.inet.tcp.sack.enable", "0", {})).toEqual({ sack: false });
    expect(sysctlSettings("net.ipv4.tcp_keepalive_time", "60", {})).toEqual({ keepAlive: { idle: 60_000 } });
    expect(sysctlSettings("net.inet.tcp.keepidle", "60000", {})).toEqual({ keepAlive: { idle: 60_000 } });
    expect(sysctlSettings("net.inet.tcp.msl", "30000", {})).toEqual({ timeWait: 60_000 });
    expect(sysctlSettings("net.ipv4.tcp_moonlight", "1", {})).toBeNull();
  });
});

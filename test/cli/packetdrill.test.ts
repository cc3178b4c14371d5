import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packetdrillCommand } from "../../src/cli/packetdrill/command.ts";
import { tcpwire } from "./harness.ts";

const OPENING = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 65535 <mss 1000>
`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tcpwire-packetdrill-"));
  script("good", `${OPENING}+0 > S. 0:0(0) ack 1 <mss 1460>`);
  script("wrong-option", `${OPENING}+0 > S. 0:0(0) ack 1 <mss 1234>`);
  script("late", `${OPENING}+.5 > S. 0:0(0) ack 1 <mss 1460>`);
  script("foreign", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 sendfile(3, 4, [0], 5) = 5");
  script("unreadable", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 < Q 0:0(0)");
  script("noted", "0 `sysctl -q net.ipv4.tcp_moonlight=1`");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.pkt`), `${text}\n`);
}

async function packetdrill(...args: string[]) {
  const { status, out, err } = await tcpwire([
    "packetdrill",
    ...args.map((arg) => (arg.endsWith(".pkt") ? join(folder, arg) : arg)),
  ]);
  return { status, out: out.replaceAll(`${folder}/`, ""), err };
}

describe("tcpwire packetdrill", () => {
  test("says ok for a script that passes", async () => {
    expect(await packetdrill("good.pkt")).toEqual({
      status: 0,
      out: "ok good.pkt\n1 passed, 0 failed\n",
      err: "",
    });
  });

  test("names script, line, expected and got in the script's own syntax", async () => {
    const { status, out } = await packetdrill("wrong-option.pkt");
    expect(status).toBe(1);
    expect(out).toBe(
      [
        "not ok wrong-option.pkt:5 another options",
        "  expected  0.000 > S. 0:0(0) ack 1 <mss 1234>",
        "  got       0.000 > S. 0:0(0) ack 1 <mss 1460>",
        "0 passed, 1 failed",
        "",
      ].join("\n"),
    );
  });

  test("tells a packet that comes at another time", async () => {
    const { out } = await packetdrill("late.pkt");
    expect(out).toContain("not ok late.pkt:5 another time\n  expected  0.500 > S.");
    expect(out).toContain("  got       0.000 > S.");
  });

  test("takes a wider tolerance from the command line", async () => {
    expect((await packetdrill("--header", "tolerance_usecs=500000", "late.pkt")).status).toBe(0);
  });

  test("skips what asks for something that is not here, and says for what", async () => {
    const { status, out } = await packetdrill("foreign.pkt", "good.pkt");
    expect(status).toBe(0);
    expect(out).toContain("skipped foreign.pkt:2 needs sendfile()\n");
    expect(out).toContain("1 passed, 0 failed, 1 skipped\n");
  });

  test("counts a script that cannot be read as failed, with its line", async () => {
    const { status, out } = await packetdrill("unreadable.pkt");
    expect(status).toBe(1);
    expect(out).toContain("not ok unreadable.pkt:2 `Q` is neither flags nor a kind of packet");
  });

  test("tells shell lines that it does not understand, unless it is to be quiet", async () => {
    expect((await packetdrill("noted.pkt")).out).toContain(
      "note      sysctl net.ipv4.tcp_moonlight is not mapped",
    );
    expect((await packetdrill("-q", "noted.pkt")).out).not.toContain("moonlight");
  });

  test("sets the endpoint's settings", async () => {
    const { out } = await packetdrill("--set", "mss=1234", "wrong-option.pkt");
    expect(out).toBe("ok wrong-option.pkt\n1 passed, 0 failed\n");
    const refused = await packetdrill("--set", "delayedAk=4", "good.pkt");
    expect(refused.status).toBe(2);
    expect(refused.err).toContain("no such setting: delayedAk, did you mean delayedAck?");
    expect((await packetdrill("--set", "delayedAck=9999", "good.pkt")).status).toBe(2);
  });

  test("runs every script in and below a folder", async () => {
    const { out } = await packetdrill("-q", "--json", folder);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.script?.split("/").at(-1), line.status])).toEqual([
      ["foreign.pkt", "skipped"],
      ["good.pkt", "passed"],
      ["late.pkt", "failed"],
      ["noted.pkt", "passed"],
      ["unreadable.pkt", "failed"],
      ["wrong-option.pkt", "failed"],
      [undefined, undefined],
    ]);
    expect(lines.at(-1)).toEqual({ passed: 2, failed: 3, skipped: 1 });
  });

  test("fails with --strict where a packet goes unmentioned", async () => {
    script("silent", OPENING);
    expect((await packetdrill("silent.pkt")).status).toBe(0);
    const { status, out } = await packetdrill("--strict", "silent.pkt");
    expect(status).toBe(1);
    expect(out).toContain("a packet left that the script does not mention");
  });

  test("says which file is missing", async () => {
    const { status, err } = await packetdrill("missing.pkt");
    expect(status).toBe(3);
    expect(err).toContain("missing.pkt");
    expect((await packetdrill()).status).toBe(2);
  });

  test.each(packetdrillCommand.examples)("example: $says", async ({ line }) => {
    expect((await tcpwire(line.split(" ").slice(1))).status).toBe(0);
  });
});

import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fields } from "../../src/cli/fields/registry.ts";
import { concat, pcap, pcapHeader, pcapRecord, tcpFrame } from "../capture/captures.ts";
import { files, tcpwire } from "./harness.ts";

const sample = "sample/story.pcapng";
const { path, clean } = files({ "one.pcap": pcap([tcpFrame()]) });
afterAll(clean);

describe("-E", () => {
  const row = async (...settings: string[]) => {
    const args = ["segments", sample, "-c", "1", "-Y", "frame.number == 14", "-T", "fields"];
    const chosen = ["tcp.srcport", "ipv6.src", "tcp.option_kind"].flatMap((name) => ["-e", name]);
    return (await tcpwire([...args, ...chosen, ...settings.flatMap((setting) => ["-E", setting])])).out;
  };
  test.each([
    [[], "51022\t\t1,1,8,1,1,5\n"],
    [["header=y"], "tcp.srcport\tipv6.src\ttcp.option_kind\n51022\t\t1,1,8,1,1,5\n"],
    [["header=n"], "51022\t\t1,1,8,1,1,5\n"],
    [["separator=,", "quote=d"], '"51022",,"1,1,8,1,1,5"\n'],
    [["separator=/s", "aggregator=;"], "51022  1;1;8;1;1;5\n"],
    [["separator=/t", "aggregator=/s"], "51022\t\t1 1 8 1 1 5\n"],
    [["occurrence=f"], "51022\t\t1\n"],
    [["occurrence=l", "quote=s"], "'51022'\t\t'5'\n"],
  ])("%j", async (settings, expected) => {
    expect(await row(...settings)).toBe(expected);
  });
});

describe("a header that the capture cut short", () => {
  const whole = tcpFrame({ payload: 5 });
  const cut = [15, 16, 17, 18, 19, 20].map((length) =>
    pcapRecord(whole.slice(0, 34 + length), { length: whole.length }),
  );
  const { path: cutPath, clean: cleanCut } = files({ "cut.pcap": concat(pcapHeader(), ...cut) });
  afterAll(cleanCut);

  // What tshark 4.0.17 prints of such frames.
  test("has the fields up to the window or none, then its checksum, then the rest", async () => {
    const names = ["tcp.window_size_value", "tcp.len", "tcp.checksum.status", "tcp.urgent_pointer"];
    const args = ["segments", cutPath("cut.pcap"), "-q", ...names.flatMap((name) => ["-e", name])];
    const { out } = await tcpwire(args);
    expect(
      out
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split("\t").slice(1)),
    ).toEqual([
      ["", "", ""],
      ["5", "", ""],
      ["5", "", ""],
      ["5", "2", ""],
      ["5", "2", ""],
      ["5", "2", "0"],
    ]);
  });
});

describe("fields", () => {
  test("have names of their own, in Wireshark's name space or ours", () => {
    const names = fields.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, kind, digits, about } of fields) {
      expect(name).toMatch(/^(frame|ip|ipv6|tcp|tcpwire)\.[a-z_.]+$/);
      expect(about.length).toBeGreaterThan(3);
      expect(digits !== undefined).toBe(kind === "hex");
    }
  });

  test("all of them at once, as text and as JSON of the same values", async () => {
    const chosen = fields.flatMap(({ name }) => ["-e", name]);
    const text = await tcpwire(["segments", sample, ...chosen, "-E", "separator=|"]);
    const json = await tcpwire(["segments", sample, "--json", ...chosen]);
    expect([text.status, json.status]).toEqual([0, 0]);
    const cells = text.out.trimEnd().split("\n")[9].split("|");
    const values = Object.values(JSON.parse(json.out.trimEnd().split("\n")[9]));
    expect(values.length).toBe(fields.length);
    for (const [i, value] of values.entries()) {
      if (value === null) expect(cells[i]).toBe("");
      else if (typeof value === "boolean") expect(cells[i]).toBe(value ? "1" : "0");
      else if (fields[i].kind === "seconds") expect(Number(cells[i])).toBe(value);
      else expect(cells[i]).toBe(String(value));
    }
  });

  test("times keep their nanoseconds in JSON", async () => {
    const { out } = await tcpwire(["segments", sample, "--json", "-c", "1", "-e", "frame.time_epoch"]);
    expect(out).toBe('{"frame.time_epoch":1772442000.020000000}\n');
  });

  test("of interfaces are there in pcapng alone", async () => {
    const columns = ["-c", "1", "-e", "frame.interface_id", "-e", "frame.interface_name"];
    expect((await tcpwire(["segments", sample, ...columns])).out).toBe("0\teth0\n");
    expect((await tcpwire(["segments", path("one.pcap"), ...columns])).out).toBe("\t\n");
  });
});

const tshark = spawnSync("tshark", ["--version"], { encoding: "utf8" });
describe("tshark", () => {
  if (tshark.status !== 0) {
    console.log("skipped: no tshark to hold the fields against (apt-get install tshark)");
    test.runIf(process.env.CI)("is there in CI", () => expect(tshark.status).toBe(0));
    return;
  }
  // Printed twice by tshark: once among the flags of the analysis, once as itself.
  const twice = (name: string, cell: string) =>
    name === "tcp.analysis.duplicate_ack" && cell ? "1,1" : cell;
  const names = fields.map(({ name }) => name).filter((name) => !name.startsWith("tcpwire."));

  test("prints the same for every field of its own, over every segment of the sample", async () => {
    const chosen = names.flatMap((name) => ["-e", name]);
    const ours = (await tcpwire(["segments", sample, "-T", "fields", ...chosen])).out;
    const theirs = spawnSync(
      "tshark",
      ["-n", "-r", sample, "-o", "tcp.check_checksum:TRUE", "-Y", "tcp", "-T", "fields", ...chosen],
      // No profile of the user's.
      {
        encoding: "utf8",
        env: { ...process.env, WIRESHARK_CONFIG_DIR: mkdtempSync(join(tmpdir(), "wireshark-")) },
      },
    ).stdout;
    const differences = theirs.split("\n").flatMap((line, row) => {
      const cells = ours.split("\n")[row].split("\t");
      return line.split("\t").flatMap((cell, i) => {
        const mine = twice(names[i], cells[i]);
        return mine === cell ? [] : [`row ${row} ${names[i]}: tshark ${cell}, tcpwire ${mine}`];
      });
    });
    expect(differences).toEqual([]);
    expect(theirs.split("\n").length).toBe(123);
  });
});

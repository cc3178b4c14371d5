// What is built here, as tshark and tcpdump read it: a second opinion on every option, flag and address.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildSegment,
  describeFlags,
  formatFlags,
  formatIPv6,
  optionKind,
  pseudoHeader,
  type SegmentFields,
  type TcpOption,
} from "../../src/wire/index.ts";
import { pcap } from "../codec/files.ts";
import { tsharkVersion } from "../codec/tshark.ts";
import { optionVectors } from "../vectors/options.ts";
import { tcpOption } from "./arbitraries.ts";
import { toHex } from "./oracle.ts";
import { inWiresharksTerms } from "./wireshark-terms.ts";

const LINKTYPE_RAW = 101;
const addresses = { src: "192.0.2.1", dst: "192.0.2.2" };
const present = tsharkVersion !== undefined || process.env.CI !== undefined;
if (!present) console.log("tshark is not installed (apt install tshark): options are not compared with it");

describe.skipIf(!present)("tshark reads", () => {
  const random = fc.sample(tcpOption, { numRuns: 800, seed: 9768 });
  const options = [...optionVectors.map(({ option }) => option), ...random].filter(
    ({ type }) => type !== "eol",
  );

  test("every option as it was meant", () => {
    const terms = options.map(inWiresharksTerms);
    const fields = [...new Set(terms.flatMap((term) => Object.keys(term)))];
    const answers = ask(
      options.map((option, i) => packet({ srcPort: 1024 + i, options: [option] })),
      ["tcp.option_kind", "tcp.checksum.status", ...fields],
    );
    expect(answers).toHaveLength(options.length);
    for (const [i, answer] of answers.entries()) {
      expect(answer["tcp.option_kind"].split(",")[0], show(options[i])).toBe(String(optionKind(options[i])));
      expect(answer["tcp.checksum.status"]).toBe("1");
      const said = Object.fromEntries(Object.keys(terms[i]).map((name) => [name, answer[name]]));
      expect(said, show(options[i])).toEqual(terms[i]);
    }
    // The comparison is about something: nearly all options have fields of their own.
    expect(terms.filter((term) => Object.keys(term).length > 0).length).toBeGreaterThan(options.length / 2);
  });

  test("every combination of control bits", () => {
    const combinations = Array.from({ length: 4096 }, (_, flags) => flags);
    const answers = ask(
      combinations.map((flags) => packet({ srcPort: 1024 + flags, flags })),
      ["tcp.flags", "_ws.col.Info"],
    );
    for (const [flags, answer] of answers.entries()) {
      expect(Number(answer["tcp.flags"])).toBe(flags);
      expect(/\[([A-Za-z, ]+|<None>)\] Seq/.exec(answer["_ws.col.Info"])?.[1]).toBe(describeFlags(flags));
    }
  });

  test("IPv6 addresses in the same text", () => {
    const group = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      fc.constantFrom(1, 0xffff, 0xdb8),
      fc.nat(0xffff),
    );
    const groups = fc.sample(fc.array(group, { minLength: 8, maxLength: 8 }), { numRuns: 2000, seed: 5952 });
    const texts = groups.map((words) => formatIPv6(Uint8Array.from(words.flatMap((w) => [w >> 8, w & 255]))));
    const answers = ask(
      texts.map((src) => packet({}, { src, dst: "::1" })),
      ["ipv6.src"],
    );
    expect(answers.map((answer) => answer["ipv6.src"])).toEqual(texts);
  });
});

test.skipIf(!hasTcpdump())("tcpdump prints the same letters for every combination of control bits", () => {
  const combinations = Array.from({ length: 256 }, (_, flags) => flags);
  const lines = withFile(
    combinations.map((flags) => packet({ flags })),
    (path) =>
      execFileSync("tcpdump", ["-nn", "-t", "-r", path], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
  ).trim();
  const letters = lines.split("\n").map((line) => /Flags (\[[^\]]+\])/.exec(line)?.[1]);
  expect(letters).toEqual(combinations.map(formatFlags));
});

function packet(fields: Partial<SegmentFields>, pair: { src: string; dst: string } = addresses): Uint8Array {
  const segment = buildSegment(
    { srcPort: 1, dstPort: 2, seq: 3, ack: 4, flags: 0x10, window: 5, ...fields },
    pair,
  );
  const pseudo = pseudoHeader(pair, segment.length);
  if (pair.src.includes(":")) {
    return Uint8Array.from([0x60, 0, 0, 0, 0, segment.length, 6, 64, ...pseudo.subarray(0, 32), ...segment]);
  }
  const header = [0x45, 0, 0, 20 + segment.length, 0, 1, 0, 0, 64, 6, 0, 0, ...pseudo.subarray(0, 8)];
  return Uint8Array.from([...header, ...segment]);
}

function ask(packets: Uint8Array[], fields: string[]): Record<string, string>[] {
  const output = withFile(packets, (path, folder) =>
    execFileSync(
      "tshark",
      [
        ...["-n", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:FALSE"],
        ...["-T", "fields", "-E", "separator=/t", ...fields.flatMap((field) => ["-e", field])],
      ],
      {
        encoding: "utf8",
        maxBuffer: 1 << 26,
        env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
        stdio: ["ignore", "pipe", "ignore"],
      },
    ),
  );
  return output
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      const values = line.split("\t");
      return Object.fromEntries(fields.map((field, i) => [field, values[i] ?? ""]));
    });
}

function withFile(packets: Uint8Array[], use: (path: string, folder: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
  try {
    const path = join(folder, "capture.pcap");
    const frames = packets.map((bytes, i) => ({ bytes, time: BigInt(i) * 1_000_000n }));
    writeFileSync(path, pcap(frames, { linkType: LINKTYPE_RAW }));
    return use(path, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function hasTcpdump(): boolean {
  try {
    execFileSync("tcpdump", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env.CI) return true;
    console.log("tcpdump is not installed (apt install tcpdump): its letters are not compared");
    return false;
  }
}

function show(option: TcpOption): string {
  return JSON.stringify(option, (_, value) => {
    if (typeof value === "bigint") return `${value}n`;
    return value instanceof Uint8Array ? toHex(value) : value;
  });
}

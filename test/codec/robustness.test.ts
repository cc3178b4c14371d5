// Whatever the bytes are, the codec ends, stays inside them, and says the same however they come.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAPTURE_CUT_SHORT } from "../../assembly/layout/status.ts";
import type { Case } from "./cases/case.ts";
import { fragmentCases } from "./cases/fragments.ts";
import { ipCases } from "./cases/ip.ts";
import { linkCases } from "./cases/link.ts";
import { segmentCases } from "./cases/segment.ts";
import { tunnelCases } from "./cases/tunnel.ts";
import { pcap, Section } from "./files.ts";
import { Harness, type Outcome } from "./harness.ts";
import { join } from "./packets.ts";

/** Mutants of each kind; a million and more in a long run: TCPWIRE_MUTANTS=1000000. */
const MUTANTS = Number(process.env.TCPWIRE_MUTANTS ?? 3000);

const cases = [...linkCases, ...ipCases, ...tunnelCases, ...fragmentCases, ...segmentCases];
const small = cases.filter(({ frames }) => frames.every((frame) => contentOf(frame).bytes.length < 600));
const harness = new Harness();

function contentOf(frame: Case["frames"][number]) {
  return frame instanceof Uint8Array ? { bytes: frame, length: frame.length } : frame;
}

/** The cases as one pcapng file of two sections of either byte order, with every kind of packet block. */
function pcapngOf(all: Case[]): Uint8Array {
  const linkTypes = [...new Set(all.map(({ linkType }) => linkType))];
  const interfaces = linkTypes.map((linkType, i) => ({ linkType, resolution: [6, 9, 0x94, 3][i % 4] }));
  return join(
    ...[false, true].map((bigEndian) => {
      const section = new Section({ bigEndian, interfaces });
      all.forEach((each, i) => {
        for (const frame of each.frames.map(contentOf)) {
          const interfaceId = linkTypes.indexOf(each.linkType);
          const packet = { ...frame, time: 1_700_000_000_000_000n + BigInt(i), interfaceId };
          if (i % 7 === 3) section.obsolete(packet);
          else if (i % 7 === 5 && interfaceId === 0) section.simple(packet);
          else section.enhanced(packet);
        }
        if (i % 11 === 0) section.block(0x0bad, [1, 2, 3]);
      });
      return section.bytes;
    }),
  );
}

const ethernetFrames = (all: Case[]) =>
  all.filter(({ linkType }) => linkType === 1).flatMap(({ frames }) => frames.map(contentOf));

const files: [string, Uint8Array][] = [
  ["pcapng", pcapngOf(small)],
  ["pcap", pcap(ethernetFrames(small))],
  ["pcap, big-endian, nanoseconds", pcap(ethernetFrames(small), { bigEndian: true, magic: 0xa1b23c4d })],
  ["pcap, modified", pcap(ethernetFrames(small), { magic: 0xa1b2cd34 })],
];

const text = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part));

/** Everything but the addresses of things. */
function said({ rows, error, errorOffset, counters, earliest, latest }: Outcome): string {
  return text({ rows, error, errorOffset, counters, earliest, latest });
}

describe("however the window falls, the answer is the same", () => {
  test.each(files)("%s", (_, file) => {
    const whole = said(harness.read(file));
    for (const window of [1000, 1001, 1500, 4096, 65536])
      expect(said(harness.read(file, { window }))).toBe(whole);
  });
});

describe("what lies around the input does not count", () => {
  test("for the last frame of a capture, whatever it is", () => {
    for (const each of cases) {
      const frames = each.frames.map(contentOf);
      const file = pcap(frames, { linkType: each.linkType });
      expect(said(harness.read(file, { surroundings: 0xff })), each.name).toBe(said(harness.read(file)));
    }
  });

  test("for a last frame cut anywhere", () => {
    for (const each of small) {
      const frames = each.frames.map(contentOf);
      const last = frames.pop()!;
      for (let n = 0; n < last.bytes.length; n++) {
        const cut = { bytes: last.bytes.slice(0, n), length: last.length };
        const file = pcap([...frames, cut], { linkType: each.linkType });
        const outcome = harness.read(file, { surroundings: 0xff });
        if (said(outcome) !== said(harness.read(file))) expect.fail(`${each.name}, cut to ${n} bytes`);
        expect(outcome.error).toBe(0);
      }
    }
  });
});

describe("a file cut anywhere gives the rows before the cut, and the place of it", () => {
  test.each([
    ["pcapng", pcapngOf(small.slice(0, 12))],
    ["pcap", pcap(ethernetFrames(small).slice(0, 12))],
  ])("%s", (_, file) => {
    const rows = harness.read(file).rows.map(text);
    let ends = 0;
    for (let n = 24; n < file.length; n++) {
      const outcome = harness.read(file.slice(0, n));
      outcome.rows.forEach((row, i) => {
        if (text(row) !== rows[i]) expect.fail(`row ${i} of the file cut to ${n} bytes`);
      });
      if (outcome.error === 0) ends++;
      else expect(outcome.error).toBe(CAPTURE_CUT_SHORT);
      expect(outcome.errorOffset).toBeLessThanOrEqual(n);
    }
    expect(ends).toBeGreaterThan(10);
  });
});

describe("a damaged file ends, and says the same however it comes", () => {
  const place = fc.nat();
  const edit = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at: place, byte: fc.nat(255) }),
    fc.record({ kind: fc.constant("flip" as const), at: place, byte: fc.nat(7) }),
    fc.record({
      kind: fc.constant("word" as const),
      at: place,
      byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
    }),
    fc.record({ kind: fc.constant("remove" as const), at: place, byte: fc.nat(40) }),
    fc.record({ kind: fc.constant("repeat" as const), at: place, byte: fc.nat(120) }),
  );

  // Few frames at a time: what is damaged early hides the rest of a file.
  const groups = Array.from({ length: Math.ceil(small.length / 6) }, (_, i) => small.slice(i * 6, i * 6 + 6));
  const originals = groups.flatMap((group) => [
    pcapngOf(group),
    ...group.map(({ linkType, frames }) => pcap(frames.map(contentOf), { linkType })),
  ]);

  test(`${MUTANTS} mutants`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (file, edits) => {
          const mutant = edits.reduce(
            (bytes, { kind, at, byte }) => mutated(bytes, kind, 24 + (at % (bytes.length - 24)), byte),
            file,
          );
          const whole = said(harness.read(mutant));
          expect(said(harness.read(mutant, { surroundings: 0xff }))).toBe(whole);
          // Nothing read says more than the bytes that are there could.
          expect(whole.length).toBeLessThan(200_000 + mutant.length * 100);
        },
      ),
      { numRuns: MUTANTS },
    );
  });

  function mutated(bytes: Uint8Array, kind: string, at: number, byte: number): Uint8Array {
    if (kind === "remove") return join(bytes.subarray(0, at), bytes.subarray(at + byte));
    if (kind === "repeat") return join(bytes.subarray(0, at + byte), bytes.subarray(at));
    const copy = bytes.slice();
    if (kind === "set") copy[at] = byte;
    else if (kind === "flip") copy[at] ^= 1 << byte;
    else copy.fill(byte, at, at + 4);
    return copy;
  }
});

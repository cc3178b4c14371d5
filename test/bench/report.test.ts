import { describe, expect, test } from "vitest";
import type { RaceResult, Standing } from "../../src/bench/race.ts";
import { crossover, formatRace, formatSummary, losses, significant } from "../../src/bench/report.ts";

const even = (median: number) => ({ median, q1: median, q3: median });

function result(
  name: string,
  amount: number,
  unit: RaceResult["unit"],
  ...standings: Standing[]
): RaceResult {
  return { name, title: "work", amount, unit, rounds: 3, standings };
}

function checksums(size: number, copied: number, plain: number): RaceResult {
  return result(
    `checksum/${size}`,
    size,
    "byte",
    { name: "tcpwire", time: even(plain / size) },
    {
      name: "WebAssembly, copied in",
      time: even(copied / size),
      ratio: even(copied / plain),
    },
    { name: "plain JavaScript", time: even(plain / size), ratio: even(1) },
  );
}

describe("a race as text", () => {
  test("has a line for each contender, with median, spread, rate and ratio", () => {
    const text = formatRace(
      result(
        "batch/acks",
        1000,
        "packet",
        { name: "tcpwire", time: { median: 14.62, q1: 14.4, q3: 15.1 } },
        { name: "other", time: even(55), ratio: { median: 3.761, q1: 3.6, q3: 3.9 } },
      ),
    );
    expect(text).toBe(
      "batch/acks  work\n" +
        "  tcpwire  14.6 ns/packet  14.4–15.1  68.4 M/s\n" +
        "  other    55.0 ns/packet  55.0–55.0  18.2 M/s  3.76× (3.60–3.90)\n",
    );
  });

  test("says how long all of the bytes took, and gigabytes a second", () => {
    const text = formatRace(result("checksum/1460", 1460, "byte", { name: "tcpwire", time: even(0.02) }));
    expect(text).toContain("29.2 ns  29.2–29.2  50.0 GB/s");
  });

  test("names what differs where there is no ratio, what is lacking where it is a bound, and what failed", () => {
    const text = formatRace(
      result(
        "file/mixed",
        1,
        "packet",
        { name: "tcpwire", time: even(1) },
        { name: "wrong", time: even(2), differs: ["seq"] },
        { name: "less", time: even(2), ratio: even(2), lacks: ["a", "b", "c", "d", "e", "f", "g"] },
        { name: "broken", failed: "option 19" },
      ),
    );
    const [, , wrong, less, broken] = text.split("\n");
    expect(wrong).toMatch(/no ratio: other results in seq$/);
    expect(less).toMatch(/≥ 2\.00× \(2\.00–2\.00\) {2}without a, b, c, d, e and 2 more$/);
    expect(broken).toMatch(/broken +failed: option 19$/);
  });

  test("numbers have three significant digits and no exponent", () => {
    expect([0.00123456, 0.5, 9.999, 12.34, 123.4, 123456].map(significant)).toEqual([
      "0.00123",
      "0.500",
      "10.00",
      "12.3",
      "123",
      "123456",
    ]);
  });
});

describe("where something is lost", () => {
  const results = [
    checksums(20, 40, 10),
    checksums(64, 30, 20),
    checksums(576, 40, 80),
    checksums(1460, 60, 200),
  ];

  test("every contender that was faster than the reference is listed", () => {
    expect(losses(results)).toEqual([
      { race: "checksum/576", to: "WebAssembly, copied in", ratio: 0.5 },
      { race: "checksum/1460", to: "WebAssembly, copied in", ratio: 0.3 },
    ]);
  });

  test("the copy pays from the first size that no larger one contradicts", () => {
    expect(crossover(results, "checksum", "WebAssembly, copied in", "plain JavaScript")).toBe(576);
    expect(formatSummary(results)).toContain("faster than plain JavaScript from 576 bytes on");
  });

  test("one late loss takes the claim back", () => {
    const late = [...results, checksums(9000, 900, 800)];
    expect(crossover(late, "checksum", "WebAssembly, copied in", "plain JavaScript")).toBeUndefined();
  });

  test("nothing is claimed where no smaller size was lost", () => {
    expect(
      crossover([checksums(1460, 60, 200)], "checksum", "WebAssembly, copied in", "plain JavaScript"),
    ).toBeUndefined();
  });
});

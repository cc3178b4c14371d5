import { describe, expect, test } from "vitest";
import { aligned, bar, sparkline } from "../../src/cli/terminal/chart.ts";
import { escapeBytes, escapeText } from "../../src/cli/terminal/escape.ts";
import { bytesText, counted, durationText, grouped, percent } from "../../src/cli/terminal/numbers.ts";
import { TextBuffer } from "../../src/cli/terminal/sink.ts";
import { wrap } from "../../src/cli/terminal/wrap.ts";

describe("text for a terminal", () => {
  test.each([
    ["plain, 한국어, é", "plain, 한국어, é"],
    ["\x1b]0;title\x07", "\\x1b]0;title\\x07"],
    ["a\tb\r\n", "a\\tb\\r\\n"],
    ["\x7f\x9b31m", "\\x7f\\x9b31m"],
    ["abc\u202ecba", "abc\\u{202e}cba"],
    ["line\u2028separator", "line\\u{2028}separator"],
    ["\ud800 alone", "\\u{d800} alone"],
    ["😀", "😀"],
  ])("%j becomes %j", (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test("no control character of C0 or C1 survives, in text or in bytes", () => {
    for (let code = 0; code < 256; code++) {
      if (code >= 0x20 && code < 0x7f) continue;
      expect(escapeBytes(Uint8Array.of(code))).toMatch(/^\\[x\w\\]+$/);
      if (code < 0xa0) expect(escapeText(String.fromCharCode(code))).toMatch(/^\\[x\w]+$/);
    }
    expect(escapeBytes(new TextEncoder().encode('GET / "\\'))).toBe('GET / "\\\\');
  });
});

describe("numbers", () => {
  test.each([
    [grouped(0), "0"],
    [grouped(999), "999"],
    [grouped(1234567), "1,234,567"],
    [bytesText(0), "0 B"],
    [bytesText(999), "999 B"],
    [bytesText(1000), "1.00 kB"],
    [bytesText(12_345), "12.3 kB"],
    [bytesText(999_600), "1.00 MB"],
    [bytesText(2_000_000_000), "2.00 GB"],
    [percent(0, 10), "0 %"],
    [percent(10, 10), "100 %"],
    [percent(1, 100_000), "<0.1 %"],
    [percent(99_999, 100_000), ">99.9 %"],
    [percent(1, 3), "33 %"],
    [percent(0, 0), "0 %"],
    [counted(1, "SYN"), "1 SYN"],
    [counted(2, "SYN"), "2 SYNs"],
    [durationText(0), "0 ns"],
    [durationText(0.00035), "350 µs"],
    [durationText(0.0185), "18.5 ms"],
    [durationText(4.2418), "4.242 s"],
    [durationText(60), "1 min"],
    [durationText(861.4), "14 min 21 s"],
    [durationText(90_000), "1 d 1 h"],
  ])("%s", (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe("pictures", () => {
  test("a bar has its share of the cells, and something never has none", () => {
    expect(bar(1, 8)).toBe("████████");
    expect(bar(0.5, 8)).toBe("████");
    expect(bar(1e-9, 8)).toBe("▏");
    expect(bar(0, 8)).toBe("");
  });

  test("a sparkline reaches from blank to full", () => {
    expect(sparkline([0, 1, 4, 8])).toBe(" ▁▄█");
  });

  test("columns line up by what shows of them", () => {
    expect(
      aligned(
        [
          ["a", "1"],
          ["\x1b[31mlong\x1b[0m", "100"],
        ],
        [false, true],
      ),
    ).toEqual(["a       1", "\x1b[31mlong\x1b[0m  100"]);
  });

  test("a paragraph breaks at spaces, a word that is too long stands alone", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("a incomprehensibly b", 5)).toEqual(["a", "incomprehensibly", "b"]);
  });
});

test("text goes out in pieces, all of it and in order, and nothing before it is asked to", async () => {
  const written: number[] = [];
  let text = "";
  const decoder = new TextDecoder();
  const out = new TextBuffer({
    isTerminal: false,
    width: 80,
    async write(chunk) {
      written.push(chunk.length);
      text += decoder.decode(chunk as Uint8Array);
    },
  });
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`);
  for (const line of lines) out.add(line);
  expect(written).toEqual([]);
  await out.flush();
  await out.flush();
  expect(text).toBe(lines.join(""));
  expect(Math.min(...written.slice(0, -1))).toBeGreaterThanOrEqual(1 << 16);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { SEGMENT_OK } from "../../assembly/layout/status.ts";
import {
  CommonOptions,
  findOption,
  parseOptions,
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../src/wire/options/index.ts";
import { optionBytes } from "./arbitraries.ts";
import { fromHex } from "./oracle.ts";

const COMMON = ["nop", "eol", "mss", "windowScale", "sackPermitted", "sack", "timestamps"];

test("the options that nearly every segment has are read as the full parse reads them", () => {
  const common = new CommonOptions();
  fc.assert(
    fc.property(optionBytes, fc.nat(4), (content, before) => {
      const bytes = new Uint8Array(before + content.length + 3).fill(0x08);
      bytes.set(content, before);
      common.read(bytes, before, before + content.length);
      const options = parseOptions(bytes, before, before + content.length);
      const malformed = options.find((option) => option.type === "malformed");
      const mss = findOption(options, "mss");
      const scale = findOption(options, "windowScale");
      const timestamps = findOption(options, "timestamps");
      const blocks = options.flatMap((option) => (option.type === "sack" ? option.blocks : []));
      const times = (type: string) => options.filter((option) => option.type === type).length;
      const twice = ["mss", "windowScale", "timestamps"].some((type) => times(type) > 1);
      const rare = options.some((option) =>
        option.type === "malformed" ? option.code === "OPTION_LENGTH_WRONG" : !COMMON.includes(option.type),
      );
      expect(common.mss).toBe(mss?.value ?? 0);
      expect(common.windowScale).toBe(scale?.shift ?? 0);
      expect([common.tsval, common.tsecr]).toEqual([timestamps?.tsval ?? 0, timestamps?.tsecr ?? 0]);
      const edges = Array.from(common.sackEdges.subarray(0, 2 * common.sackCount));
      expect(edges).toEqual(blocks.flatMap(({ left, right }) => [left, right]));
      expect(common.seen).toBe(
        (mss ? SEEN_MSS : 0) |
          (scale ? SEEN_WINDOW_SCALE : 0) |
          (findOption(options, "sackPermitted") ? SEEN_SACK_PERMITTED : 0) |
          (findOption(options, "sack") ? SEEN_SACK : 0) |
          (timestamps ? SEEN_TIMESTAMPS : 0) |
          (rare || twice ? SEEN_OTHER : 0) |
          (malformed ? SEEN_MALFORMED : 0),
      );
      expect(common.status === SEGMENT_OK).toBe(malformed === undefined);
    }),
    { numRuns: 5000 },
  );
});

test("those of a data segment are read the short way alike", () => {
  const bytes = fromHex("0101080a0000000180000002");
  const common = new CommonOptions().read(fromHex("020405b4030307000502"), 0, 9).read(bytes, 0, 12);
  expect(common).toMatchObject({
    seen: SEEN_TIMESTAMPS,
    tsval: 1,
    tsecr: 0x80000002,
    mss: 0,
    windowScale: 0,
  });
});

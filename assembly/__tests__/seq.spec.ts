import { add, between, distance, ge, gt, inWindow, le, lt, max, min, relative } from "../seq";

const TOP: u32 = 0xffffffff;
const HALF: u32 = 0x80000000;

describe("sequence numbers", () => {
  it("compare across the wrap and across the sign bit", () => {
    expect(lt(TOP, 0)).toBe(true);
    expect(lt(0, TOP)).toBe(false);
    expect(gt(0, TOP)).toBe(true);
    expect(lt(HALF - 1, HALF)).toBe(true);
    expect(gt(HALF, HALF - 1)).toBe(true);
    expect(le(7, 7)).toBe(true);
    expect(ge(7, 7)).toBe(true);
    expect(lt(7, 7)).toBe(false);
    expect(gt(7, 7)).toBe(false);
  });

  it("exactly half the space apart are each before the other and neither after", () => {
    expect(lt(0, HALF)).toBe(true);
    expect(lt(HALF, 0)).toBe(true);
    expect(gt(0, HALF)).toBe(false);
    expect(gt(HALF, 0)).toBe(false);
    expect(max(0, HALF)).toBe(HALF);
    expect(min(0, HALF)).toBe(0);
  });

  it("lie in windows that wrap", () => {
    expect(inWindow(TOP, TOP - 1, 4)).toBe(true);
    expect(inWindow(1, TOP - 1, 4)).toBe(true);
    expect(inWindow(2, TOP - 1, 4)).toBe(false);
    expect(inWindow(5, 5, 0)).toBe(false);
    expect(between(TOP, 0, 1)).toBe(true);
    expect(between(TOP, 2, 1)).toBe(false);
  });

  it("are counted forwards and backwards", () => {
    expect(distance(TOP, 3)).toBe(4);
    expect(distance(3, TOP)).toBe(-4);
    expect(add(TOP, 4)).toBe(3);
    expect(relative(3, TOP)).toBe(4);
    expect(max(TOP, 3)).toBe(3);
    expect(min(TOP, 3)).toBe(TOP);
  });
});

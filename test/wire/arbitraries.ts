import fc from "fast-check";

/** Unsigned 32-bit numbers, half of them within 40 of 0, 2^31 and 2^32 or near the RFC's window sizes. */
export const edgeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc
    .tuple(fc.constantFrom(0, 2 ** 16, 2 ** 30, 2 ** 31, 2 ** 32), fc.integer({ min: -40, max: 40 }))
    .map(([corner, step]) => (corner + step) >>> 0),
);

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });

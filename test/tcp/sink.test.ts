import { expect, test } from "vitest";
import { sharedRings } from "../../src/wasm/rings.ts";
import { established } from "./fixtures.ts";
import { EPOCH, type World, world } from "./world.ts";

// Where `output` meets a sink that takes only so much: what `poll` never does.

/** Writes out what is due, at most `room` segments. */
function output(t: World, room: number, now: number): number {
  const { address } = sharedRings().outbound;
  let taken = 0;
  t.endpoint.output({ reserve: () => (taken < room ? address : 0), commit: () => void taken++ }, now);
  return taken;
}

test("a sink that takes less than cwnd allows holds the sender back: cwnd does not grow past what is used", () => {
  const t = world(established({ congestion: "reno", hystart: false, noDelay: true }));
  const everything = new Uint8Array(1 << 16);
  let acked = 1;
  let now = EPOCH;
  // A window full, which cwnd ends.
  t.endpoint.send(everything, now);
  let inFlight = output(t, 100, now);
  expect(inFlight).toBe(10);
  for (let round = 0; round < 20; round++) {
    now += 100;
    acked += inFlight * 1000;
    t.endpoint.onSegment(t.encode(`. 1:1(0) ack ${acked} win 50000`), now);
    t.endpoint.send(everything, now);
    inFlight = output(t, 4, now);
    expect(inFlight).toBe(4);
  }
  // What the first window has earned, and no more; RFC 7661 4.3: four segments a round trip validate no larger one.
  expect(t.status.congestion.cwnd).toBe(20_000);
  // Taken again without end, cwnd is the limit, and grows.
  now += 100;
  acked += inFlight * 1000;
  t.endpoint.onSegment(t.encode(`. 1:1(0) ack ${acked} win 50000`), now);
  expect(output(t, 100, now)).toBe(20);
  now += 100;
  acked += 20_000;
  t.endpoint.onSegment(t.encode(`. 1:1(0) ack ${acked} win 50000`), now);
  expect(t.status.congestion.cwnd).toBe(40_000);
});

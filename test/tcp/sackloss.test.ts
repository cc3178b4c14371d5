import { describe, expect } from "vitest";
import { established } from "./fixtures.ts";
import { scenario } from "./world.ts";

// RFC 6675, where RACK is switched off.
const COUNTING = established({ rack: false, congestion: "reno" }, { offers: "mss 1000,sackOK" });
const seg = (n: number, flags = ".") => `${flags} ${1000 * n - 999}:${1000 * n + 1}(1000) ack 1`;
const segs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => seg(from + i));
const ack = (n: number, ...blocks: string[]) =>
  `. 1:1(0) ack ${1000 * n + 1} win 50000${blocks.length ? ` <nop,nop,sack ${blocks.join(" ")}>` : ""}`;
const range = (from: number, to: number) => `${1000 * from - 999}:${1000 * to + 1}`;

describe("recovery by counting", () => {
  scenario("two duplicates let new data go, the third repeats the oldest segment", COUNTING, (t) => {
    t.send(30_000)
      .out(...segs(1, 10))
      .at(100);
    t.in(ack(0, range(2, 2)))
      .out(seg(11))
      .in(ack(0, range(2, 3)))
      .out(seg(12));
    t.in(ack(0, range(2, 4))).out(seg(1));
    expect(t.status.congestion).toMatchObject({ phase: "recovery", ssthresh: 5000 });
    expect(t.status.timers.reorder, "no time is involved").toBeUndefined();
    t.in(ack(0, range(2, 5)), ack(0, range(2, 6)), ack(0, range(2, 7))).take();
    t.at(200).in(ack(12)).take();
    expect(t.status.congestion).toMatchObject({ phase: "open" });
    expect(t.status.counters).toMatchObject({ retransmits: 1, recoveries: 1 });
  });

  scenario("three separate ranges condemn all below them at once", COUNTING, (t) => {
    t.send(10_000)
      .out(...segs(1, 9), seg(10, "P."))
      .at(100);
    t.in(ack(0, range(8, 8), range(6, 6), range(4, 4))).out(seg(1));
    t.in(ack(0, range(8, 9), range(6, 6), range(4, 4))).out(seg(2));
    t.in(ack(0, range(8, 10), range(6, 6), range(4, 4))).take();
    t.at(200).in(ack(10));
    expect(t.status.counters.timeouts).toBe(0);
  });

  scenario(
    "more than two segments' worth of bytes above condemn, the same number does not",
    COUNTING,
    (t) => {
      t.send(10_000)
        .out(...segs(1, 9), seg(10, "P."))
        .at(100);
      t.in(ack(0, range(9, 10))).silent();
      expect(t.status.congestion.phase).toBe("open");
      t.in(ack(0, range(8, 10))).out(seg(1));
      expect(t.status.congestion.phase).toBe("recovery");
    },
  );

  scenario("repeats what is missing but not condemned, when nothing else may go (rule 3)", COUNTING, (t) => {
    t.send(10_000)
      .out(...segs(1, 9), seg(10, "P."))
      .at(100);
    t.in(ack(0, range(2, 4))).out(seg(1)); // 1 is condemned; 9 will be missing too, with only 10 above it
    t.in(ack(0, range(2, 8))).out(seg(10, "P.")); // the rescue
    t.at(150).in(ack(8, range(10, 10)));
    t.out(seg(9)).at(250).in(ack(10));
    expect(t.status.counters).toMatchObject({ timeouts: 0, retransmits: 3 });
  });

  scenario("rescues a tail that was lost whole, once (rule 4)", COUNTING, (t) => {
    t.send(10_000)
      .out(...segs(1, 9), seg(10, "P."))
      .at(100);
    // 7 to 10 are lost: nothing above them would ever be SACKed.
    t.in(ack(0, range(2, 4)))
      .out(seg(1))
      .in(ack(0, range(2, 5)))
      .out(seg(10, "P."));
    t.in(ack(0, range(2, 6)))
      .silent()
      .at(200)
      .in(ack(6))
      .silent();
    t.in(ack(6, range(10, 10))).out(seg(7), seg(8));
    t.at(300)
      .in(ack(7, range(10, 10)))
      .out(seg(9))
      .in(ack(8, range(10, 10)));
    t.at(400).in(ack(10));
    expect(t.status.counters).toMatchObject({ timeouts: 0, retransmits: 5 });
  });

  scenario("knows no tail loss probe", COUNTING, (t) => {
    t.send(1000).out(seg(1, "P."));
    expect(t.status.timers.lossProbe).toBeUndefined();
    t.at(100).in(ack(1));
  });
});

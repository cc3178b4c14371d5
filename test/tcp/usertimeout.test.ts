import { describe, expect } from "vitest";
import { closed, established, followedBy, listen } from "./fixtures.ts";
import { scenario } from "./world.ts";

describe("the user timeout option", () => {
  scenario(
    "is announced in the SYN and in the first segment after it",
    closed({ userTimeout: 300_000, announceUserTimeout: true, timestamps: false }),
    (t) => {
      t.connect().out("S 0:0(0) <mss 1460,sackOK,wscale 7,uto 300>");
      t.in("S. 0:0(0) ack 1 win 50000 <mss 1000>").out(". 1:1(0) ack 1 <uto 300>");
      t.send(10).out("P. 1:11(10) <>").at(10).in(". 1:1(0) ack 11 win 50000");
    },
  );

  scenario(
    "counts minutes beyond nine hours",
    closed({ userTimeout: 36_000_000, announceUserTimeout: true }),
    (t) => {
      t.connect().out(`S 0:0(0) <mss 1460,sackOK,TS,wscale 7,uto ${0x8000 | 600}>`);
    },
  );

  scenario(
    "of the peer is followed where that is wanted",
    followedBy(listen({ acceptUserTimeout: true }), (t) => t),
    (t) => {
      t.in("S 0:0(0) win 1000 <mss 1000>").take();
      t.in(". 1:1(0) ack 1 win 1000 <uto 200>").send(10).out("P. 1:11(10)");
      for (; t.now < 200_000; ) {
        const next = Math.min(200_000, t.endpoint.nextTimeout() - 1_000_000);
        t.state("ESTABLISHED").at(next);
        t.take();
      }
      t.told("established", "suspect", "closed timedOut userTimeout");
    },
  );

  scenario("of the peer shortens nothing below 100 s", established({ acceptUserTimeout: true }), (t) => {
    t.in(". 1:1(0) ack 1 win 1000 <uto 1>").send(10).take();
    expect(t.status.timers.user).toBe(1_100_000);
    t.abort().take();
  });

  scenario("of the peer is ignored by default", established(), (t) => {
    t.in(". 1:1(0) ack 1 win 1000 <uto 200>").send(10).take();
    expect(t.status.timers.user).toBeUndefined();
    t.abort().take();
  });

  scenario("of our own user stays", established({ acceptUserTimeout: true, userTimeout: 500_000 }), (t) => {
    t.in(". 1:1(0) ack 1 win 1000 <uto 200>").send(10).take();
    expect(t.status.timers.user).toBe(1_500_000);
    t.abort().take();
  });
});

describe("pacing", () => {
  scenario("spreads a window over half a round trip in slow start", established({ pacing: true }), (t) => {
    t.send(20_000).out(". 1:1001(1000)");
    for (let n = 2; n <= 10; n++) t.at(5 * (n - 1)).out(`. ${1000 * n - 999}:${1000 * n + 1}(1000)`);
    t.at(99).silent();
    t.at(100).in(". 1:1(0) ack 2001 win 50000").out(". 10001:11001(1000)");
    t.abort().take();
  });

  scenario("is off by default", established(), (t) => {
    t.send(10_000);
    expect(t.take()).toHaveLength(10);
    t.in(". 1:1(0) ack 10001 win 50000");
  });
});

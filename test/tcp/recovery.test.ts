import { describe, expect } from "vitest";
import { established } from "./fixtures.ts";
import { scenario } from "./world.ts";

const SACK = { offers: "mss 1000,sackOK" };
const sent = (from: number, to: number, last = 0) =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const n = from + i;
    return `${n === last ? "P." : "."} ${1000 * n - 999}:${1000 * n + 1}(1000) ack 1`;
  });
const ack = (n: number, blocks = "") =>
  `. 1:1(0) ack ${1000 * n + 1} win 50000${blocks ? ` <nop,nop,sack ${blocks}>` : ""}`;
const range = (from: number, to: number) => `${1000 * from - 999}:${1000 * to + 1}`;
/** Reno and no more than NewReno knows. */
const RENO = { congestion: "reno" as const };
const NO_HYSTART = { hystart: false };

describe("slow start", () => {
  scenario(
    "begins with ten segments and sends two for each that is acknowledged",
    established(NO_HYSTART),
    (t) => {
      t.send(40_000)
        .out(...sent(1, 10))
        .at(100)
        .in(ack(1))
        .out(...sent(11, 12))
        .in(ack(3))
        .out(...sent(13, 16));
      t.in(ack(16))
        .out(...sent(17, 40, 40))
        .at(200)
        .in(ack(40));
    },
  );

  scenario("grows nothing while the application is the limit", established(), (t) => {
    for (let n = 1; n <= 20; n++)
      t.at(100 * n)
        .send(1000)
        .out(...sent(n, n, n))
        .at(100 * n + 50)
        .in(ack(n));
    expect(t.status.congestion.cwnd).toBe(10_000);
  });
});

describe("HyStart++", () => {
  scenario("adds no more than eight segments an acknowledgment", established(), (t) => {
    t.send(60_000)
      .out(...sent(1, 10))
      .at(100)
      .in(ack(10))
      .out(...sent(11, 28))
      .in(ack(28))
      .out(...sent(29, 54));
    t.at(200).in(ack(54)).take();
    t.in(ack(60));
  });

  scenario(
    "leaves slow start when the round trip keeps growing",
    established({ sndBuf: 4_000_000 }, { win: 65535, offers: "mss 1000,nop,wscale 7" }),
    (t) => {
      t.write(4_000_000);
      let [at, n, rtt] = [0, 0, 100];
      while (t.status.congestion.ssthresh === 0x7fffffff) {
        // A round: everything in flight is acknowledged, two segments at a time, later each round.
        const flight = t.status.snd.inFlight / 1000;
        if (flight > 2000) throw new Error("slow start did not end");
        rtt += 20;
        at += rtt;
        t.take();
        t.at(at);
        for (let i = 2; i <= flight; i += 2) t.in(`. 1:1(0) ack ${1000 * (n + i) + 1} win 65535`).take();
        n += Math.floor(flight / 2) * 2;
      }
      expect(t.status.congestion.ssthresh).toBeGreaterThan(20_000);
      expect(t.status.congestion.ssthresh).toBeLessThan(500_000);
      expect(t.status.counters.retransmits).toBe(0);
      t.abort().take();
    },
  );
});

describe("congestion avoidance", () => {
  scenario("adds one segment a round trip (Reno)", established(RENO), (t) => {
    t.send(30_000).out(...sent(1, 10));
    t.at(100)
      .in(...Array(3).fill(ack(0)))
      .take();
    t.at(200).in(ack(12)).take();
    const { cwnd, ssthresh } = t.status.congestion;
    expect(cwnd).toBe(ssthresh);
    expect(ssthresh).toBe(5000);
    t.take();
    t.at(300).in(ack(17)).take();
    expect(t.status.congestion.cwnd).toBe(6000);
    t.in(ack(30)).take();
  });
});

describe("fast retransmit without SACK", () => {
  scenario(
    "follows three duplicate acknowledgments; the first two let new segments out",
    established(RENO),
    (t) => {
      t.send(20_000)
        .out(...sent(1, 10))
        .at(100)
        .in(ack(1))
        .out(...sent(11, 12));
      t.in(ack(1))
        .out(...sent(13, 13))
        .in(ack(1))
        .out(...sent(14, 14))
        .in(ack(1))
        .out(...sent(2, 2));
      expect(t.status.congestion).toMatchObject({ phase: "recovery", ssthresh: 5500 });
      t.at(200)
        .in(ack(14))
        .out(...sent(15, 19))
        .at(300)
        .in(ack(19))
        .out(...sent(20, 20, 20));
      expect(t.status.congestion.phase).toBe("open");
      t.at(400).in(ack(20));
    },
  );

  scenario(
    "without limited transmit the first two let nothing out",
    established({ ...RENO, limitedTransmit: false }),
    (t) => {
      t.send(20_000)
        .out(...sent(1, 10))
        .at(100)
        .in(ack(0))
        .silent()
        .in(ack(0))
        .silent()
        .in(ack(0))
        .out(...sent(1, 1));
      t.at(150).in(ack(10)).take();
      t.in(ack(20)).take();
    },
  );

  scenario("a partial acknowledgment repeats the next hole at once (NewReno)", established(RENO), (t) => {
    t.send(10_000)
      .out(...sent(1, 10, 10))
      .at(100)
      .in(ack(0), ack(0), ack(0))
      .out(...sent(1, 1));
    t.at(200)
      .in(ack(4))
      .out(...sent(5, 5))
      .at(300)
      .in(ack(7))
      .out(...sent(8, 8))
      .at(400)
      .in(ack(10));
    expect(t.status.counters).toMatchObject({ retransmits: 3, timeouts: 0, recoveries: 1 });
  });

  scenario("segments with data are no duplicate acknowledgments", established(RENO), (t) => {
    t.send(10_000).out(...sent(1, 10, 10));
    for (let n = 0; n < 5; n++)
      t.in(`. ${1 + n}:${2 + n}(1) ack 1 win 50000`).out(`. 10001:10001(0) ack ${2 + n}`);
    t.in(". 6:6(0) ack 10001 win 50000").receive(5);
  });

  scenario("window updates are none either", established(RENO), (t) => {
    t.send(10_000).out(...sent(1, 10, 10));
    for (let n = 0; n < 5; n++) t.in(`. 1:1(0) ack 1 win ${40_000 + n}`).silent();
    t.in(ack(10));
  });
});

describe("tail loss probe", () => {
  scenario("repeats the last segment after two round trips", established({}, SACK), (t) => {
    t.send(3000)
      .out(...sent(1, 3, 3))
      .at(202)
      .out(...sent(3, 3, 3));
    t.at(302)
      .in(ack(0, range(3, 3)))
      .out(...sent(1, 1))
      .at(402)
      .in(ack(1, range(3, 3)))
      .out(...sent(2, 2));
    t.at(502).in(ack(3));
    expect(t.status.counters.timeouts).toBe(0);
  });

  scenario("sends new data instead where there is some", established({ initialCwnd: 2 }, SACK), (t) => {
    t.send(2500)
      .out(...sent(1, 2))
      .at(202)
      .out("P. 2001:2501(500)");
    t.at(300).in(ack(2)).in(". 1:1(0) ack 2501 win 50000");
  });

  scenario(
    "of a lone segment waits longer, for the peer's delayed acknowledgment",
    established({ minRto: 1000 }, SACK),
    (t) => {
      t.send(1000)
        .out(...sent(1, 1, 1))
        .at(402)
        .out(...sent(1, 1, 1))
        .at(500)
        .in(ack(1));
    },
  );

  scenario("goes in the place of a timeout that would come first", established({}, SACK), (t) => {
    t.send(1000)
      .out(...sent(1, 1, 1))
      .at(300)
      .out(...sent(1, 1, 1));
    expect(t.status.counters.timeouts).toBe(0);
    // The timeout counts from the probe, and is no backed-off one.
    t.at(600).out(...sent(1, 1, 1));
    expect(t.status.counters.timeouts).toBe(1);
    t.at(700).in(ack(1));
  });

  scenario("is not sent where it is not wanted", established({ tailLossProbe: false }, SACK), (t) => {
    t.send(3000)
      .out(...sent(1, 3, 3))
      .at(300)
      .out(...sent(1, 1));
    t.at(400).in(ack(3));
    expect(t.status.counters.timeouts).toBe(1);
  });

  scenario("that mended a loss counts as congestion", established({ ...RENO, minRto: 1000 }, SACK), (t) => {
    t.send(3000)
      .out(...sent(1, 3, 3))
      .at(100)
      .in(ack(2))
      .at(502)
      .out(...sent(3, 3, 3));
    t.at(502)
      .in(ack(3))
      .send(1000)
      .out(...sent(4, 4, 4))
      .at(600)
      .in(ack(4));
    expect(t.status.congestion.ssthresh).toBe(5000);
  });

  scenario(
    "answered for both copies (D-SACK) counts as none",
    established({ ...RENO, minRto: 1000 }, SACK),
    (t) => {
      t.send(1000)
        .out(...sent(1, 1, 1))
        .at(402)
        .out(...sent(1, 1, 1))
        .at(410)
        .in(ack(1))
        .at(500)
        .in(ack(1, range(1, 1)));
      t.send(1000)
        .out(...sent(2, 2, 2))
        .at(600)
        .in(ack(2));
      expect(t.status.congestion.ssthresh).toBe(0x7fffffff);
    },
  );
});

describe("a spurious timeout", () => {
  const TS = { offers: "mss 1012,sackOK,TS val 1 ecr 0" };
  const later = (line: string, val: number, ecr: number) =>
    `${line.replace(/ <.*>/, "")} <nop,nop,TS val ${val} ecr ${ecr}>`;

  scenario("is recognised when data sent once is acknowledged (F-RTO)", established({ rack: false }), (t) => {
    t.send(20_000)
      .out(...sent(1, 10))
      .at(300)
      .out(...sent(1, 1));
    expect(t.status.congestion.cwnd).toBe(1000);
    // The first copies were merely late.
    t.at(400)
      .in(ack(1))
      .out(...sent(11, 12))
      .at(401)
      .in(ack(2));
    t.take();
    expect(t.status.congestion).toMatchObject({ phase: "open" });
    expect(t.status.congestion.cwnd).toBeGreaterThanOrEqual(10_000);
    expect(t.status.counters).toMatchObject({ undone: 1, retransmits: 1 });
    t.in(ack(20)).take();
  });

  scenario("is not seen in a real one", established({ rack: false }), (t) => {
    t.send(20_000)
      .out(...sent(1, 10))
      .at(300)
      .out(...sent(1, 1))
      .at(400)
      .in(ack(1))
      .out(...sent(11, 12));
    t.at(500)
      .in(ack(1))
      .out(...sent(2, 2));
    t.take();
    t.at(600).in(ack(20)).take();
    expect(t.status.counters.undone).toBe(0);
  });

  scenario(
    "is recognised by the timestamp's echo (Eifel)",
    established({ frto: false, rack: false }, TS),
    (t) => {
      t.send(5000).take();
      t.at(300).out(". 1:1001(1000)");
      t.at(350)
        .in(later(ack(1), 2, 1_000_000))
        .silent();
      expect(t.status.congestion).toMatchObject({ phase: "open", cwnd: 10_000 });
      t.in(later(ack(5), 3, 1_000_000));
    },
  );

  scenario(
    "is recognised when D-SACK calls every repetition needless",
    established({ frto: false, ...RENO }, SACK),
    (t) => {
      t.send(10_000)
        .out(...sent(1, 10, 10))
        .at(100)
        .in(ack(0, range(2, 4)))
        .out(...sent(1, 1));
      expect(t.status.congestion.phase).toBe("recovery");
      t.at(150)
        .in(ack(4, range(1, 1)))
        .silent();
      expect(t.status.congestion).toMatchObject({ phase: "open", cwnd: 10_000, ssthresh: 0x7fffffff });
      t.in(ack(10));
    },
  );
});

describe("an acknowledgment of what was never sent", () => {
  scenario("moves nothing and is answered", established(), (t) => {
    t.send(2000)
      .out(...sent(1, 2, 2))
      .at(50)
      .in(ack(40))
      .out(". 2001:2001(0) ack 1");
    expect(t.status.congestion.cwnd).toBe(10_000);
    t.in(ack(2));
  });
});

describe("after an idle time", () => {
  scenario("longer than an RTO the sender starts from the initial window", established(NO_HYSTART), (t) => {
    t.send(40_000)
      .out(...sent(1, 10))
      .at(100)
      .in(ack(10))
      .take();
    t.at(200).in(ack(30)).take();
    t.at(300).in(ack(40));
    expect(t.status.congestion.cwnd).toBeGreaterThan(20_000);
    t.at(5000)
      .send(20_000)
      .out(...sent(41, 50))
      .at(5100)
      .in(ack(50))
      .take();
    t.at(5200).in(ack(60));
  });

  scenario("it need not (`idleRestart: false`)", established({ ...NO_HYSTART, idleRestart: false }), (t) => {
    t.send(40_000)
      .out(...sent(1, 10))
      .at(100)
      .in(ack(10))
      .take();
    t.at(200).in(ack(30)).take();
    t.at(300)
      .in(ack(40))
      .at(5000)
      .send(20_000)
      .out(...sent(41, 60, 60))
      .at(5100)
      .in(ack(60));
  });
});

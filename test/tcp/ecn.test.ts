import { describe, expect } from "vitest";
import { closed, followedBy, listen } from "./fixtures.ts";
import { type Fixture, type Options, scenario } from "./world.ts";

const sent = (from: number, to: number, flags = ".") =>
  Array.from(
    { length: to - from + 1 },
    (_, i) => `[ect0] ${flags} ${1000 * (from + i) - 999}:${1000 * (from + i) + 1}(1000) ack 1`,
  );
const ack = (n: number, flags = ".") => `${flags} 1:1(0) ack ${1000 * n + 1} win 50000`;

/** A connection that has agreed on classic ECN. */
function classic(): Fixture {
  return followedBy(closed({ ecn: "classic", hystart: false }), (t) => {
    t.connect().out("SEW 0:0(0)").at(100);
    t.in("S.E 0:0(0) ack 1 win 50000 <mss 1000,sackOK>").out(". 1:1(0) ack 1").told("established");
  });
}

/** A connection that has agreed on AccECN. */
function accurate(options: Options = {}): Fixture {
  return followedBy(closed({ ecn: "accurate", hystart: false, ...options }), (t) => {
    t.connect().out("SEWe 0:0(0)").at(100);
    // The SYN arrived Not-ECT: ACE 010. Our ACK says that the SYN,ACK did too; later ones count marks, from 5.
    t.in("S.W 0:0(0) ack 1 win 50000 <mss 1000,sackOK>").out(".W 1:1(0) ack 1").told("established");
  });
}

describe("the handshake", () => {
  scenario("asks for nothing by default", closed(), (t) => {
    t.connect().out("[noecn] S 0:0(0)");
  });

  scenario("agrees to classic ECN by default", listen(), (t) => {
    t.in("SEW 0:0(0) win 1000 <mss 1000>").out("[noecn] S.E 0:0(0) ack 1");
    expect(t.status.options.ecn).toBe("classic");
  });

  for (const [mark, flags] of [
    ["noecn", "S.W"],
    ["ect1", "S.EW"],
    ["ect0", "S.e"],
    ["ce", "S.We"],
  ]) {
    scenario(`agrees to AccECN, and tells that the SYN arrived as ${mark}`, listen(), (t) => {
      t.in(`[${mark}] SEWe 0:0(0) win 1000 <mss 1000>`).out(`[noecn] ${flags} 0:0(0) ack 1`);
      expect(t.status.options.ecn).toBe("accurate");
    });
  }

  scenario("takes unknown combinations for a later AccECN", listen(), (t) => {
    t.in("Se 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1");
  });

  scenario("agrees to nothing where that is switched off", listen({ ecn: "off" }), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S. 0:0(0) ack 1");
  });

  scenario("falls back to classic ECN with a peer that knows no other", closed({ ecn: "accurate" }), (t) => {
    t.connect().out("SEWe 0:0(0)").in("S.E 0:0(0) ack 1 win 50000 <mss 1000>").out(". 1:1(0) ack 1");
    expect(t.status.options.ecn).toBe("classic");
  });

  for (const flags of ["S.", "S.EWe"]) {
    scenario(`goes without ECN when the answer is ${flags}`, closed({ ecn: "accurate" }), (t) => {
      t.connect().out("SEWe 0:0(0)").in(`${flags} 0:0(0) ack 1 win 50000 <mss 1000>`).out(". 1:1(0) ack 1");
      expect(t.status.options.ecn).toBe("off");
      t.send(10).out("[noecn] P. 1:11(10)").at(10).in(". 1:1(0) ack 11 win 50000");
    });
  }

  scenario(
    "repeats its SYN without the bits, should they be what was in the way",
    closed({ ecn: "accurate" }),
    (t) => {
      t.connect().out("SEWe 0:0(0)").at(1000).out("S 0:0(0)");
    },
  );
});

describe("classic ECN", () => {
  scenario("marks new data capable, and nothing else", classic(), (t) => {
    t.send(1000)
      .out("[ect0] P. 1:1001(1000)")
      .in("P. 1:2(1) ack 1 win 50000")
      .out("[noecn] . 1001:1001(0) ack 2");
    t.at(400)
      .out("[noecn] P. 1:1001(1000)")
      .at(510)
      .in(". 2:2(0) ack 1001 win 50000")
      .close()
      .out("[noecn] F. 1001:1001(0)");
  });

  scenario("echoes a mark until the peer says that it has slowed down", classic(), (t) => {
    t.in("[ect0] P. 1:2(1) ack 1 win 50000")
      .out(". 1:1(0) ack 2")
      .in("[ce] P. 2:3(1) ack 1 win 50000")
      .out(".E 1:1(0) ack 3");
    t.in("[ect0] P. 3:4(1) ack 1 win 50000")
      .out(".E 1:1(0) ack 4")
      .in("[ect0] P.W 4:5(1) ack 1 win 50000")
      .out(". 1:1(0) ack 5");
  });

  scenario("slows down once a round trip, and says so on the next new segment", classic(), (t) => {
    t.send(40_000)
      .out(...sent(1, 10))
      .at(200)
      .in(ack(1, ".E"));
    expect(t.status.congestion).toMatchObject({ phase: "reducing", ssthresh: 7000 });
    t.in(ack(2, ".E"), ack(3, ".E")).out(...sent(11, 11, ".W"));
    t.in(ack(10, ".E")).take();
    expect(t.status.congestion.ssthresh).toBe(7000);
    t.at(300).in(ack(11)).take();
    expect(t.status.congestion.phase).toBe("open");
    expect(t.status.counters.retransmits).toBe(0);
  });

  scenario("a loss in the same round trip does not count twice", classic(), (t) => {
    t.send(40_000)
      .out(...sent(1, 10))
      .at(200)
      .in(ack(1, ".E"));
    t.in(`${ack(1, ".E")} <nop,nop,sack 2001:5001>`).take();
    expect(t.status.congestion).toMatchObject({ phase: "recovery", ssthresh: 7000 });
  });
});

describe("AccECN", () => {
  scenario("tells how many marks have arrived, modulo 8", accurate(), (t) => {
    t.in("[ect0] P. 1:2(1) ack 1 win 50000").out(".Ee 1:1(0) ack 2"); // 5
    t.in("[ce] P. 2:3(1) ack 1 win 50000").out(".We 1:1(0) ack 3"); // 6
    t.in("[ce] P. 3:4(1) ack 1 win 50000").out(".EWe 1:1(0) ack 4"); // 7
    t.in("[ce] P. 4:5(1) ack 1 win 50000").out(". 1:1(0) ack 5"); // 0
    expect(t.status.counters.marksIn).toBe(3);
  });

  scenario("marks on acknowledgments count too", accurate(), (t) => {
    t.send(10).out("[ect0] P.Ee 1:11(10) ack 1").at(110).in("[ce] .Ee 1:1(0) ack 11 win 50000");
    t.send(10).out("[ect0] P.We 11:21(10) ack 1").at(120).in(".Ee 1:1(0) ack 21 win 50000");
  });

  scenario("slows down once a round trip, however many marks it hears of", accurate(), (t) => {
    t.send(40_000)
      .out(...sent(1, 10, ".Ee"))
      .at(200)
      .in(ack(2, ".Ee"))
      .take();
    expect(t.status.congestion.phase).toBe("open");
    t.in(ack(4, ".We")).take();
    expect(t.status.congestion).toMatchObject({ phase: "reducing", ssthresh: 8400 });
    t.in(ack(6, ".EWe")).take();
    t.in(ack(8, ".")).take();
    expect(t.status.congestion.ssthresh).toBe(8400);
    expect(t.status.counters.marksReported).toBe(3);
  });

  scenario(
    "acknowledges at once when a second mark arrives",
    accurate({ quickAcks: 0, delayedAck: 400 }),
    (t) => {
      t.in("[ect0] P.Ee 1:1001(1000) ack 1 win 50000", "[ce] P.Ee 1001:1011(10) ack 1 win 50000");
      t.out(".We 1:1(0) ack 1011");
      t.in("[ce] P.Ee 1011:1021(10) ack 1 win 50000").silent().in("[ce] P.Ee 1021:1031(10) ack 1 win 50000");
      t.out(". 1:1(0) ack 1031");
    },
  );

  scenario("does not rely on marks whose report is wiped out", listen(), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1").in(". 1:1(0) ack 1 win 50000");
    t.send(10).out("[noecn] P.Ee 1:11(10)").at(10).in(". 1:1(0) ack 11 win 50000");
  });

  scenario("hears in the handshake that the SYN,ACK was marked", listen(), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1").in(".We 1:1(0) ack 1 win 50000");
    t.send(10).out("[ect0] P.Ee 1:11(10)").at(10).in(".We 1:1(0) ack 11 win 50000");
    expect(t.status.congestion.phase).toBe("open");
  });
});

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

  scenario(
    "does not rely on marks where something marks even a SYN,ACK that cannot bear it",
    listen(),
    (t) => {
      t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1").in(".We 1:1(0) ack 1 win 50000");
      t.send(10).out("[noecn] P.Ee 1:11(10) ack 1").at(10).in(".We 1:1(0) ack 11 win 50000");
      expect(t.status.accEcn?.snd.cep).toBe(6);
      expect(t.status.congestion.phase).toBe("open");
    },
  );

  // RFC 9768, table 4: what the acknowledgment of a SYN,ACK, which was Not-ECT, says of its arrival.
  for (const [flags, mark] of [
    [".E", "[ect0]"],
    [".W", "[ect0]"],
    [".EW", "[noecn]"],
    [".e", "[noecn]"],
    [".Ee", "[ect0]"],
    [".EWe", "[ect0]"],
  ]) {
    scenario(`an acknowledgment of the SYN,ACK with ${flags} lets data go as ${mark}`, listen(), (t) => {
      t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1").in(`${flags} 1:1(0) ack 1 win 50000`);
      t.send(10).out(`${mark} P.Ee 1:11(10) ack 1`).at(10).in(".Ee 1:1(0) ack 11 win 50000");
      expect(t.status.counters.marksReported).toBe(0);
    });
  }

  for (const [flags, arrived] of [
    ["S.EW", "ECT(1)"],
    ["S.e", "ECT(0)"],
    ["S.We", "CE"],
  ]) {
    scenario(`nor where our SYN is said to have arrived as ${arrived}`, closed({ ecn: "accurate" }), (t) => {
      t.connect().out("SEWe 0:0(0)").in(`${flags} 0:0(0) ack 1 win 50000 <mss 1000>`).out(".W 1:1(0) ack 1");
      t.send(10).out("[noecn] P.Ee 1:11(10)").at(10).in(".Ee 1:1(0) ack 11 win 50000");
      expect(t.status.options.ecn, "it goes on telling what arrives").toBe("accurate");
      t.in("[ce] P.Ee 1:2(1) ack 11 win 50000").out(".We 11:11(0) ack 2");
    });
  }

  scenario("nor where the first report is wiped out", accurate(), (t) => {
    t.send(10).out("[ect0] P.Ee 1:11(10)").at(110).in(". 1:1(0) ack 11 win 50000");
    t.send(10).out("[noecn] P.Ee 11:21(10)").at(210).in(".We 1:1(0) ack 21 win 50000");
    expect(t.status.congestion.phase).toBe("open");
  });

  scenario(
    "answers the SYN,ACK before any data, and again when that comes again",
    closed({ ecn: "accurate" }),
    (t) => {
      t.connect().send(10).out("SEWe 0:0(0)").at(100).in("[ce] S.W 0:0(0) ack 1 win 50000 <mss 1000>");
      t.out(".We 1:1(0) ack 1", "[ect0] P.We 1:11(10) ack 1");
      t.in("[ect0] S.W 0:0(0) ack 1 win 50000 <mss 1000>").out(".e 11:11(0) ack 1");
      t.at(110).in(".Ee 1:1(0) ack 11 win 50000");
    },
  );

  scenario("with data the answer to a SYN,ACK is a count already", listen(), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1");
    t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").out(".Ee 1:1(0) ack 11");
    t.send(10).out("[ect0] P.Ee 1:11(10) ack 11").at(10).in(".Ee 11:11(0) ack 11 win 50000");
    expect(t.status.counters.marksReported).toBe(0);
  });

  scenario("an overtaken acknowledgment reports nothing", accurate(), (t) => {
    t.send(3000)
      .out(...sent(1, 2, ".Ee"), "[ect0] P.Ee 2001:3001(1000) ack 1")
      .at(200);
    t.in(ack(2, ".We"), ack(1, ".Ee"), ack(2, ".Ee"));
    expect(t.status.counters.marksReported).toBe(1);
    t.in(ack(3, ".We"));
    expect(t.status.counters.marksReported).toBe(1);
  });

  scenario(
    "marks on acknowledgments alone take three to be told, or two ends would never fall silent",
    accurate(),
    (t) => {
      for (let n = 0; n < 2; n++) t.in("[ce] .Ee 1:1(0) ack 1 win 50000").silent();
      t.in("[ce] .Ee 1:1(0) ack 1 win 50000").out(". 1:1(0) ack 1");
    },
  );

  scenario(
    "takes the worst that ACE could mean where many packets are acknowledged at once",
    accurate(),
    (t) => {
      t.send(10_000)
        .out(...sent(1, 9, ".Ee"), "[ect0] P.Ee 9001:10001(1000) ack 1")
        .at(200);
      t.in(ack(10, ".Ee")).take();
      expect(t.status.counters.marksReported, "0 or 8 of 10").toBe(8);
      expect(t.status.congestion.ssthresh).toBe(7000);
    },
  );
});

/** A connection whose ends exchange AccECN options. */
function counting(options: Options = {}, offers = "mss 1000,sackOK"): Fixture {
  return followedBy(
    closed({ ecn: "accurate", hystart: false, timestamps: false, windowScaling: false, ...options }),
    (t) => {
      t.connect().out("SEWe 0:0(0)").at(100);
      t.in(`S.W 0:0(0) ack 1 win 50000 <${offers},ecn0 1 0 1>`)
        .out(".W 1:1(0) ack 1 <ecn0 1 0 1>")
        .told("established");
    },
  );
}

describe("AccECN's option", () => {
  scenario("goes with the SYN,ACK, and on when the peer sends it too", listen({ ecn: "accept" }), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1 <mss 1460,ecn0 1 0 1>");
    t.in(".W 1:1(0) ack 1 win 50000 <ecn0 1 0 1>");
    t.in("[ect0] P.Ee 1:101(100) ack 1 win 50000").out(".Ee 1:1(0) ack 101 <ecn0 101 0 1>");
  });

  scenario("is left off where the peer's does not come", listen({ ecn: "accept" }), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1 <mss 1460,ecn0 1 0 1>");
    t.in(".W 1:1(0) ack 1 win 50000");
    t.in("[ect0] P.Ee 1:101(100) ack 1 win 50000").out(".Ee 1:1(0) ack 101 <>");
  });

  scenario("is left off a SYN,ACK that is sent again", listen({ ecn: "accept" }), (t) => {
    t.in("SEWe 0:0(0) win 1000 <mss 1000>").out("S.W 0:0(0) ack 1 <mss 1460,ecn0 1 0 1>");
    t.at(1000).out("S.W 0:0(0) ack 1 <mss 1460>");
  });

  scenario("counts payload by codepoint, and begins with the one that came last", counting(), (t) => {
    t.in("[ect0] P.Ee 1:101(100) ack 1 win 50000").out(".Ee 1:1(0) ack 101 <ecn0 101 0 1>");
    t.in("[ect1] P.Ee 101:111(10) ack 1 win 50000").out(".Ee 1:1(0) ack 111 <ecn1 11 0 101>");
    t.in("[ce] P.Ee 111:131(20) ack 1 win 50000").out(".We 1:1(0) ack 131 <ecn0 101 20 11>");
    t.in("[noecn] P.Ee 131:132(1) ack 1 win 50000").out(".We 1:1(0) ack 132 <ecn0 101 20 11>");
    t.in(".Ee 132:132(0) ack 1 win 50000");
    expect(t.status.accEcn?.rcv).toEqual({ cep: 6, e0b: 101, ceb: 20, e1b: 11 });
    expect(t.status.accEcn?.snd).toEqual({ cep: 5, e0b: 1, ceb: 0, e1b: 1 });
  });

  scenario("a change of codepoint is told at once", counting({ quickAcks: 0, delayedAck: 400 }), (t) => {
    t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").silent();
    t.in("[ce] P.Ee 11:21(10) ack 1 win 50000").out(".We 1:1(0) ack 21 <ecn0 11 10 1>");
    t.in("[ce] P.Ee 21:31(10) ack 1 win 50000").silent();
    t.in("[ect0] P.Ee 31:41(10) ack 1 win 50000").out(".EWe 1:1(0) ack 41 <ecn0 21 20 1>");
  });

  scenario("gives way to SACK", counting(), (t) => {
    t.in("[ect0] P.Ee 11:21(10) ack 1 win 50000").out(".Ee 1:1(0) ack 1 <sack 11:21,ecn0 11 0 1>");
    t.in("[ect0] P.Ee 31:41(10) ack 1 win 50000").out(".Ee 1:1(0) ack 1 <sack 31:41 11:21,ecn0 21 0 1>");
    t.in("[ect0] P.Ee 51:61(10) ack 1 win 50000").out(
      ".Ee 1:1(0) ack 1 <sack 51:61 31:41 11:21,ecn0 31 0 1>",
    );
    t.in("[ect0] P.Ee 71:81(10) ack 1 win 50000").out(".Ee 1:1(0) ack 1 <sack 71:81 51:61 31:41 11:21>");
  });

  scenario("shortens data, so that no packet is larger than the path", counting(), (t) => {
    t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").out(".Ee 1:1(0) ack 11 <ecn0 11 0 1>");
    t.burst("[ect0] .Ee 11:1011(1000) ack 1 win 50000").out(".Ee 1:1(0) ack 1011");
    t.do((e, now) => {
      e.onSegment(t.encode("P.Ee 1011:1021(10) ack 1 win 50000"), now);
      expect(t.write(2000)).toBe(2000);
    });
    t.out("[ect0] .Ee 1:989(988) ack 1021 <ecn0 1011 0 1>", "[ect0] .Ee 989:1989(1000) ack 1021 <>");
    t.out("[ect0] P.Ee 1989:2001(12) ack 1021 <>").at(200).in(".Ee 1021:1021(0) ack 2001 win 50000");
  });

  scenario("tells eight marks from none", counting(), (t) => {
    t.send(10_000)
      .out(...sent(1, 9, ".Ee"), "[ect0] P.Ee 9001:10001(1000) ack 1")
      .at(200);
    t.in(`${ack(10, ".Ee")} <ecn0 10001 0 1>`).take();
    expect(t.status.counters.marksReported).toBe(0);
    t.send(10_000).take();
    t.at(300).in(`. 1:1(0) ack 20001 win 50000 <ecn0 10001 3000 1>`).take();
    expect(t.status.counters.marksReported, "3 of 10, by ACE and by bytes").toBe(3);
    expect(t.status.accEcn?.snd).toMatchObject({ e0b: 10001, ceb: 3000 });
  });

  scenario(
    "is not believed when its first counters are zero: something wipes it",
    followedBy(closed({ ecn: "accurate" }), (t) => {
      t.connect().out("SEWe 0:0(0)").at(100);
      t.in("S.W 0:0(0) ack 1 win 50000 <mss 1000,sackOK,ecn0 0 0 0>").take();
      t.told("established");
    }),
    (t) => {
      t.send(10_000).take();
      t.at(200)
        .in(`${ack(10, ".Ee")} <ecn0 0 0 0>`)
        .take();
      expect(t.status.counters.marksReported, "0 or 8 of 10: the option does not help").toBe(8);
    },
  );

  scenario(
    "is sent no more when the first data seem to fall to it",
    counting({ tailLossProbe: false }),
    (t) => {
      t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").out(".Ee 1:1(0) ack 11 <ecn0 11 0 1>");
      t.send(10)
        .out("P.Ee 1:11(10) ack 11")
        .at(t.endpoint.nextTimeout() - 1_000_000)
        .take();
      t.at(1000).take();
      t.in("[ect0] P.Ee 11:21(10) ack 11 win 50000").out(".Ee 11:11(0) ack 21 <>");
    },
  );

  scenario("duplicates are reported whatever the settings say", counting({ dsack: false }), (t) => {
    t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").out(".Ee 1:1(0) ack 11");
    t.in("[ect0] P.Ee 1:11(10) ack 1 win 50000").out(".Ee 1:1(0) ack 11 <sack 1:11>");
  });
});

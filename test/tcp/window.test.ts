import { describe, expect } from "vitest";
import { established, synSent } from "./fixtures.ts";
import { scenario } from "./world.ts";

const ACK = (n: number, win = 50_000) => `. 1:1(0) ack ${n} win ${win}`;

describe("the peer's window", () => {
  scenario("bounds what is sent", established({}, { win: 1500 }), (t) => {
    t.send(3000).out(". 1:1001(1000) ack 1");
    t.at(10)
      .in(ACK(1001, 1500))
      .out(". 1001:2001(1000) ack 1")
      .at(20)
      .in(ACK(2001, 3000))
      .out("P. 2001:3001(1000)");
    t.at(30).in(ACK(3001));
  });

  scenario("that an old segment offers is not believed", established(), (t) => {
    t.in("P. 1:11(10) ack 1 win 40000").out(". 1:1(0) ack 11").in(". 1:1(0) ack 1 win 10");
    t.out(". 1:1(0) ack 11");
    expect(t.status.snd.wnd).toBe(40_000);
  });

  scenario(
    "may shrink: what is in flight is repeated, nothing new is sent",
    established({ rack: false }),
    (t) => {
      t.send(3000).out(". 1:1001(1000)", ". 1001:2001(1000)", "P. 2001:3001(1000)");
      t.at(100)
        .in(ACK(1001, 500))
        .at(100 + t.status.rtt.rto)
        .out(". 1001:2001(1000)");
      t.in(ACK(3001, 500));
    },
  );

  scenario("counts in units of the peer's shift, but in the SYN", synSent(), (t) => {
    t.in("S. 0:0(0) ack 1 win 1000 <mss 1000,nop,wscale 5>").out(". 1:1(0) ack 1 win 512");
    expect(t.status.snd).toMatchObject({ wnd: 1000, scale: 5 });
    t.in("P. 1:2(1) ack 1 win 1000").out(". 1:1(0) ack 2").receive(1);
    expect(t.status.snd.wnd).toBe(32_000);
  });

  scenario("a shift above 14 counts as 14", synSent(), (t) => {
    t.in("S. 0:0(0) ack 1 win 1000 <mss 1000,nop,wscale 15>").out(". 1:1(0) ack 1");
    expect(t.status.snd.scale).toBe(14);
  });

  scenario("without the peer's shift ours is off too", synSent(), (t) => {
    t.in("S. 0:0(0) ack 1 win 1000 <mss 1000>").out(". 1:1(0) ack 1 win 65535");
    expect(t.status.rcv.scale).toBe(0);
  });
});

describe("zero window", () => {
  scenario(
    "is probed with the next byte after an RTO, then ever more slowly",
    established({}, { win: 0 }),
    (t) => {
      t.send(10);
      t.at(300).out("P. 1:2(1) ack 1").in(ACK(1, 0)).at(900).out("P. 1:2(1) ack 1").in(ACK(1, 0));
      t.at(2100).out("P. 1:2(1)").in(ACK(1, 0)).at(4500).out("P. 1:2(1)");
      t.at(4510).in(ACK(1, 100)).out("P. 1:11(10) ack 1").at(4600).in(ACK(11));
    },
  );

  scenario("a probe whose byte is taken counts as sent", established({}, { win: 0 }), (t) => {
    t.send(10)
      .at(300)
      .out("P. 1:2(1)")
      .in(ACK(2, 0))
      .at(900)
      .out("P. 2:3(1)")
      .in(ACK(3, 50))
      .out("P. 3:11(8)");
    t.at(1000).in(ACK(11));
  });

  scenario(
    "may be probed as Linux does, with an empty segment",
    established({ windowProbe: "empty" }, { win: 0 }),
    (t) => {
      t.send(10).at(300).out(". 0:0(0) ack 1").in(ACK(1, 0)).at(900).out(". 0:0(0) ack 1");
      t.in(ACK(1, 1000)).out("P. 1:11(10)").at(950).in(ACK(11));
    },
  );

  scenario(
    "keeps the connection open as long as the peer answers",
    established({ retries2: 3 }, { win: 0 }),
    (t) => {
      t.send(10);
      let at = 0;
      for (let i = 0; i < 30; i++) {
        at += Math.min(300 * 2 ** i, 120_000);
        t.at(at).out("P. 1:2(1)").in(ACK(1, 0));
      }
      t.state("ESTABLISHED")
        .in(ACK(1))
        .out("P. 1:11(10)")
        .at(at + 10)
        .in(ACK(11));
    },
  );

  scenario(
    "from a peer that then vanished ends the connection",
    established({ retries2: 2 }, { win: 0 }),
    (t) => {
      t.send(10).at(300).out("P. 1:2(1)").at(900).out("P. 1:2(1)");
      t.at(2100).told("closed timedOut zeroWindow").state("CLOSED");
    },
  );

  scenario("is probed for a FIN as well", established({}, { win: 0 }), (t) => {
    t.close().at(300).out("F. 1:1(0) ack 1").in(ACK(1, 0)).at(900).out("F. 1:1(0) ack 1").in(ACK(2, 0));
    t.state("FIN-WAIT-2");
  });

  scenario(
    "after data in flight was taken: the probe waits for an RTO",
    established({}, { win: 1000 }),
    (t) => {
      t.send(1500).out(". 1:1001(1000)").at(100).in(ACK(1001, 0));
      t.at(100 + t.status.rtt.rto)
        .out("P. 1001:1002(1)")
        .in(ACK(1001, 1000))
        .out("P. 1001:1501(500)");
      t.at(500).in(ACK(1501));
    },
  );
});

describe("the window we offer", () => {
  const SCALED = { offers: "mss 1000,nop,wscale 7" };
  const SMALL = { rcvBuf: 4000, rcvBufMax: 4000, mss: 1000, windowScaling: false };

  scenario("shrinks as bytes wait and reopens when they are read", established(SMALL), (t) => {
    t.in(". 1:1001(1000) ack 1 win 50000").out(". 1:1(0) ack 1001 win 3000");
    t.in(". 1001:2001(1000) ack 1 win 50000").out(". 1:1(0) ack 2001 win 2000");
    t.in(". 2001:3001(1000) ack 1 win 50000").out(". 1:1(0) ack 3001 win 1000");
    t.in("P. 3001:4001(1000) ack 1 win 50000").out(". 1:1(0) ack 4001 win 0");
    t.receive(500, 500).receive(499, 499).receive(1, 1).out(". 1:1(0) ack 4001 win 1000");
    t.receive(3000).out(". 1:1(0) ack 4001 win 4000");
  });

  scenario("takes nothing while it is closed, and says so", established(SMALL), (t) => {
    t.burst(". 1:2001(2000) ack 1 win 50000", "P. 2001:4001(2000) ack 1 win 50000").out(
      ". 1:1(0) ack 4001 win 0",
    );
    t.in("P. 4001:4002(1) ack 1 win 50000").out(". 1:1(0) ack 4001 win 0");
    t.receive(4000).out(". 1:1(0) ack 4001 win 4000");
    t.in("P. 4001:4002(1) ack 1 win 50000").out(". 1:1(0) ack 4002 win 3999").receive(1);
  });

  scenario("while closed still lets an acknowledgment through", established(SMALL), (t) => {
    t.burst(". 1:2001(2000) ack 1 win 50000", "P. 2001:4001(2000) ack 1 win 50000").out(
      ". 1:1(0) ack 4001 win 0",
    );
    t.send(100).out("P. 1:101(100) ack 4001 win 0").at(10).in(". 4001:4001(0) ack 101 win 50000");
    t.in("P. 4001:4101(100) ack 101 win 50000").out(". 101:101(0) ack 4001 win 0");
    expect(t.status.snd.una).toBe((t.status.snd.iss + 101) >>> 0);
  });

  scenario("cuts off what passes it", established(SMALL), (t) => {
    t.in("P. 1:4501(4500) ack 1 win 50000").out(". 1:1(0) ack 4001 win 0").receive(4000);
    t.out(". 1:1(0) ack 4001 win 4000");
  });

  scenario("does not move by crumbs (silly window)", established(SMALL), (t) => {
    t.burst(". 1:2001(2000) ack 1 win 50000", "P. 2001:4001(2000) ack 1 win 50000").out(
      ". 1:1(0) ack 4001 win 0",
    );
    for (let i = 0; i < 9; i++) t.receive(100, 100);
    t.in("P. 4001:4002(1) ack 1 win 50000").out(". 1:1(0) ack 4001 win 0");
    t.receive(100, 100).out(". 1:1(0) ack 4001 win 1000");
  });

  scenario(
    "grows with what the application takes in a round trip",
    established({ delayedAck: 0 }, SCALED),
    (t) => {
      // The handshake took 100 ms.
      let n = 1;
      const round = (at: number, bytes: number) => {
        t.at(at);
        for (const end = n + bytes; n < end; n += 1000)
          t.in(`. ${n}:${n + 1000}(1000) ack 1 win 50000`).take();
        const { readable } = t.endpoint;
        t.receive(readable).take();
      };
      round(0, 20_000);
      round(100, 20_000);
      expect(t.status.rcv.buffer).toBe(65_536);
      round(200, 60_000);
      round(300, 1000);
      expect(t.status.rcv.buffer).toBe(120_000);
      t.at(400).take();
    },
  );

  scenario(
    "does not grow for an application that does not read",
    established({ delayedAck: 0 }, SCALED),
    (t) => {
      for (let n = 1; n < 60_000; n += 1000) t.in(`. ${n}:${n + 1000}(1000) ack 1 win 50000`).take();
      t.at(1000).in(". 60001:61001(1000) ack 1 win 50000").take();
      expect(t.status.rcv.buffer).toBe(65_536);
    },
  );

  scenario(
    "stays as it is where it may not grow",
    established({ delayedAck: 0, rcvBuf: 65_536, rcvBufMax: 65_536 }, SCALED),
    (t) => {
      for (let n = 1; n < 200_000; n += 1000) {
        t.at(n / 100).take();
        t.in(`. ${n}:${n + 1000}(1000) ack 1 win 50000`).take();
        t.receive(1000).take();
      }
      expect(t.status.rcv.buffer).toBe(65_536);
      t.at(5000).take();
    },
  );

  scenario(
    "scaled down keeps its right edge",
    established({ rcvBuf: 65_536 }, { offers: "mss 1000,nop,wscale 2" }),
    (t) => {
      t.in("P. 1:2(1) ack 1 win 50000").out(". 1:1(0) ack 2 win 512");
      for (let n = 2; n < 40; n++) t.in(`P. ${n}:${n + 1}(1) ack 1 win 50000`).take();
      t.at(100).take();
    },
  );
});

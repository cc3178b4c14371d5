// What simulated connections (test/simulation) have shown, each in as few segments as it takes.
import { describe, expect, test } from "vitest";
import { Endpoint } from "../../src/tcp/index.ts";
import { accepted, closed, established, synReceived, synSent } from "./fixtures.ts";
import { EPOCH, LOCAL, REMOTE, scenario, World } from "./world.ts";

describe("the peer's window", () => {
  scenario(
    "is not scaled in the SYN,ACK of a simultaneous open",
    synSent({ sack: false, timestamps: false }),
    (t) => {
      t.in("S 0:0(0) win 500 <mss 1000,nop,wscale 7>").out("S. 0:0(0) ack 1");
      t.in("S. 0:0(0) ack 1 win 500 <mss 1000,nop,wscale 7>").told("established");
      expect(t.status.snd.wnd).toBe(500);
    },
  );

  scenario("does not move on with SND.UNA when what acknowledges repeats older data", established(), (t) => {
    t.in("P. 101:201(100) ack 1 win 2000").out(". 1:1(0) ack 1");
    t.send(4000).out(". 1:1001(1000)", ". 1001:2001(1000)");
    t.at(100).in("P. 1:101(100) ack 1001 win 1000").out(". 2001:2001(0) ack 201").silent();
    expect(t.status.snd.wnd).toBe(1000);
    t.receive(200);
    t.in(". 201:201(0) ack 2001 win 50000").out(". 2001:3001(1000)", "P. 3001:4001(1000)");
    t.at(200).in(". 201:201(0) ack 4001 win 50000");
  });
});

describe("the window we offer", () => {
  const UNREAD = { rcvBuf: 4000, rcvBufMax: 4000, windowScale: 7, delayedAck: 0 };
  const SCALED = { offers: "mss 1000,nop,wscale 7" };

  scenario(
    "closes on a peer that sends single bytes, scaled though it is",
    established(UNREAD, SCALED),
    (t) => {
      let n = 1;
      while (t.status.rcv.queued < 6000 && n < 8000) {
        const before = t.status.rcv.queued;
        t.in(`P. ${n}:${n + 1}(1) ack 1 win 500`).take();
        if (t.status.rcv.queued === before) break;
        n++;
      }
      expect(t.status.rcv.queued).toBeLessThanOrEqual(4000 * 1.25 + 128);
      t.receive(n - 1).take();
      expect(t.status.rcv.wnd).toBeGreaterThanOrEqual(3968);
    },
  );

  scenario(
    "opens again where the whole buffer is less than its unit",
    synReceived({ rcvBuf: 100, rcvBufMax: 100, windowScale: 14, delayedAck: 0 }, SCALED),
    (t) => {
      t.burst(". 1:1(0) ack 1 win 500", "P. 1:101(100) ack 1 win 500").told("established", "readable");
      t.take();
      t.receive(100).take();
      t.in("P. 101:102(1) ack 1 win 500").out(". 1:1(0) ack 102 win 1").receive(1);
    },
  );

  scenario(
    "is not told again while a header can tell no more",
    established({ rcvBuf: 300_000, windowScaling: false }),
    (t) => {
      t.in("P. 1:101(100) ack 1 win 500").out(". 1:1(0) ack 101 win 65435").receive(100).silent();
    },
  );

  scenario(
    "keeps its right edge when the buffer is made smaller during the handshake",
    synSent({ windowScaling: false }),
    (t) => {
      t.do((endpoint, now) => endpoint.set({ rcvBuf: 4000 }, now));
      t.in("S 0:0(0) win 500 <mss 1000>").out("S. 0:0(0) ack 1 win 65535");
    },
  );
});

describe("what a SYN has said holds, whatever is set before the handshake ends:", () => {
  const SMALL = { rcvBuf: 2000, rcvBufMax: 2000, delayedAck: 0 };
  const grow = (endpoint: Endpoint, now: number) =>
    endpoint.set({ rcvBuf: 1 << 20, timestamps: false, sack: false, ecn: "off" }, now);

  scenario("the shift of a SYN that is answered", synSent({ ...SMALL, timestamps: true }), (t) => {
    t.do(grow);
    t.at(100).in("S. 0:0(0) ack 1 win 500 <mss 1000,sackOK,TS val 7 ecr 1000000,nop,wscale 7>");
    t.told("established").out(". 1:1(0) ack 1 win 65535 <nop,nop,TS val 1000100 ecr 7>");
    expect(t.status.rcv.scale).toBe(0);
    expect(t.status.options).toMatchObject({ sack: true, timestamps: true });
  });

  scenario(
    "the shift of a SYN,ACK that is sent again",
    synReceived(SMALL, { offers: "mss 1000,nop,wscale 7" }),
    (t) => {
      t.do(grow).at(1000).out("S. 0:0(0) ack 1 <mss 1460,nop,wscale 0>");
      expect(t.status.rcv.scale).toBe(0);
    },
  );
});

describe("SEND", () => {
  test("that was turned away before the connection stood is told when it is writable", () => {
    const t = new World({ sndBuf: 1 }, 1000, 500_000);
    t.at(0).connect().out("S 0:0(0)");
    expect(t.write(5)).toBe(1);
    expect(t.write(4)).toBe(0);
    t.at(100)
      .in("S. 0:0(0) ack 1 win 50000 <mss 1000>")
      .out("P. 1:2(1) ack 1")
      .told("established", "writable");
    expect(t.write(4)).toBe(4);
  });

  test("counts bytes, not the SYN, before the connection stands", () => {
    const endpoint = new Endpoint({ local: LOCAL, remote: REMOTE, secret: new Uint8Array(16), sndBuf: 10 });
    endpoint.connect(0);
    expect(endpoint.writable).toBe(10);
    expect(endpoint.send(new Uint8Array(20), 0)).toBe(10);
    expect(endpoint.status().snd.queued).toBe(10);
  });
});

describe("the size of a segment", () => {
  const SACK = { offers: "mss 1000,sackOK" };

  scenario("counts SACK blocks when data is sent again", established({ rack: false }, SACK), (t) => {
    t.send(1000).out("P. 1:1001(1000) ack 1");
    t.in("P. 101:201(100) ack 1 win 50000").out(". 1001:1001(0) ack 1 <nop,nop,sack 101:201>");
    t.at(300).out(
      ". 1:989(988) ack 1 <nop,nop,sack 101:201>",
      "P. 989:1001(12) ack 1 <nop,nop,sack 101:201>",
    );
    t.at(400).in(". 201:201(0) ack 1001 win 50000");
  });

  scenario(
    "leaves room for data where SACK blocks would fill it",
    established({ minMss: 1, noDelay: true }, { offers: "mss 24,sackOK" }),
    (t) => {
      for (const at of [101, 301, 501]) t.in(`P. ${at}:${at + 1}(1) ack 1 win 50000`).take();
      t.send(10).out("P. 1:11(10) ack 1 <nop,nop,sack 501:502>");
      t.in(". 502:502(0) ack 11 win 50000");
    },
  );
});

scenario(
  "a keep-alive probe is no acknowledgment: one that waits still goes out by itself",
  established({ keepAlive: { idle: 30, interval: 1000, probes: 3 }, quickAcks: 0, delayedAck: 40 }),
  (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").receive(100);
    t.at(30).out(". 0:0(0) ack 101").at(40).out(". 1:1(0) ack 101");
  },
);

scenario(
  "without SACK duplicates never stand for more bytes than are in flight",
  established({ congestion: "reno", sack: false, noDelay: true }),
  (t) => {
    t.send(4000).take();
    for (let n = 0; n < 3; n++) t.in(". 1:1(0) ack 1 win 50000");
    t.take();
    for (const ack of [1001, 2001, 3001]) {
      t.endpoint.onSegment(t.encode(`. 1:1(0) ack ${ack} win 50000`), EPOCH);
      expect(t.status.snd.inFlight).toBeGreaterThanOrEqual(0);
      t.do(() => {}).take();
    }
    t.in(". 1:1(0) ack 4001 win 50000");
  },
);

scenario(
  "an active OPEN whose SYN is crossed by the peer's is given up no sooner than its SYN",
  synSent(),
  (t) => {
    t.in("S 0:0(0) win 1000 <mss 1000>").out("S. 0:0(0) ack 1");
    for (const seconds of [1, 3, 7, 15, 31, 63, 127]) t.at(seconds * 1000).out("S. 0:0(0) ack 1");
    t.at(247_000).told("closed timedOut handshake").state("CLOSED");
  },
);

scenario(
  "without SACK a path that got narrower makes what duplicates stood for lost as well",
  established({ sack: false, noDelay: true }),
  (t) => {
    t.send(3000).out(". 1:1001(1000)", ". 1001:2001(1000)", "P. 2001:3001(1000)");
    t.in(". 1:1(0) ack 1 win 50000");
    const quoted = t.encodeOut(". 1:1001(1000) ack 1 win 65535").subarray(0, 8);
    t.endpoint.onIcmp({ type: 3, code: 4, mtu: 576, quoted });
    expect(t.status.snd.inFlight).toBe(0);
    t.do(() => {}).take();
    t.in(". 1:1(0) ack 3001 win 50000");
  },
);

scenario(
  "SACK blocks that an announcement leaves no room for are not written behind the header",
  accepted({ minMss: 1, userTimeout: 100_000, announceUserTimeout: true }, { offers: "mss 20,sackOK" }),
  (t) => {
    t.in("P. 101:201(100) ack 1 win 50000");
    const [line] = t.take();
    expect(line).toContain("ack 1");
    expect(line).not.toContain("sack");
    t.in("P. 301:401(100) ack 1 win 50000").out(". 1:1(0) ack 1 <nop,nop,sack 301:401>");
  },
);

scenario(
  "a probe that brings the last byte, or the FIN, and is taken by a window that stays closed is the last one",
  established({}, { win: 0 }),
  (t) => {
    t.send(1).at(300).out("P. 1:2(1) ack 1").in(". 1:1(0) ack 2 win 0");
    t.at(100_000).close().at(100_600).out("F. 2:2(0) ack 1").in(". 1:1(0) ack 3 win 0");
    t.at(1_000_000).silent().state("FIN-WAIT-2");
  },
);

scenario(
  "the last ACK of a handshake whose Fast Open data were not taken has the number that the listener knows",
  closed({
    ecn: "accurate",
    noDelay: true,
    fastOpen: { cookie: new Uint8Array(8) },
    sack: false,
    timestamps: false,
  }),
  (t) => {
    t.do((endpoint, now) => {
      endpoint.connect(now);
      t.write(100);
    });
    t.out("SEWe 0:100(100)").at(100);
    t.in("S.W 0:0(0) ack 1 win 50000 <mss 1000>").out(".W 1:1(0) ack 1", "P.Ee 1:101(100) ack 1");
    t.told("established").at(200).in(".Ee 1:1(0) ack 101 win 50000");
  },
);

scenario(
  "a segment just past the right edge is dropped, its acknowledgment too",
  established({ rcvBuf: 1000 }),
  (t) => {
    t.send(500).out("P. 1:501(500) ack 1");
    t.in("P. 1001:1002(1) ack 501 win 50000").out(". 501:501(0) ack 1");
    expect(t.status.snd.una).toBe((t.status.snd.iss + 1) >>> 0);
    t.in("P. 1000:1001(1) ack 501 win 50000").out(". 501:501(0) ack 1");
    expect(t.status.snd.una).toBe((t.status.snd.iss + 501) >>> 0);
  },
);

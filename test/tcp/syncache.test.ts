import { describe, expect, test } from "vitest";
import { Listening } from "./listener.ts";

const NUMBERS = [1_000, 0x7fffffff - 5, 0xffffffff - 5, 0xffffffff];
const OFFERS = "mss 1300,sackOK,TS val 700 ecr 0,nop,wscale 7";

for (const irs of NUMBERS) {
  describe(`a listener with a SYN cache, IRS ${irs}`, () => {
    test("answers a SYN, and makes a connection only of the acknowledgment", () => {
      const t = new Listening({ capacity: 8 });
      const peer = t.client(undefined, undefined, irs);
      expect(peer.in(`S 0:0(0) win 60000 <${OFFERS}>`)).toBeUndefined();
      peer.out("S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS,nop,wscale 7>");
      t.at(50);
      const made = peer.in(". 1:1(0) ack 1 win 500 <nop,nop,TS val 750 ecr 1>");
      expect(made?.state).toBe("ESTABLISHED");
      expect(t.cache.size).toBe(0);
      expect(peer.sentBy(made!)).toEqual(["established"]);
      const status = made!.status();
      expect(status.options).toMatchObject({ sack: true, timestamps: true, windowScaling: true });
      expect(status.snd).toMatchObject({ mss: 1288, scale: 7, wnd: 500 << 7 });
      expect(status.rtt.srtt).toBe(50);
      t.silent();
    });

    test("takes the data of the acknowledgment along, and its FIN", () => {
      const t = new Listening();
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      const made = peer.in("FP. 1:101(100) ack 1 win 60000");
      expect(made?.state).toBe("CLOSE-WAIT");
      expect(made?.readable).toBe(100);
      expect(peer.sentBy(made!)).toEqual([
        "established",
        "readable",
        "end",
        ". 1:1(0) ack 102 win 65435".replace("65435", String(made!.status().rcv.wnd)),
      ]);
    });

    test("takes back by a cookie all that the SYN had offered, with nothing remembered", () => {
      const t = new Listening({ cookies: "always" });
      const peer = t.client(undefined, undefined, irs);
      peer.in(`S 0:0(0) win 60000 <${OFFERS}>`);
      expect(t.cache.size).toBe(0);
      const tsval = new DataView(t.sent[0].bytes.buffer).getUint32(20 + 4 + 4);
      peer.out("S. 0:0(0) ack 1 <mss 1460,sackOK,TS,nop,wscale 7>");
      t.at(70_000);
      const made = peer.in(`P. 1:101(100) ack 1 win 500 <nop,nop,TS val 750 ecr ${tsval}>`);
      const { options, snd, rtt } = made!.status();
      expect(options).toMatchObject({ sack: true, timestamps: true, windowScaling: true });
      expect(snd).toMatchObject({ mss: 1288, scale: 7, wnd: 500 << 7 });
      expect(rtt.srtt).toBe(0);
      expect(made!.readable).toBe(100);
      expect(t.cache.counters).toMatchObject({ cookiesSent: 1, cookiesAccepted: 1, accepted: 1 });
    });

    test("remembers scale and SACK in a cookie without timestamps too", () => {
      const t = new Listening({ cookies: "always" });
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 9000,nop,nop,sackOK,nop,wscale 14>");
      peer.out("S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 7>");
      const { options, snd } = peer.in(". 1:1(0) ack 1 win 500")!.status();
      expect(options).toMatchObject({ sack: true, timestamps: false, windowScaling: true });
      expect(snd).toMatchObject({ mss: 1460, scale: 14 });
    });

    test("takes an MSS that no cookie can say for less, never for more", () => {
      for (const [mss, minMss, least] of [
        [100, 88, 88],
        [215, 1, 1],
        [1219, 88, 1200],
        [536, 88, 536],
      ]) {
        const t = new Listening({ cookies: "always", minMss });
        const peer = t.client(undefined, undefined, irs);
        peer.in(`S 0:0(0) win 60000 <mss ${mss}>`);
        peer.out("S. 0:0(0) ack 1 <mss 1460>");
        expect(peer.in(". 1:1(0) ack 1 win 500")!.status().snd.mss).toBe(least);
      }
    });

    test("neither believes an old cookie nor another's", () => {
      const t = new Listening({ cookies: "always" });
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      expect(peer.in(". 1:1(0) ack 2 win 500")).toBeUndefined();
      peer.out("R 2:2(0)");
      expect(peer.in(". 2:2(0) ack 1 win 500")).toBeUndefined();
      peer.out("R 1:1(0)");
      const bytes = [...Array(256).keys()].filter((low) => peer.in(`. 1:1(0) ack ${1 + (low ^ 1)} win 500`));
      expect(bytes.length, "of the 256 neighbours only the cookie itself").toBe(1);
      t.sent.length = 0;
      t.at(129_000);
      expect(peer.in(". 1:1(0) ack 1 win 500")).toBeUndefined();
      peer.out("R 1:1(0)");
    });

    test("is idle when nothing is remembered and no cookie can come back", () => {
      const rows = new Listening();
      const peer = rows.client(undefined, undefined, irs);
      expect(rows.cache.isIdle(rows.clock)).toBe(true);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      expect(rows.cache.isIdle(rows.clock)).toBe(false);
      peer.in(". 1:1(0) ack 1 win 500");
      expect(rows.cache.isIdle(rows.clock)).toBe(true);
      const cookies = new Listening({ cookies: "always" });
      cookies.client(undefined, undefined, irs).in("S 0:0(0) win 60000 <mss 1000>");
      const at = (ms: number) => cookies.cache.isIdle(cookies.clock + ms);
      expect([at(127_999), at(128_000)]).toEqual([false, true]);
    });

    test("a RST with the exact number takes the request back, another is asked", () => {
      const t = new Listening();
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      peer.in("R 5:5(0)");
      peer.out(". 1:1(0) ack 1");
      expect(t.cache.size).toBe(1);
      peer.in("R 1:1(0)");
      expect(t.cache.size).toBe(0);
      t.at(200_000).silent();
      expect(t.cache.counters).toMatchObject({ requests: 1, reset: 1, timedOut: 0 });
    });

    test("answers the same SYN again, and asks a peer whose SYN is another", () => {
      const t = new Listening();
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      peer.in("S 100000:100000(0) win 60000 <mss 1000>");
      peer.out(". 1:1(0) ack 1");
    });

    test("refuses an acknowledgment of what it never sent, and keeps the request", () => {
      const t = new Listening();
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      expect(peer.in(". 1:1(0) ack 77 win 60000")).toBeUndefined();
      peer.out("R 77:77(0)");
      expect(peer.in(". 1:1(0) ack 1 win 60000")?.state).toBe("ESTABLISHED");
    });

    test("sends SYN,ACK again with backoff, and forgets a silent peer", () => {
      const t = new Listening({ synAckRetries: 2 });
      const peer = t.client(undefined, undefined, irs);
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      t.at(999).silent().at(1000);
      peer.out("S. 0:0(0) ack 1");
      t.at(2999).silent().at(3000);
      peer.out("S. 0:0(0) ack 1");
      t.at(10_000).silent();
      expect(t.cache.size).toBe(0);
      expect(t.cache.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
      expect(t.cache.counters.timedOut).toBe(1);
      expect(peer.in(". 1:1(0) ack 1 win 60000")).toBeUndefined();
      peer.out("R 1:1(0)");
    });
  });
}

describe("a flood of SYNs", () => {
  for (const cookies of ["full", "never"] as const) {
    test(`takes no more than its table, and a good peer still connects (cookies: ${cookies})`, () => {
      const t = new Listening({ capacity: 64, cookies });
      for (let n = 0; n < 20_000; n++) {
        t.client(`10.${(n >> 14) & 255}.${(n >> 7) & 127}.${n & 127}`, 1024 + (n % 60_000), n).in(
          "S 0:0(0) win 60000 <mss 1000>",
        );
      }
      expect(t.cache.size).toBeLessThanOrEqual(64);
      t.sent.length = 0;
      const peer = t.client();
      peer.in("S 0:0(0) win 60000 <mss 1000>");
      peer.out("S. 0:0(0) ack 1");
      expect(peer.in(". 1:1(0) ack 1 win 60000")?.state).toBe("ESTABLISHED");
    });
  }
});

describe("what a cookie says about ECN", () => {
  test("classic ECN comes back beside timestamps", () => {
    const t = new Listening({ cookies: "always" });
    const peer = t.client();
    peer.in("SEW 0:0(0) win 60000 <mss 1000,nop,nop,TS val 1 ecr 0>");
    const tsval = new DataView(t.sent[0].bytes.buffer).getUint32(20 + 4 + 4);
    peer.out("S.E 0:0(0) ack 1");
    const made = peer.in(`. 1:1(0) ack 1 win 500 <nop,nop,TS val 2 ecr ${tsval}>`);
    expect(made?.status().options.ecn).toBe("classic");
  });

  test("without them the SYN,ACK agrees to none", () => {
    const t = new Listening({ cookies: "always" });
    const peer = t.client();
    peer.in("SEW 0:0(0) win 60000 <mss 1000>");
    peer.out("S. 0:0(0) ack 1");
    expect(peer.in(". 1:1(0) ack 1 win 500")?.status().options.ecn).toBe("off");
  });

  test("AccECN shows in the acknowledgment itself (RFC 9768 5.1)", () => {
    const t = new Listening({ cookies: "always" });
    const peer = t.client();
    peer.in("SEWe 0:0(0) win 60000 <mss 1000>");
    peer.out("S.W 0:0(0) ack 1");
    expect(peer.in(".W 1:1(0) ack 1 win 500")?.status().options.ecn).toBe("accurate");
  });
});

test("IPv6 peers are told apart in the same table", () => {
  const t = new Listening({}, "2001:db8::1");
  const a = t.client("2001:db8::2", 50_000, 1);
  const b = t.client("2001:db8::3", 50_000, 2);
  a.in("S 0:0(0) win 60000 <mss 1440>");
  a.out("S. 0:0(0) ack 1 <mss 1440>");
  b.in("S 0:0(0) win 60000 <mss 1440>");
  b.out("S. 0:0(0) ack 1 <mss 1440>");
  t.at(1000);
  a.out("S. 0:0(0) ack 1");
  b.out("S. 0:0(0) ack 1");
  expect(b.in(". 1:1(0) ack 1 win 60000")?.status().remote?.port).toBe(50_000);
  expect(a.in(". 1:1(0) ack 1 win 60000")?.state).toBe("ESTABLISHED");
});

test("a SYN without options offers nothing, whatever the one before it did", () => {
  const t = new Listening();
  const a = t.client(undefined, 50_000);
  a.in("S 0:0(0) win 60000 <mss 1000,sackOK,TS val 1 ecr 0,nop,wscale 7>");
  a.out("S. 0:0(0) ack 1 <mss 1460,sackOK,TS,nop,wscale 7>");
  const b = t.client(undefined, 50_001);
  b.in("S 0:0(0) win 60000");
  b.out("S. 0:0(0) ack 1 <mss 1460>");
  expect(b.in(". 1:1(0) ack 1 win 60000")?.status().snd).toMatchObject({ mss: 536, scale: 0 });
});

import { describe, expect, test } from "vitest";
import { formatAddress } from "../../src/wire/index.ts";
import { closed, followedBy, listen } from "./fixtures.ts";
import { Listening } from "./listener.ts";
import { type Options, REMOTE, scenario, world } from "./world.ts";

const COOKIE = Uint8Array.of(0xc0, 0x0c, 0x1e, 0x5a, 1, 2, 3, 4);
const FO = "FO c00c1e5a01020304";

/** A client that has a cookie of this server. */
const knows = (mss?: number, options: Options = {}) =>
  closed({ fastOpen: { cookie: COOKIE, mss }, noDelay: true, ...options });
const bare = { timestamps: false, sack: false, windowScaling: false };

describe("a client", () => {
  scenario("asks for a cookie, and is given it with the MSS", closed({ fastOpen: {}, ...bare }), (t) => {
    t.connect().out("S 0:0(0) <mss 1460,FO>").at(100);
    t.in(`S. 0:0(0) ack 1 win 50000 <mss 1000,${FO}>`).out(". 1:1(0) ack 1");
    const events = [];
    for (let event = t.endpoint.nextEvent(); event; event = t.endpoint.nextEvent()) events.push(event);
    t.told("established", "cookie");
    expect(t.status.options.fastOpen).toBe("requested");
  });

  test("the event brings cookie and MSS, copied", () => {
    const t = world(closed({ fastOpen: {} }));
    t.connect().take();
    t.endpoint.onSegment(t.encode(`S. 0:0(0) ack 1 win 50000 <mss 1000,${FO}>`), 1_000_100);
    expect(t.endpoint.nextEvent()).toEqual({ type: "established" });
    t.endpoint.onSegment(t.encode(". 1:1(0) ack 1 win 50000"), 1_000_100);
    expect(t.endpoint.nextEvent()).toEqual({
      type: "cookie",
      cookie: COOKIE,
      mss: 1000,
      experimental: false,
    });
  });

  scenario(
    "sends data in its SYN, and goes on behind them when they are acknowledged",
    knows(1000, bare),
    (t) => {
      t.do((e, now) => {
        e.connect(now);
        expect(t.write(3000)).toBe(3000);
      });
      // 1000 less 4 bytes of MSS option and 12 of the cookie.
      t.out(`S 0:984(984) <mss 1460,nop,nop,${FO}>`).at(100);
      t.in("S. 0:0(0) ack 985 win 50000 <mss 1000>").told("established");
      t.out(". 985:1985(1000) ack 1", ". 1985:2985(1000) ack 1", "P. 2985:3001(16) ack 1");
      expect(t.status.options.fastOpen).toBe("accepted");
      expect(t.status.counters).toMatchObject({ retransmits: 0, bytesAcked: 984 });
      expect(t.status.snd.una).toBe((t.status.snd.iss + 985) >>> 0);
      t.at(200).in(". 1:1(0) ack 3001 win 50000");
      expect(t.status.snd.queued).toBe(0);
    },
  );

  scenario("assumes the least MSS when it knows no other", knows(undefined, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(3000);
    });
    t.out(`S 0:520(520) <mss 1460,nop,nop,${FO}>`);
  });

  scenario("takes data that come with the SYN,ACK or right after it", knows(1000, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(10);
    });
    t.out(`S 0:10(10) <mss 1460,nop,nop,${FO}>`).at(100);
    t.burst("S. 0:0(0) ack 11 win 50000 <mss 1000>", "P. 1:101(100) ack 11 win 50000").receive(100);
    t.told("established", "readable").out(". 11:11(0) ack 101");
  });

  scenario("sends again what a SYN,ACK leaves out", knows(1000, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(500);
    });
    t.out(`S 0:500(500) <mss 1460,nop,nop,${FO}>`).at(100);
    t.in("S. 0:0(0) ack 1 win 50000 <mss 1000>").told("established").out("P. 1:501(500) ack 1");
    expect(t.status.options.fastOpen).toBe("ignored");
    t.at(200).in(". 1:1(0) ack 501 win 50000");
    expect(t.status.counters).toMatchObject({ bytesAcked: 500, retransmits: 1 });
  });

  scenario("sends again the rest of what a SYN,ACK takes in part", knows(1000, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(500);
    });
    t.out(`S 0:500(500) <mss 1460,nop,nop,${FO}>`).at(100);
    t.in("S. 0:0(0) ack 201 win 50000 <mss 1000>").told("established").out("P. 201:501(300) ack 1");
    t.at(200).in(". 1:1(0) ack 501 win 50000");
    expect(t.status.counters.bytesAcked).toBe(500);
  });

  scenario(
    "goes without after a timeout, and still believes a late answer to the first",
    knows(1000, bare),
    (t) => {
      t.do((e, now) => {
        e.connect(now);
        t.write(500);
      });
      t.out(`S 0:500(500) <mss 1460,nop,nop,${FO}>`).at(1000).out("S 0:0(0) <mss 1460>");
      expect(t.status.options.fastOpen).toBe("timedOut");
      t.at(1100).in("S. 0:0(0) ack 501 win 50000 <mss 1000>").told("established").out(". 501:501(0) ack 1");
      expect(t.status.snd.queued).toBe(0);
    },
  );

  scenario("a SYN,ACK for data that were never sent is refused", knows(1000, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(500);
    });
    t.out(`S 0:500(500) <mss 1460,nop,nop,${FO}>`).in("S. 0:0(0) ack 502 win 50000 <mss 1000>");
    t.out("R 502:502(0)").state("SYN-SENT");
  });

  scenario("a SYN that crosses ours leaves the data for after the handshake", knows(1000, bare), (t) => {
    t.do((e, now) => {
      e.connect(now);
      t.write(500);
    });
    t.out(`S 0:500(500) <mss 1460,nop,nop,${FO}>`).in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 1");
    t.in("S. 0:0(0) ack 1 win 50000 <mss 1000>").told("established").out("P. 1:501(500) ack 1");
    t.at(100).in(". 1:1(0) ack 501 win 50000");
  });

  test("a cookie of an impossible length is refused", () => {
    for (const length of [0, 2, 3, 5, 18]) {
      expect(() => world(closed({ fastOpen: { cookie: new Uint8Array(length) } }))).toThrow(RangeError);
    }
  });
});

/** A server whose cookie is the same for all, and may be asked for. */
const server = (options: Options = {}, mayAccept?: () => boolean) =>
  listen({ fastOpen: { cookieFor: () => COOKIE, mayAccept }, ...options });
const early = (options: Options = {}) =>
  followedBy(server(options), (t) => {
    t.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`);
    t.told("readable").out("S. 0:0(0) ack 101 win 65436 <mss 1460>").state("SYN-RECEIVED").receive(100);
  });

describe("a server", () => {
  for (const [form, offer] of [
    ["FO", "FO"],
    ["the experimental option", "FOEXP"],
  ]) {
    scenario(`grants a cookie to who asks for it with ${form}`, server(), (t) => {
      t.in(`S 0:0(0) win 50000 <mss 1000,${offer}>`);
      t.out(`S. 0:0(0) ack 1 <mss 1460,${offer} c00c1e5a01020304>`).in(". 1:1(0) ack 1 win 50000");
      t.told("established");
    });
  }

  scenario("grants none where nothing asks for it", server(), (t) => {
    t.in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 1 <mss 1460>");
  });

  scenario("holds no data of a SYN with a wrong cookie, and grants the right one", server(), (t) => {
    t.in("S 0:100(100) win 50000 <mss 1000,nop,nop,FO c00c1e5a01020305>");
    t.out(`S. 0:0(0) ack 1 <mss 1460,nop,nop,${FO}>`);
    t.in("P. 1:101(100) ack 1 win 50000")
      .told("established", "readable")
      .out(". 1:1(0) ack 101")
      .receive(100);
  });

  scenario("holds no data of a plain SYN either", listen(), (t) => {
    t.in("S 0:100(100) win 50000 <mss 1000>").out("S. 0:0(0) ack 1 <mss 1460>");
    t.in("S 0:100(100) win 50000 <mss 1000>").out("S. 0:0(0) ack 1 <mss 1460>").state("SYN-RECEIVED");
    t.in("P. 1:101(100) ack 1 win 50000")
      .told("established", "readable")
      .out(". 1:1(0) ack 101")
      .receive(100);
  });

  scenario("delivers the data at once, answers them, and then the handshake ends", early(), (t) => {
    t.send(1500).out(". 1:1001(1000) ack 101", "P. 1001:1501(500) ack 101").at(100);
    t.in(". 101:101(0) ack 1 win 50000").told("established");
    t.at(110).in(". 101:101(0) ack 1501 win 50000").close().out("F. 1501:1501(0) ack 101");
    expect(t.status.options.fastOpen).toBe("accepted");
    expect(t.status.counters.retransmits).toBe(0);
  });

  scenario("keeps a FIN back until then", early(), (t) => {
    t.send(10)
      .out("P. 1:11(10) ack 101")
      .close()
      .at(100)
      .in(". 101:101(0) ack 11 win 50000")
      .told("established");
    t.out("F. 11:11(0) ack 101").state("FIN-WAIT-1");
  });

  scenario("has a lone SYN,ACK sent again, not the data", early(), (t) => {
    t.send(10).out("P. 1:11(10) ack 101").at(1000).out("S. 0:0(0) ack 101").at(1100);
    t.in(". 101:101(0) ack 1 win 50000").told("established");
    t.at(t.endpoint.nextTimeout() - 1_000_000).out("P. 1:11(10) ack 101");
    t.at(5000).in(". 101:101(0) ack 11 win 50000");
  });

  scenario("a RST ends what the user has seen begin; it does not listen again", early(), (t) => {
    t.in("R 101:101(0)").state("CLOSED").told("closed reset");
  });

  scenario("so does silence", early({ synAckRetries: 1 }), (t) => {
    t.at(1000).out("S. 0:0(0) ack 101").at(3000).state("CLOSED").told("closed timedOut handshake");
  });

  scenario("the same SYN again gets the same answer", early(), (t) => {
    t.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`).out("S. 0:0(0) ack 101");
    t.in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 101").state("SYN-RECEIVED");
    expect(t.endpoint.readable).toBe(0);
  });

  scenario("takes no more than its window", server({ rcvBuf: 40, rcvBufMax: 40 }), (t) => {
    t.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`).told("readable").out("S. 0:0(0) ack 41 win 0");
    t.receive(40);
  });

  scenario(
    "a host that has enough of them says so",
    server({}, () => false),
    (t) => {
      t.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`).out("S. 0:0(0) ack 1 <mss 1460>");
    },
  );
});

describe("behind a SYN cache", () => {
  const options = () => {
    const asked: string[] = [];
    const fastOpen = {
      cookieFor: (client: string | number | Uint8Array) => {
        asked.push(formatAddress(client));
        return COOKIE;
      },
    };
    return { asked, fastOpen };
  };

  test("a cookie and data make a connection of the SYN", () => {
    const { asked, fastOpen } = options();
    const t = new Listening({ fastOpen });
    const peer = t.client();
    const made = peer.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`);
    expect(made?.state).toBe("SYN-RECEIVED");
    expect(made?.readable).toBe(100);
    expect(new Set(asked)).toEqual(new Set([REMOTE.address]));
    expect(t.cache.size).toBe(0);
  });

  test("a wrong cookie begins no connection, not even one that is given up", () => {
    let begun = 0;
    const chooseIsn = () => 5_000 + begun++;
    const t = new Listening({ fastOpen: options().fastOpen, chooseIsn });
    const peer = t.client();
    expect(peer.in("S 0:100(100) win 50000 <mss 1000,nop,nop,FO 0102030405060708>")).toBeUndefined();
    peer.out(`S. 0:0(0) ack 1 <mss 1460,nop,nop,${FO}>`);
    expect([begun, t.cache.size]).toEqual([1, 1]);
  });

  test("a request takes the usual way, and gets a cookie", () => {
    const t = new Listening({ fastOpen: options().fastOpen });
    const peer = t.client();
    expect(peer.in("S 0:0(0) win 50000 <mss 1000,FO>")).toBeUndefined();
    peer.out(`S. 0:0(0) ack 1 <mss 1460,nop,nop,${FO}>`);
    expect(t.cache.size).toBe(1);
  });

  test("where the host has enough of them, too", () => {
    const t = new Listening({ fastOpen: { ...options().fastOpen, mayAccept: () => false } });
    const peer = t.client();
    expect(peer.in(`S 0:100(100) win 50000 <mss 1000,nop,nop,${FO}>`)).toBeUndefined();
    peer.out("S. 0:0(0) ack 1 <mss 1460>");
    expect(t.cache.size).toBe(1);
  });
});

// Requirements of RFC 9293 that no other file shows: see ../requirements.ts for the whole list.
import { describe, expect, test } from "vitest";
import { Endpoint, TcpError } from "../../src/tcp/index.ts";
import { ACK, buildSegment, fillChecksum, SYN } from "../../src/wire/index.ts";
import { accepted, closed, established, listen, synReceived, synSent } from "./fixtures.ts";
import { LOCAL, REMOTE, scenario, World, world } from "./world.ts";

function issOf(now: number, secret: Uint8Array, port = LOCAL.port): number {
  const endpoint = new Endpoint({ local: { ...LOCAL, port }, remote: REMOTE, secret });
  endpoint.connect(now);
  return endpoint.status().snd.iss;
}

describe("the initial sequence number", () => {
  const KEY = Uint8Array.from({ length: 16 }, (_, i) => i * 7);

  test("climbs by one each four microseconds (MUST-8)", () => {
    expect((issOf(1001, KEY) - issOf(1000, KEY)) >>> 0).toBe(250);
  });

  test("of other sockets, or under another key, has nothing to do with it (MUST-9, SHLD-1)", () => {
    const gaps = new Set<number>();
    for (let port = 1; port <= 200; port++) gaps.add((issOf(0, KEY, port + 1) - issOf(0, KEY, port)) >>> 0);
    expect(gaps.size).toBe(200);
    expect(issOf(0, KEY)).not.toBe(issOf(0, new Uint8Array(16)));
  });
});

describe("the MSS", () => {
  const widest = (offers: string, options = {}) => {
    const t = world(established({ noDelay: true, ...options }, { offers, win: 50_000 }));
    t.send(4000);
    return t.take().map((line) => Number(/\((\d+)\)/.exec(line)?.[1]));
  };

  test("of a peer that tells none is 536 over IPv4 (MUST-15)", () => {
    expect(Math.max(...widest("nop"))).toBe(536);
  });

  test("of a peer that tells none is 1220 over IPv6 (MUST-15)", () => {
    const local = { address: "2001:db8::1", port: 1 };
    const remote = { address: "2001:db8::2", port: 2 };
    const client = new Endpoint({ local, remote, secret: new Uint8Array(16), initialSequence: 0 });
    client.connect(0);
    const answer = { srcPort: 2, dstPort: 1, seq: 0, ack: 1, flags: SYN | ACK, window: 1000 };
    client.onSegment(buildSegment(answer, { src: remote.address, dst: local.address }), 0);
    expect(client.state).toBe("ESTABLISHED");
    expect(client.status().snd.mss).toBe(1220);
  });

  test("is the least of the peer's, the link's and what options leave (MUST-16)", () => {
    expect(Math.max(...widest("mss 1000"))).toBe(1000);
    expect(Math.max(...widest("mss 1000", { mtu: 576 }))).toBe(536);
    expect(Math.max(...widest("mss 1000,nop,nop,TS val 1 ecr 999900"))).toBe(988);
  });

  scenario(
    "announced is what the link takes, and stands in the SYN alone (MUST-14, MUST-65, MUST-67)",
    closed({ mtu: 1400, sack: false, timestamps: false, windowScaling: false }),
    (t) => {
      t.connect().out("S 0:0(0) win 65535 <mss 1360>");
      t.at(10).in("S. 0:0(0) ack 1 win 1000 <mss 536>").out(". 1:1(0) ack 1 <>");
    },
  );
});

describe("options", () => {
  scenario(
    "of unknown kinds, and at odd places, are no obstacle (MUST-5, MUST-6, MUST-64)",
    listen(),
    (t) => {
      const bytes = t.encode("S 0:0(0) win 1000 <mss 1460,nop,nop,nop,nop>");
      bytes.set([200, 3, 9, 2, 4, 1200 >> 8, 1200 & 0xff, 0], 20); // kind 200, then MSS on an odd byte, then the end
      fillChecksum(bytes, { src: REMOTE.address, dst: LOCAL.address });
      t.bytes(bytes).out("S. 0:0(0) ack 1");
      expect(t.status.snd.mss).toBe(1200);
    },
  );
});

describe("RST and URG", () => {
  const FULL = { rcvBuf: 1000, rcvBufMax: 1000, windowScaling: false, delayedAck: 0 };

  scenario("count while our window is closed (MUST-66)", established(FULL), (t) => {
    t.in("P. 1:1001(1000) ack 1 win 50000").out(". 1:1(0) ack 1001 win 0").told("readable");
    t.in("U. 1001:1001(0) ack 1 win 50000 urg 5").told("urgent");
    t.in("R 1001:1001(0)").told("closed reset");
  });

  scenario("a RST may carry text, which is not delivered (SHLD-2)", established(), (t) => {
    t.in("R 1:11(10)").told("closed reset");
  });
});

describe("PUSH", () => {
  scenario(
    "stands on the last segment of what was sent, once for several SENDs (MUST-61, SHLD-27)",
    established(),
    (t) => {
      t.send(400, { more: true }).silent();
      t.send(1600).out(". 1:1001(1000) ack 1", "P. 1001:2001(1000) ack 1");
      t.at(100).in(". 1:1(0) ack 2001 win 50000");
    },
  );
});

describe("calls", () => {
  scenario(
    "a window of 65,535 is no negative number (MUST-1)",
    established({ initialCwnd: 100 }, { win: 65_535 }),
    (t) => {
      t.send(65_000);
      expect(t.take()).toHaveLength(65);
      t.at(100).in(". 1:1(0) ack 65001 win 65535");
    },
  );

  scenario("a passive OPEN leaves what another endpoint does alone (MUST-41)", synReceived(), (t) => {
    const other = new World({ remote: undefined }, 7, 8);
    other.at(0).do((endpoint) => endpoint.listen());
    t.state("SYN-RECEIVED");
    other.state("LISTEN");
  });

  test("an OPEN to an address of many, or of nobody, is refused (MUST-46)", () => {
    const open = (address: string | number | Uint8Array, local: string) => () => {
      const endpoint = new Endpoint({
        local: { address: local, port: 1 },
        remote: { address, port: 80 },
        secret: new Uint8Array(16),
      });
      endpoint.connect(0);
      return endpoint.state;
    };
    for (const address of [
      "224.0.0.1",
      "239.255.255.255",
      "255.255.255.255",
      "0.0.0.0",
      0xe0000001,
      new Uint8Array(4),
    ])
      expect(open(address, "192.0.2.1"), String(address)).toThrow(new TcpError("remote-invalid"));
    for (const address of ["ff02::1", "::"])
      expect(open(address, "2001:db8::1"), address).toThrow(new TcpError("remote-invalid"));
    for (const address of ["223.255.255.255", "240.0.0.1", "10.0.0.0"])
      expect(open(address, "192.0.2.1")()).toBe("SYN-SENT");
    expect(open("fe80::ff00", "fe80::1")()).toBe("SYN-SENT");
  });

  scenario("an accepted connection sends from the address that was asked (MUST-45)", accepted(), (t) => {
    expect(t.status.local).toEqual(LOCAL);
  });

  scenario("ABORT in SYN-SENT needs no RST, and the user is told (MUST-12)", synSent(), (t) => {
    t.abort().told("closed aborted");
  });
});

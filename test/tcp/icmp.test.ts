import { describe, expect } from "vitest";
import { established, listen, synSent } from "./fixtures.ts";
import { scenario, type World } from "./world.ts";

/** An ICMP error that quotes the segment of a line, 8 bytes of it. */
function icmp(t: World, type: number, code: number, line: string, mtu?: number): boolean {
  let counted = false;
  t.do((endpoint) => {
    counted = endpoint.onIcmp({ type, code, mtu, quoted: t.encodeOut(line).subarray(0, 8) });
  });
  return counted;
}

const sent = (from: number, to: number) =>
  Array.from(
    { length: to - from + 1 },
    (_, i) => `. ${1000 * (from + i) - 999}:${1000 * (from + i) + 1}(1000) ack 1`,
  );

describe("ICMP", () => {
  for (const [name, code] of [
    ["port", 3],
    ["protocol", 2],
  ] as const) {
    scenario(`"${name} unreachable" refuses a connection that is being opened`, synSent(), (t) => {
      expect(icmp(t, 3, code, "S 0:0(0)")).toBe(true);
      t.told("closed refused").state("CLOSED");
    });

    scenario(`"${name} unreachable" does not end one that stands`, established(), (t) => {
      t.send(1000).out("P. 1:1001(1000)");
      expect(icmp(t, 3, code, "P. 1:1001(1000) ack 1")).toBe(true);
      t.told("softError").state("ESTABLISHED").in(". 1:1(0) ack 1001 win 50000");
    });
  }

  for (const [name, type, code] of [
    ["network unreachable", 3, 0],
    ["host unreachable", 3, 1],
    ["source route failed", 3, 5],
    ["time exceeded", 11, 0],
    ["parameter problem", 12, 0],
  ] as const) {
    scenario(`"${name}" is a hint that ends nothing`, synSent(), (t) => {
      expect(icmp(t, type, code, "S 0:0(0)")).toBe(true);
      t.told("softError").state("SYN-SENT");
    });
  }

  scenario("source quench is ignored", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)");
    expect(icmp(t, 4, 0, "P. 1:1001(1000) ack 1")).toBe(false);
    t.told().in(". 1:1(0) ack 1001 win 50000");
  });

  scenario("about a segment that is not in flight is forged", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)");
    for (const seq of [-1, 0, 1001, 5000]) expect(icmp(t, 3, 3, `. ${seq}:${seq}(0) ack 1`)).toBe(false);
    t.in(". 1:1(0) ack 1001 win 50000");
    expect(icmp(t, 3, 3, ". 1:1(0) ack 1")).toBe(false);
    t.told();
  });

  scenario("about other ports is forged", synSent(), (t) => {
    t.do((endpoint) => {
      const quoted = t.encodeOut("S 0:0(0)");
      quoted[1] ^= 1;
      expect(endpoint.onIcmp({ type: 3, code: 3, quoted })).toBe(false);
      expect(endpoint.onIcmp({ type: 3, code: 3, quoted: new Uint8Array(7) })).toBe(false);
    });
    t.state("SYN-SENT");
  });

  scenario("means nothing to a listener or what is closed", listen(), (t) => {
    expect(icmp(t, 3, 3, "S 0:0(0)")).toBe(false);
  });
});

describe("path MTU discovery", () => {
  scenario("sends what was too big again in pieces, at once, and slows nothing down", established(), (t) => {
    t.send(2000).out(...sent(1, 1), "P. 1001:2001(1000)");
    expect(icmp(t, 3, 4, ". 1:1001(1000) ack 1", 640)).toBe(true);
    t.out(". 1:601(600)", ". 601:1001(400)", ". 1001:1601(600)", "P. 1601:2001(400)");
    expect(t.status.snd).toMatchObject({ mss: 600, pmtu: 640 });
    expect(t.status.congestion.cwnd).toBe(10_000);
    t.at(100).in(". 1:1(0) ack 2001 win 50000");
    t.send(1000).out(". 2001:2601(600)", "P. 2601:3001(400)").at(200).in(". 1:1(0) ack 3001 win 50000");
  });

  scenario("follows a link whose MTU changes, down and up again", established(), (t) => {
    t.send(2000).out(...sent(1, 1), "P. 1001:2001(1000)");
    t.do((endpoint, now) => endpoint.set({ mtu: 640 }, now));
    t.out(". 1:601(600)", ". 601:1001(400)", ". 1001:1601(600)", "P. 1601:2001(400)");
    expect(t.status.congestion.cwnd).toBe(10_000);
    t.at(100).in(". 1:1(0) ack 2001 win 50000");
    t.do((endpoint, now) => endpoint.set({ mtu: 9000 }, now)); // the peer announced an MSS of 1000
    t.send(1000).out("P. 2001:3001(1000)").at(200).in(". 1:1(0) ack 3001 win 50000");
  });

  scenario("holds what a router told when the link's MTU changes", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)");
    icmp(t, 3, 4, ". 1:1001(1000) ack 1", 640);
    t.out(". 1:601(600)", "P. 601:1001(400)");
    t.do((endpoint, now) => endpoint.set({ mtu: 9000 }, now));
    expect(t.status.snd.mss).toBe(600);
    t.at(100).in(". 1:1(0) ack 1001 win 50000");
  });

  scenario(
    "takes the next lower plateau where the router told no MTU",
    established({}, { offers: "mss 1460" }),
    (t) => {
      t.send(1460).out("P. 1:1461(1460)");
      expect(icmp(t, 3, 4, ". 1:1461(1460) ack 1", 0)).toBe(true);
      expect(t.status.snd.pmtu).toBe(1492);
      t.take();
      t.at(50).in(". 1:1(0) ack 1461 win 50000");
    },
  );

  scenario("doubts what contradicts experience, until a timeout speaks for it", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)").at(50).in(". 1:1(0) ack 1001 win 50000");
    t.send(1000).out("P. 1001:2001(1000)");
    expect(icmp(t, 3, 4, ". 1001:2001(1000) ack 1", 300)).toBe(false);
    t.silent();
    expect(t.status.snd.mss).toBe(1000);
    t.at(50 + t.status.rtt.rto).out(". 1001:1261(260)");
    t.in(". 1:1(0) ack 1261 win 50000").take();
    expect(t.status.snd.mss).toBe(260);
    t.in(". 1:1(0) ack 2001 win 50000");
  });

  scenario("forgets the doubt when what was sent arrives", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)").at(50).in(". 1:1(0) ack 1001 win 50000");
    t.send(1000).out("P. 1001:2001(1000)");
    icmp(t, 3, 4, ". 1001:2001(1000) ack 1", 300);
    t.at(100).in(". 1:1(0) ack 2001 win 50000").send(1000).out("P. 2001:3001(1000)");
    t.at(100 + t.status.rtt.rto)
      .out("P. 2001:3001(1000)")
      .in(". 1:1(0) ack 3001 win 50000");
  });

  scenario("believes no MTU below 68, nor one that is no news", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000)");
    expect(icmp(t, 3, 4, ". 1:1001(1000) ack 1", 67)).toBe(false);
    expect(icmp(t, 3, 4, ". 1:1001(1000) ack 1", 1500)).toBe(false);
    t.in(". 1:1(0) ack 1001 win 50000");
  });
});

import { describe, expect } from "vitest";
import { closed, established } from "./fixtures.ts";
import { type Options, scenario, type World } from "./world.ts";

// A path of 1500 bytes with a peer of MSS 1460, SACK, no timestamps: 40 bytes of headers.
const OFFERS = { offers: "mss 1460,sackOK", win: 65_535 };
const PLAIN = { timestamps: false, windowScaling: false, hystart: false, sndBuf: 1 << 20 };
const ALWAYS = { ...PLAIN, mtuProbing: "always" } as const;
const on = (options: Options = {}) => established({ ...PLAIN, ...options }, OFFERS);
const always = (options: Options = {}) => on({ mtuProbing: "always", ...options });

/** Lengths of the data segments sent since the last call, and the number after the last one. */
function lengths(t: World): number[] {
  return t.take().map((line) => Number(/\((\d+)\)/.exec(line)![1]));
}
const una = (t: World) => (t.status.snd.una - t.status.snd.iss) | 0;
const nxt = (t: World) => (t.status.snd.nxt - t.status.snd.iss) | 0;
const ackOf = (n: number, sack = "") => `. 1:1(0) ack ${n} win 65535${sack && ` <nop,nop,sack ${sack}>`}`;

/** The peer acknowledges segment by segment, all that was sent, until nothing more goes; returns the sizes of probes. */
function run(t: World, rounds: number, lost = Number.POSITIVE_INFINITY): number[] {
  const probes: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const mss = t.status.snd.mss;
    const sent = lengths(t);
    probes.push(...sent.filter((length) => length > mss && length <= lost));
    t.at(t.now + 100).in(ackOf(nxt(t)));
    if (t.endpoint.writable > 100_000) t.write(100_000);
  }
  t.take();
  return probes;
}

describe("probing for the path's MTU", () => {
  scenario("begins small, and climbs to what the link takes by halves", always(), (t) => {
    expect(t.status.snd).toMatchObject({ mss: 1024, pmtu: 1064 });
    t.write(200_000);
    expect(run(t, 20)).toEqual([1242, 1351, 1406, 1433, 1447, 1454]);
    expect(t.status.snd).toMatchObject({ mss: 1454, search: { probe: 0 } });
    expect(t.status.counters).toMatchObject({ retransmits: 0, recoveries: 0 });
  });

  scenario("a probe that is lost alone costs no window, and halves the search", always(), (t) => {
    t.write(200_000);
    const first = lengths(t);
    expect(first).toEqual(Array(10).fill(1024));
    t.at(100).in(ackOf(nxt(t)));
    const before = una(t);
    const sent = lengths(t);
    expect(sent[0], "the probe goes first").toBe(1242);
    const { cwnd } = t.status.congestion;
    const at = before + 1242;
    t.at(200).in(ackOf(before, `${at}:${at + 3 * 1024}`));
    expect(lengths(t).slice(0, 2), "its bytes again, in segments that fit").toEqual([1024, 218]);
    expect(t.status.congestion.cwnd).toBeGreaterThanOrEqual(cwnd);
    expect(t.status.congestion.ssthresh).toBe(0x7fffffff);
    expect(t.status.snd).toMatchObject({ mss: 1024, search: { high: 1281, probe: 0 } });
    t.at(300).in(ackOf(nxt(t)));
    t.take();
    expect(t.status.congestion.phase).toBe("open");
  });

  scenario("a probe that is lost with others is congestion, and tells nothing", always(), (t) => {
    t.write(200_000);
    t.take();
    t.at(100).in(ackOf(nxt(t)));
    const before = una(t);
    expect(lengths(t)[0]).toBe(1242);
    const at = before + 1242 + 1024;
    t.at(200).in(ackOf(before, `${at}:${at + 3 * 1024}`));
    t.take();
    expect(t.status.congestion.phase).toBe("recovery");
    expect(t.status.snd.search).toEqual({ high: 1500, probe: 0 });
    t.at(300).in(ackOf(nxt(t)));
    t.take();
  });

  scenario("what a router says of a probe narrows the search", always(), (t) => {
    t.write(200_000);
    t.take();
    t.at(100).in(ackOf(nxt(t)));
    const before = una(t);
    t.take();
    const quoted = t.encodeOut(`. ${before}:${before}(0) ack 1`);
    t.do((e) => expect(e.onIcmp({ type: 3, code: 4, mtu: 1200, quoted })).toBe(true));
    expect(t.status.snd).toMatchObject({ mss: 1024, search: { high: 1200, probe: 0 } });
    expect(t.status.congestion.ssthresh).toBe(0x7fffffff);
    t.take();
    t.at(200).in(ackOf(nxt(t)));
    t.take();
  });

  scenario(
    "waits where other options would make the packet larger than meant",
    closed({ ...ALWAYS, ecn: "accurate", quickAcks: 0, delayedAck: 400 }),
    (t) => {
      t.connect().take();
      t.at(100).in("S.W 0:0(0) ack 1 win 65535 <mss 1460,sackOK,ecn0 1 0 1>").take();
      t.write(200_000);
      t.take();
      t.at(200).burst(
        "[ect0] P.Ee 1:11(10) ack 1 win 65535",
        `.Ee 11:11(0) ack 10241 win 65535 <ecn0 10241 0 1>`,
      );
      const sent = t.take();
      expect(sent[0], "12 bytes less, for AccECN's counters").toMatch(/\(1012\) .*<ecn0 11 0 1,nop>/);
      expect(sent[1]).toContain("(1242)");
      t.at(300).in(`.Ee 11:11(0) ack ${nxt(t)} win 65535 <ecn0 ${nxt(t)} 0 1>`);
      t.take();
    },
  );

  scenario("waits for data enough to see a loss", always(), (t) => {
    t.write(10 * 1024);
    t.take();
    t.at(100).in(ackOf(nxt(t)));
    t.write(3 * 1024);
    expect(lengths(t)).toEqual([1024, 1024, 1024]);
    t.at(200).in(ackOf(nxt(t)));
  });
});

describe("a black hole", () => {
  scenario("makes segments small after three timeouts, and the connection goes on", on(), (t) => {
    t.write(4 * 1460);
    expect(lengths(t)).toEqual([1460, 1460, 1460, 1460]);
    while (t.status.counters.timeouts < 3) {
      expect(t.status.snd.mss).toBe(1460);
      t.take();
      t.at(t.endpoint.nextTimeout() - 1_000_000);
    }
    expect(t.status.snd.mss).toBe(1024);
    expect(lengths(t), "the first one again, in pieces").toEqual([1024, 436]);
    for (let n = 0; n < 6 && t.status.snd.queued > 0; n++) {
      t.at(t.now + 100).in(ackOf(1461 + Math.min(n, 3) * 1460));
      expect(Math.max(0, ...lengths(t))).toBeLessThanOrEqual(1024);
    }
    expect(t.status.snd.queued).toBe(0);
    t.told("suspect");
  });

  scenario("makes them smaller still, but no smaller than every path takes", on(), (t) => {
    t.write(1460);
    t.take();
    while (t.status.counters.timeouts < 8) {
      t.at(t.endpoint.nextTimeout() - 1_000_000);
      t.take();
    }
    expect(t.status.snd).toMatchObject({ mss: 536, pmtu: 576 });
  });

  scenario("is not looked for where that is switched off", on({ mtuProbing: "off" }), (t) => {
    t.write(1460);
    t.take();
    while (t.status.counters.timeouts < 8) {
      t.at(t.endpoint.nextTimeout() - 1_000_000);
      t.take();
    }
    expect(t.status.snd).toMatchObject({ mss: 1460, search: null });
  });

  scenario("once behind, larger segments are tried again", on(), (t) => {
    t.write(1460);
    t.take();
    while (t.status.counters.timeouts < 3) {
      t.at(t.endpoint.nextTimeout() - 1_000_000);
      t.take();
    }
    t.in(ackOf(1025));
    t.take();
    t.in(ackOf(1461));
    t.write(200_000);
    const probes = run(t, 60);
    expect(probes.at(-1)).toBeGreaterThan(1440);
    expect(t.status.counters.recoveries).toBe(0);
  });
});

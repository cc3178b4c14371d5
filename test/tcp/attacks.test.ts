import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  listen,
  synReceived,
  synSent,
  timeWait,
} from "./fixtures.ts";
import { SEQUENCES, scenario, world } from "./world.ts";

/** A window small enough to try every number in and round it. */
const NARROW = { rcvBuf: 200, rcvBufMax: 200, windowScaling: false, challengeAcks: 10_000 };

describe("a blind attacker", () => {
  test("resets with the one right number alone; the rest of the window earns a challenge ACK", () => {
    for (const sequences of SEQUENCES) {
      for (let seq = -50; seq < 260; seq++) {
        const t = world(established(NARROW), sequences).in(`R ${seq}:${seq}(0)`);
        if (seq === 1) t.told("closed reset");
        else if (seq > 1 && seq < 201) t.out(". 1:1(0) ack 1").state("ESTABLISHED");
        else t.silent().state("ESTABLISHED");
      }
    }
  });

  test("cannot end a connection with a SYN, wherever it lies", () => {
    for (let seq = -50; seq < 260; seq++) {
      world(established(NARROW)).in(`S ${seq}:${seq}(0) win 1000`).out(". 1:1(0) ack 1").state("ESTABLISHED");
    }
  });

  scenario(
    "cannot inject data with an acknowledgment outside [SND.UNA - MAX.SND.WND, SND.NXT]",
    established({}, { win: 1000 }),
    (t) => {
      t.send(100).out("P. 1:101(100)");
      t.in("P. 1:11(10) ack 102 win 1000").out(". 101:101(0) ack 1");
      t.in("P. 1:11(10) ack -1000 win 1000").out(". 101:101(0) ack 1");
      t.in("P. 1:11(10) ack -999 win 1000").out(". 101:101(0) ack 11").receive(10);
      t.at(10).in(". 11:11(0) ack 101 win 1000");
    },
  );

  scenario("cannot inject data without ACK", established(), (t) => {
    t.in("P 1:11(10) win 1000").receive(0);
  });

  scenario("learns nothing from counting challenge ACKs, and floods nobody", established(), (t) => {
    for (let i = 0; i < 100; i++) t.in(`R ${100 + i}:${100 + i}(0)`);
    expect(t.take()).toHaveLength(10);
    t.at(5000).in("R 500:500(0)").out(". 1:1(0) ack 1");
    // Another connection has a count of its own.
    world(established()).in("R 100:100(0)").out(". 1:1(0) ack 1");
  });

  scenario("cannot make two ends answer each other for ever", established(), (t) => {
    for (let i = 0; i < 50; i++) t.in(". -500:-500(0) ack 1 win 1000");
    t.out(". 1:1(0) ack 1").at(499).in(". -500:-500(0) ack 1 win 1000").silent();
    t.at(500).in(". -500:-500(0) ack 1 win 1000").out(". 1:1(0) ack 1");
  });
});

describe("hostile acknowledgments", () => {
  test("any SACK blocks leave the books in order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            ack: fc.integer({ min: -5, max: 26 }),
            blocks: fc.array(
              fc.tuple(fc.integer({ min: -10, max: 26_000 }), fc.integer({ min: -10, max: 26_000 })),
              { maxLength: 4 },
            ),
            wait: fc.integer({ min: 0, max: 120 }),
          }),
          { maxLength: 30, size: "max" },
        ),
        (acks) => {
          const t = world(established({}, { offers: "mss 1000,sackOK" }));
          t.send(25_000).take();
          let at = 0;
          for (const { ack, blocks, wait } of acks) {
            at += wait;
            for (;;) {
              const next = t.endpoint.nextTimeout() - 1_000_000;
              if (!(next <= at)) break;
              t.take();
              t.at(next).take();
            }
            const sack =
              blocks.length === 0 ? "" : ` <nop,nop,sack ${blocks.map((b) => b.join(":")).join(" ")}>`;
            t.take();
            t.at(at)
              .in(`. 1:1(0) ack ${1000 * ack + 1} win 50000${sack}`)
              .take();
            const { snd, congestion } = t.status;
            expect(snd.inFlight).toBeGreaterThanOrEqual(0);
            expect(snd.inFlight).toBeLessThanOrEqual(2 * 25_000);
            expect(congestion.cwnd).toBeGreaterThanOrEqual(0);
            expect((snd.nxt - snd.una) | 0).toBeGreaterThanOrEqual(0);
          }
          // The peer mends its ways: the rest is delivered.
          for (let i = 0; i < 200 && t.status.snd.queued > 0; i++) {
            const { nxt, iss } = t.status.snd;
            t.in(`. 1:1(0) ack ${(nxt - iss) | 0} win 50000`).take();
            const next = t.endpoint.nextTimeout();
            if (next !== Number.POSITIVE_INFINITY) t.at(next - 1_000_000).take();
          }
          expect(t.status.snd.queued).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a tiny MSS does not multiply segments (SACK Panic)", () => {
    for (const mss of [1, 8, 48, 87]) {
      const t = world(established({}, { offers: `mss ${mss}` }));
      expect(t.status.snd.mss).toBe(88);
    }
    for (const mss of [88, 536, 1459])
      expect(world(established({}, { offers: `mss ${mss}` })).status.snd.mss).toBe(mss);
    for (const mss of [1460, 9000, 65535])
      expect(world(established({}, { offers: `mss ${mss}` })).status.snd.mss).toBe(1460);
  });

  test("one byte out of order at a time costs bounded memory and time (SegmentSmack)", () => {
    const t = world(established({ rcvBuf: 60_000 }, { offers: "mss 1000,sackOK" }));
    for (let n = 3; n < 20_000; n += 2) t.in(`. ${n}:${n + 1}(1) ack 1 win 50000`).take();
    expect(t.status.rcv.outOfOrder).toBe(1024);
    t.in(". 1:1001(1000) ack 1 win 50000", ". 1001:2001(1000) ack 1 win 50000").take();
    t.in(". 2001:3001(1000) ack 1 win 50000").take();
    t.receive(3000).take();
  });
});

describe("damaged segments", () => {
  const FIXTURES = [
    established,
    finWait1,
    finWait2,
    closeWait,
    closing,
    lastAck,
    timeWait,
    synSent,
    synReceived,
    listen,
  ];

  test("any single flipped bit is noticed", () => {
    const t = world(established());
    const good = t.encode("P. 1:21(20) ack 1 win 50000 <nop,nop,TS val 1 ecr 2>");
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] ^= 1 << (bit & 7);
      t.bytes(bad).silent();
    }
    expect(t.endpoint.readable).toBe(0);
    t.bytes(good).out(". 1:1(0) ack 21").receive(20);
  });

  test("what is too short or lies about its header is dropped in every state", () => {
    for (const fixture of FIXTURES) {
      const t = world(fixture());
      t.take();
      const { state } = t.endpoint;
      for (let length = 0; length < 20; length++) t.bytes(new Uint8Array(length)).silent();
      const whole = t.encode("P. 1:21(20) ack 1 win 50000");
      for (let offset = 0; offset < 16; offset++) {
        for (let length = 0; length < whole.length; length++) {
          const bytes = whole.slice(0, length);
          if (length > 12) bytes[12] = (offset << 4) | (bytes[12] & 15);
          t.bytes(bytes);
          expect(t.endpoint.state).toBe(state);
        }
      }
      t.take();
    }
  });

  test("random bytes move nothing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: FIXTURES.length - 1 }),
        fc.uint8Array({ maxLength: 80, size: "max" }),
        (i, bytes) => {
          const t = world(FIXTURES[i]());
          const { state } = t.endpoint;
          t.take();
          t.bytes(bytes).silent().state(state);
        },
      ),
    );
  });

  test("options that lie about their length are survived (MUST-7)", () => {
    const t = world(established());
    for (const kind of [2, 3, 4, 5, 8, 28, 34, 69, 172, 174, 253, 254, 255]) {
      for (const length of [0, 1, 2, 3, 4, 9, 10, 11, 39, 40, 41, 255]) {
        const option = [kind, length, 0, 0, 0, 0, 0, 0].map((n) => n.toString(16)).join(" ");
        t.in(`. 1:1(0) ack 1 win 50000 <raw ${option}>`).state("ESTABLISHED");
      }
    }
  });
});

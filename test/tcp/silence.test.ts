import { describe, expect, test } from "vitest";
import { STATE_NAMES } from "../../src/tcp/state.ts";
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  followedBy,
  lastAck,
  listen,
  synReceived,
  synSent,
  timeWait,
} from "./fixtures.ts";
import { type Fixture, scenario, type World } from "./world.ts";

/** Lets timers run, with nobody answering, until none is left; returns the ms that took. */
function waitOut(t: World): number {
  t.take();
  for (let i = 0; i < 10_000; i++) {
    const next = t.endpoint.nextTimeout();
    if (next === Number.POSITIVE_INFINITY) return t.now;
    t.at(next - 1_000_000).take();
  }
  throw new Error("timers run for ever");
}

const KEEP = { keepAlive: { idle: 7_200_000, interval: 75_000, probes: 9 } };
const HOUR = 3_600_000;

// What waits there, how it ends, and the most milliseconds that takes.
const VANISHED: readonly (readonly [name: string, Fixture, end: string, most: number])[] = [
  ["SYN-SENT", synSent(), "closed timedOut handshake", 5 * 60_000],
  [
    "ESTABLISHED with data in flight",
    followedBy(established(), (t) => t.send(10)),
    "closed timedOut retransmission",
    HOUR,
  ],
  [
    "ESTABLISHED with a closed window",
    followedBy(established({}, { win: 0 }), (t) => t.send(10)),
    "closed timedOut zeroWindow",
    HOUR,
  ],
  [
    "SYN-RECEIVED, after a simultaneous open",
    followedBy(synSent(), (t) => t.in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 1")),
    "closed timedOut handshake",
    5 * 60_000,
  ],
  [
    "SYN-RECEIVED, with data of a Fast Open",
    followedBy(listen({ fastOpen: { cookieFor: () => new Uint8Array(4) } }), (t) => {
      t.in("S 0:10(10) win 50000 <mss 1000,nop,nop,FO 00000000>").out("S. 0:0(0) ack 11");
      t.send(10).out("P. 1:11(10) ack 11");
    }),
    "closed timedOut handshake",
    5 * 60_000,
  ],
  [
    "ESTABLISHED with a window that closed on data in flight",
    followedBy(established(), (t) => {
      t.send(2000).out(". 1:1001(1000) ack 1", "P. 1001:2001(1000) ack 1");
      t.in(". 1:1(0) ack 1001 win 0");
    }),
    "closed timedOut retransmission",
    HOUR,
  ],
  [
    "ESTABLISHED with a user timeout",
    followedBy(established({ userTimeout: 30_000 }), (t) => t.send(10)),
    "closed timedOut userTimeout",
    30_000,
  ],
  [
    "ESTABLISHED, idle, with keep-alive and a user timeout",
    established({ ...KEEP, userTimeout: 100_000 }),
    "closed timedOut keepAlive",
    3 * HOUR,
  ],
  [
    "CLOSE-WAIT with data in flight",
    followedBy(closeWait(), (t) => t.send(10)),
    "closed timedOut retransmission",
    HOUR,
  ],
  [
    "FIN-WAIT-1 behind a closed window",
    followedBy(established({}, { win: 0 }), (t) => t.send(10).close().state("FIN-WAIT-1")),
    "closed timedOut zeroWindow",
    HOUR,
  ],
  [
    "LAST-ACK behind a closed window",
    followedBy(closeWait(), (t) => {
      t.in(". 2:2(0) ack 1 win 0").send(10).close().state("LAST-ACK");
    }),
    "closed timedOut zeroWindow",
    HOUR,
  ],
  [
    "LAST-ACK with data in flight",
    followedBy(closeWait(), (t) => t.send(10).close()),
    "closed timedOut retransmission",
    HOUR,
  ],
  ["ESTABLISHED, idle, with keep-alive", established(KEEP), "closed timedOut keepAlive", 3 * HOUR],
  ["CLOSE-WAIT, with keep-alive", closeWait(KEEP), "closed timedOut keepAlive", 3 * HOUR],
  ["SYN-SENT, with a user timeout", synSent({ userTimeout: 10_000 }), "closed timedOut userTimeout", 10_000],
  [
    "CLOSE-WAIT, with a user timeout",
    followedBy(closeWait({ userTimeout: 30_000 }), (t) => t.send(10)),
    "closed timedOut userTimeout",
    30_000,
  ],
  ["FIN-WAIT-1, with keep-alive", finWait1(KEEP), "closed timedOut retransmission", HOUR],
  ["CLOSING, with keep-alive", closing(KEEP), "closed timedOut retransmission", HOUR],
  ["LAST-ACK, with keep-alive", lastAck(KEEP), "closed timedOut retransmission", HOUR],
  ["FIN-WAIT-1", finWait1(), "closed timedOut retransmission", HOUR],
  ["FIN-WAIT-2, with keep-alive", finWait2(KEEP), "closed timedOut keepAlive", 3 * HOUR],
  [
    "FIN-WAIT-2 that nobody reads",
    followedBy(finWait2(), (t) => t.do((e, now) => e.stopReceiving(now))),
    "closed timedOut finWait2",
    60_000,
  ],
  ["CLOSING", closing(), "closed timedOut retransmission", HOUR],
  ["LAST-ACK", lastAck(), "closed timedOut retransmission", HOUR],
  ["TIME-WAIT", timeWait(), "closed finished", 60_000],
];

describe("a peer that has vanished", () => {
  test("is met in every state but CLOSED, and LISTEN, which has no peer", () => {
    const met = new Set(VANISHED.map(([name]) => /^[A-Z0-9-]+/.exec(name)![0]));
    expect([...met].sort()).toEqual(STATE_NAMES.filter((s) => s !== "CLOSED" && s !== "LISTEN").sort());
  });

  for (const [name, fixture, reason, most] of VANISHED) {
    scenario(`leaves no zombie in ${name}`, fixture, (t) => {
      const ms = waitOut(t);
      t.state("CLOSED");
      expect(ms).toBeLessThanOrEqual(most);
      expect(t.lastEvent).toBe(reason);
      t.take();
    });
  }

  scenario("returns a listener from SYN-RECEIVED to LISTEN", synReceived(), (t) => {
    expect(waitOut(t)).toBeLessThanOrEqual(70_000);
    t.state("LISTEN");
  });

  for (const [name, fixture] of [
    ["ESTABLISHED", established()],
    ["CLOSE-WAIT", closeWait()],
    ["FIN-WAIT-2", finWait2()],
  ] as const) {
    scenario(
      `stays for ever in ${name} without keep-alive: no timer applies, this is the zombie`,
      fixture,
      (t) => {
        expect(t.endpoint.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
      },
    );
  }
});

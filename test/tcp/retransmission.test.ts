import { describe, expect } from "vitest";
import { closeWait, established, synReceived, synSent } from "./fixtures.ts";
import { scenario } from "./world.ts";

// The handshake took 100 ms: SRTT 100, RTTVAR 50, RTO 100 + max(200, 4 * 50) = 300.

describe("retransmission timeout", () => {
  scenario("repeats the oldest segment after an RTO, and then after twice the time", established(), (t) => {
    t.send(500).out("P. 1:501(500) ack 1");
    t.at(300)
      .out("P. 1:501(500) ack 1")
      .at(900)
      .out("P. 1:501(500) ack 1")
      .at(2100)
      .out("P. 1:501(500) ack 1");
    t.at(2200).in(". 1:1(0) ack 501 win 50000");
    expect(t.endpoint.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  scenario("sends one segment, then as many as slow start lets it", established(), (t) => {
    t.send(4000).out(". 1:1001(1000)", ". 1001:2001(1000)", ". 2001:3001(1000)", "P. 3001:4001(1000)");
    t.at(300).out(". 1:1001(1000)");
    t.at(400).in(". 1:1(0) ack 1001 win 50000").out(". 1001:2001(1000)", ". 2001:3001(1000)");
    t.at(500).in(". 1:1(0) ack 3001 win 50000").out("P. 3001:4001(1000)");
    t.at(600).in(". 1:1(0) ack 4001 win 50000");
    expect(t.status.congestion).toMatchObject({ phase: "open", ssthresh: 7000 });
  });

  scenario("measures crossing SYNs from the SYN, not from the SYN,ACK that repeats it", synSent(), (t) => {
    t.at(300).in("S 0:0(0) win 50000 <mss 1000>").out("S. 0:0(0) ack 1");
    t.at(400).in("S. 0:0(0) ack 1 win 50000 <mss 1000>").told("established");
    expect(t.status.rtt).toMatchObject({ srtt: 400, rttvar: 200 });
  });

  scenario(
    "waits for SRTT and four times its variation, where that is more than the least",
    synSent(),
    (t) => {
      t.at(400).in("S. 0:0(0) ack 1 win 50000 <mss 1000>").out(". 1:1(0) ack 1").told("established");
      expect(t.status.rtt).toMatchObject({ srtt: 400, rttvar: 200, rto: 1200 });
      t.send(10).out("P. 1:11(10) ack 1").at(1599).silent().at(1600).out("P. 1:11(10) ack 1");
      t.at(1700).in(". 1:1(0) ack 11 win 50000");
    },
  );

  scenario("does not measure a segment that was sent twice (Karn)", established(), (t) => {
    t.send(500)
      .out("P. 1:501(500)")
      .at(300)
      .out("P. 1:501(500)")
      .at(2000 / 4)
      .in(". 1:1(0) ack 501 win 50000");
    expect(t.status.rtt).toMatchObject({ srtt: 100, rttvar: 50, rto: 600, backoff: 1 });
    t.send(500).out("P. 501:1001(500)").at(620).in(". 1:1(0) ack 1001 win 50000");
    expect(t.status.rtt).toMatchObject({ srtt: 102.5, rttvar: 42.5, rto: 302.5, backoff: 0 });
  });

  scenario("restarts with each acknowledgment of new data", established(), (t) => {
    t.send(2000).out(". 1:1001(1000)", "P. 1001:2001(1000)");
    t.at(250).in(". 1:1(0) ack 1001 win 50000");
    const { rto } = t.status.rtt;
    expect(t.endpoint.nextTimeout()).toBeCloseTo(1_000_250 + rto, 6);
    t.at(260).in(". 1:1(0) ack 2001 win 50000");
  });

  scenario("tells the user at R1 and gives up at R2, after about 15 minutes", established(), (t) => {
    t.send(500).out("P. 1:501(500)");
    let at = 0;
    for (let i = 0; i < 15; i++) {
      at += Math.min(300 * 2 ** i, 120_000);
      t.at(at)
        .out("P. 1:501(500) ack 1")
        .told(...(i === 2 ? ["suspect"] : []));
    }
    t.at(at + 120_000)
      .told("closed timedOut retransmission")
      .state("CLOSED");
    expect(t.now).toBeGreaterThan(100_000); // SHLD-11
    expect(() => t.endpoint.receive(1)).toThrow("retransmissions went unacknowledged");
  });

  scenario("of the FIN counts too", closeWait({ retries2: 3 }), (t) => {
    t.close().out("F. 1:1(0) ack 2");
    t.at(300).out("F. 1:1(0)").at(900).out("F. 1:1(0)").at(2100).out("F. 1:1(0)").told("suspect");
    t.at(4500).told("closed timedOut retransmission");
  });

  scenario("of a SYN,ACK gives up earlier, and the listener goes on", synReceived(), (t) => {
    for (const seconds of [1, 3, 7, 15, 31]) t.at(seconds * 1000).out("S. 0:0(0) ack 1");
    t.at(63_000).state("LISTEN").told();
    t.in("S 9:9(0) win 1000").out("S. 0:0(0) ack 10");
  });

  scenario("after a lost SYN the first RTO is 3 s and the first window one segment", synSent(), (t) => {
    t.at(1000).out("S 0:0(0)").at(1100).in("S. 0:0(0) ack 1 win 50000 <mss 1000>").out(". 1:1(0) ack 1");
    t.send(2000).out(". 1:1001(1000)").at(4100).out(". 1:1001(1000)");
    t.at(4200)
      .in(". 1:1(0) ack 1001 win 50000")
      .out("P. 1001:2001(1000)")
      .at(4300)
      .in(". 1:1(0) ack 2001 win 50000");
  });

  scenario("ends with the user timeout when that is shorter", established({ userTimeout: 1000 }), (t) => {
    t.send(500).out("P. 1:501(500)").at(300).out("P. 1:501(500)").at(900).out("P. 1:501(500)");
    t.at(999).state("ESTABLISHED").at(1000).told("closed timedOut userTimeout");
  });

  scenario("progress restarts the user timeout", established({ userTimeout: 1000 }), (t) => {
    t.send(1500).out(". 1:1001(1000)", "P. 1001:1501(500)");
    t.at(200).in(". 1:1(0) ack 1001 win 50000");
    const next = 200 + t.status.rtt.rto;
    t.at(next)
      .out("P. 1001:1501(500)")
      .at(1199)
      .state("ESTABLISHED")
      .at(1200)
      .told("closed timedOut userTimeout");
  });
});

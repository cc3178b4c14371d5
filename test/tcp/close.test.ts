import { describe, expect, test } from "vitest";
import { type Endpoint, TcpError } from "../../src/tcp/index.ts";
import {
  accepted,
  closed,
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
import { EPOCH, REMOTE as PEER, scenario, type World, world } from "./world.ts";

describe("the four-way close", () => {
  scenario("from the active side ends in TIME-WAIT, and after 2 MSL in CLOSED", established(), (t) => {
    t.close().out("F. 1:1(0) ack 1 win 65535").state("FIN-WAIT-1");
    t.at(10).in(". 1:1(0) ack 2 win 50000").state("FIN-WAIT-2");
    t.at(20).in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2").told("end").state("TIME-WAIT");
    t.at(60_019).state("TIME-WAIT").at(60_020).told("closed finished").state("CLOSED");
  });

  scenario("waits for data that the peer's FIN has overtaken", established(), (t) => {
    t.in("P. 1:11(10) ack 1 win 50000").out(". 1:1(0) ack 11");
    t.in("F. 21:21(0) ack 1 win 50000").out(". 1:1(0) ack 11").state("ESTABLISHED");
    t.in("P. 11:21(10) ack 1 win 50000").out(". 1:1(0) ack 22").state("CLOSE-WAIT");
  });

  scenario("from the passive side ends with the ACK of our FIN", established(), (t) => {
    t.in("F. 1:1(0) ack 1 win 50000").out(". 1:1(0) ack 2").told("end").state("CLOSE-WAIT");
    t.at(10).close().out("F. 1:1(0) ack 2").state("LAST-ACK");
    t.at(20).in(". 2:2(0) ack 2 win 50000").told("closed finished").state("CLOSED");
  });

  scenario("from both sides at once meets in CLOSING", finWait1(), (t) => {
    t.in("F. 1:1(0) ack 1 win 50000").out(". 2:2(0) ack 2").told("end").state("CLOSING");
    t.at(10).in(". 2:2(0) ack 2 win 50000").state("TIME-WAIT").at(60_010).told("closed finished");
  });

  scenario("takes three segments when FIN and ACK come together", finWait1(), (t) => {
    t.in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2").state("TIME-WAIT");
  });

  scenario(
    "sends the FIN behind what the peer's window still keeps back",
    established({}, { win: 500 }),
    (t) => {
      t.send(1000).out(". 1:501(500) ack 1").close().state("FIN-WAIT-1");
      t.at(10).in(". 1:1(0) ack 501 win 501").out("FP. 501:1001(500) ack 1");
      t.at(20).in(". 1:1(0) ack 1002 win 500").state("FIN-WAIT-2");
    },
  );

  scenario("repeats the FIN until it is acknowledged", finWait1(), (t) => {
    t.at(300).out("F. 1:1(0) ack 1").at(900).out("F. 1:1(0) ack 1");
    t.at(950).in(". 1:1(0) ack 2 win 50000").state("FIN-WAIT-2");
  });
});

describe("TIME-WAIT", () => {
  scenario("acknowledges the peer's FIN again and starts over", timeWait(), (t) => {
    t.at(50_000).in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2");
    t.at(109_999).state("TIME-WAIT").at(110_000).state("CLOSED");
  });

  scenario("lasts as long as the setting says", timeWait({ timeWait: 1000 }), (t) => {
    t.at(999).state("TIME-WAIT").at(1000).state("CLOSED");
  });

  scenario("is ended by an exact RST", timeWait(), (t) => {
    t.in("R 2:2(0)").told("closed finished").state("CLOSED");
  });

  scenario(
    "survives a RST with `timeWaitIgnoresRst` (RFC 1337)",
    timeWait({ timeWaitIgnoresRst: true }),
    (t) => {
      t.in("R 2:2(0)").state("TIME-WAIT");
    },
  );
});

describe("a new SYN in TIME-WAIT", () => {
  /** TIME-WAIT of a connection that was accepted and that we closed first. */
  const ours = (offers?: string) =>
    followedBy(accepted({}, { offers }), (t) => {
      const ts = offers?.includes("TS") ? " <nop,nop,TS val 20 ecr 1000000>" : "";
      t.close().out("F. 1:1(0) ack 1").in(`F. 1:1(0) ack 2 win 50000${ts}`).out(". 2:2(0) ack 2").told("end");
    });

  scenario("with a number past the old ones opens a new connection", ours(), (t) => {
    t.at(100).in("S 100:100(0) win 50000 <mss 1000>").state("SYN-RECEIVED");
    const [reply] = t.take();
    const iss = Number(/^S\. (\d+):/.exec(reply)?.[1]);
    expect(iss).toBeGreaterThan(2);
    expect(reply).toContain("ack 101 ");
    t.in(`. 101:101(0) ack ${iss + 1} win 50000`)
      .told("established")
      .state("ESTABLISHED");
  });

  scenario(
    "opens a connection that inherits no patience: its first window probe comes after one RTO",
    accepted(),
    (t) => {
      // A FIN that goes as a probe of a closed window, again and again.
      t.send(1000).out("P. 1:1001(1000)").at(20).in(". 1:1(0) ack 1001 win 0");
      t.close().silent();
      for (let i = 0; i < 4; i++) t.at(t.endpoint.nextTimeout() - EPOCH).take();
      t.in("F. 1:1(0) ack 1002 win 0").take();
      t.state("TIME-WAIT");
      t.in("S 5000:5000(0) win 50000 <mss 1000>").state("SYN-RECEIVED");
      const iss = Number(/^S\. (\d+):/.exec(t.take()[0])?.[1]);
      t.in(`. 5001:5001(0) ack ${iss + 1} win 0`).state("ESTABLISHED");
      const { rto } = t.status.rtt;
      t.send(100).silent();
      expect(t.endpoint.nextTimeout() - EPOCH - t.now).toBeLessThanOrEqual(rto);
      t.take();
    },
  );

  scenario(
    "opens a connection that inherits no user timeout of the old one's peer (RFC 5482)",
    accepted({ acceptUserTimeout: true }),
    (t) => {
      t.in(". 1:1(0) ack 1 win 50000 <uto 200>").close().out("F. 1:1(0) ack 1");
      t.in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2").told("end").state("TIME-WAIT");
      t.in("S 5000:5000(0) win 50000 <mss 1000>").state("SYN-RECEIVED");
      const iss = Number(/^S\. (\d+):/.exec(t.take()[0])?.[1]);
      t.in(`. 5001:5001(0) ack ${iss + 1} win 0`)
        .told("established")
        .send(10)
        .silent();
      expect(t.status.timers.user).toBeUndefined();
    },
  );

  scenario("with an old number is a duplicate", ours(), (t) => {
    t.at(100).in("S -50:-50(0) win 50000 <mss 1000>").out(". 2:2(0) ack 2").state("TIME-WAIT");
  });

  scenario("with a later timestamp is new, whatever its number", ours("mss 1000,TS val 10 ecr 0"), (t) => {
    t.at(100).in("S -5000:-5000(0) win 50000 <mss 1000,TS val 21 ecr 0>").state("SYN-RECEIVED");
    t.take();
  });

  scenario(
    "with an earlier timestamp is a duplicate, whatever its number",
    ours("mss 1000,TS val 10 ecr 0"),
    (t) => {
      t.at(100)
        .in("S 5000:5000(0) win 50000 <mss 1000,TS val 19 ecr 0>")
        .out(". 2:2(0) ack 2")
        .state("TIME-WAIT");
    },
  );

  scenario("is left to the host where we had opened actively", timeWait(), (t) => {
    expect(t.endpoint.yieldsTo(t.encode("S 100:100(0) win 1000 <mss 1000>"))).toBe(true);
    expect(t.endpoint.yieldsTo(t.encode("S -100:-100(0) win 1000 <mss 1000>"))).toBe(false);
    expect(t.endpoint.yieldsTo(t.encode("S. 100:100(0) ack 1 win 1000"))).toBe(false);
    expect(t.endpoint.yieldsTo(new Uint8Array(3))).toBe(false);
    t.state("TIME-WAIT");
  });
});

describe("RST", () => {
  scenario("that names RCV.NXT resets", established(), (t) => {
    t.in("R 1:1(0)").told("closed reset").state("CLOSED");
    expect(() => t.endpoint.receive(1)).toThrow("connection reset");
    expect(() => t.endpoint.send(new Uint8Array(1), 0)).toThrow("connection reset");
  });

  scenario("elsewhere in the window is answered with a challenge ACK", established(), (t) => {
    t.in("R 2:2(0)").out(". 1:1(0) ack 1").in("R 60000:60000(0)").out(". 1:1(0) ack 1").state("ESTABLISHED");
  });

  scenario("outside the window is ignored", established(), (t) => {
    t.in("R 0:0(0)", "R 70000:70000(0)", "R -1000:-1000(0)").state("ESTABLISHED");
  });

  for (const [fixture, nxt, reason] of [
    [finWait1, 1, "reset"],
    [finWait2, 1, "reset"],
    [closeWait, 2, "reset"],
    [closing, 2, "finished"],
    [lastAck, 2, "finished"],
  ] as const) {
    scenario(`ends ${fixture.name} as ${reason}`, fixture(), (t) => {
      t.in(`R ${nxt}:${nxt}(0)`).told(`closed ${reason}`).state("CLOSED");
    });
  }

  scenario("in LAST-ACK with data not acknowledged is a reset to the user", closeWait(), (t) => {
    t.send(10).out("P. 1:11(10) ack 2").close().out("F. 11:11(0) ack 2").state("LAST-ACK");
    t.in("R 2:2(0)").told("closed reset");
  });

  scenario("in SYN-RECEIVED leaves a listener for anybody without a peer", synReceived(), (t) => {
    const peer = (endpoint: Endpoint) => [endpoint.remotePort, endpoint.status().remote?.port];
    t.do((endpoint) => expect(peer(endpoint)).toEqual([PEER.port, PEER.port]));
    t.in("R 1:1(0)").state("LISTEN");
    t.do((endpoint) => expect(peer(endpoint)).toEqual([0, undefined]));
    // Who is refused is no peer either.
    t.in(". 1:1(0) ack 55 win 1000").out("R 55:55(0)");
    t.do((endpoint) => expect(peer(endpoint)).toEqual([0, undefined]));
  });

  scenario("in SYN-RECEIVED returns a listener to LISTEN", synReceived(), (t) => {
    t.in("R 1:1(0)").state("LISTEN").told();
    t.in("S 7:7(0) win 1000 <mss 1000>").out("S. 0:0(0) ack 8").state("SYN-RECEIVED");
  });

  scenario(
    "in SYN-RECEIVED lets a listener go whose next guest has challenges of his own",
    synReceived({ challengeAcks: 1 }),
    (t) => {
      t.in("R 50:50(0)").out(". 1:1(0) ack 1").in("R 60:60(0)").silent();
      t.in("R 1:1(0)").state("LISTEN");
      t.in("S 7:7(0) win 1000 <mss 1000>").out("S. 0:0(0) ack 8");
      t.in("R 50:50(0)").out(". 1:1(0) ack 8").in("R 60:60(0)");
    },
  );

  scenario("in SYN-RECEIVED of a simultaneous open refuses", synSent(), (t) => {
    t.in("S 0:0(0) win 1000").out("S. 0:0(0) ack 1").in("R 1:1(0)").told("closed refused");
  });

  scenario("is what a listener answers to an ACK", listen(), (t) => {
    t.in(". 1:1(0) ack 55 win 1000").out("R 55:55(0)").state("LISTEN");
  });

  scenario("is ignored by a listener", listen(), (t) => {
    t.in("R 1:1(0)", "R. 1:1(0) ack 4").state("LISTEN");
  });

  scenario("is what a closed endpoint answers", closed(), (t) => {
    t.do((endpoint) => endpoint.listen())
      .do((endpoint, now) => endpoint.close(now))
      .told("closed aborted");
    t.in("S 0:0(0) win 1000").out("R. ack 1");
    t.in(". 1:1(0) ack 33 win 1000").out("R 33:33(0)");
    t.in("R 1:1(0)");
  });
});

describe("a SYN inside a connection", () => {
  scenario("is answered with a challenge ACK, wherever it lies", established(), (t) => {
    t.in("S 100:100(0) win 1000").out(". 1:1(0) ack 1").in("S -5000:-5000(0) win 1000").out(". 1:1(0) ack 1");
    t.state("ESTABLISHED");
  });

  scenario("returns a listener from SYN-RECEIVED to LISTEN", synReceived(), (t) => {
    t.in("S 10:10(0) win 1000").state("LISTEN");
  });
});

describe("ABORT", () => {
  for (const [fixture, reset] of [
    [established, "R. 1:1(0) ack 1"],
    [finWait1, "R. 2:2(0) ack 1"],
    [finWait2, "R. 2:2(0) ack 1"],
    [closeWait, "R. 1:1(0) ack 2"],
    [synReceived, "R. 1:1(0) ack 1"],
  ] as const) {
    scenario(`resets the peer from ${fixture.name}`, fixture(), (t) => {
      t.abort().out(reset).told("closed aborted").state("CLOSED");
    });
  }

  for (const fixture of [listen, synSent, closing, lastAck, timeWait]) {
    scenario(`ends ${fixture.name} without a word`, fixture(), (t) => {
      t.abort().told("closed aborted").state("CLOSED");
    });
  }

  scenario("leaves no timer", established(), (t) => {
    t.send(10).out("P. 1:11(10) ack 1").abort().out("R. 11:11(0) ack 1");
    expect(t.endpoint.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what waits unread", () => {
  // RFC 9293 3.10.5 and 3.10.7.4, second: outstanding RECEIVEs are told of the reset, all queues are flushed.
  for (const [name, ends, reason] of [
    ["ABORT", (t) => t.abort().out("R. 1:1(0) ack 101"), "aborted"],
    ["RST", (t) => t.in("R 101:101(0)"), "reset"],
  ] as readonly (readonly [string, (t: World) => World, string])[]) {
    scenario(`is gone after ${name}, and RECEIVE says why`, established(), (t) => {
      t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101").told("readable");
      ends(t).told(`closed ${reason}`);
      expect(t.endpoint.readable).toBe(0);
      expect(() => t.endpoint.receive(10)).toThrow(`connection ${reason}`);
    });
  }
});

describe("a RST with the number of the FIN before it, as macOS sends it", () => {
  for (const [fixture, reason] of [
    [closeWait, "reset"],
    [closing, "finished"],
    [lastAck, "finished"],
  ] as const) {
    scenario(`ends ${fixture.name}`, fixture(), (t) => {
      t.in("R 1:1(0)").told(`closed ${reason}`).state("CLOSED");
    });
  }

  for (const fixture of [closeWait, timeWait]) {
    scenario(`but no earlier number does, in ${fixture.name}`, fixture(), (t) => {
      t.in(`R ${fixture === timeWait ? 1 : 0}:${fixture === timeWait ? 1 : 0}(0)`).silent();
      expect(t.endpoint.state).not.toBe("CLOSED");
    });
  }
});

describe("an application that receives no more", () => {
  scenario("resets the peer at once when bytes wait unread", established(), (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101").told("readable");
    t.do((endpoint, now) => endpoint.stopReceiving(now))
      .out("R. 1:1(0) ack 101")
      .told("closed aborted");
  });

  scenario("answers data that comes later with RST", finWait2(), (t) => {
    t.do((endpoint, now) => endpoint.stopReceiving(now));
    t.in("P. 1:101(100) ack 2 win 50000").out("R 2:2(0)").told("closed aborted");
  });

  scenario("does not wait in FIN-WAIT-2 for ever", finWait2(), (t) => {
    t.do((endpoint, now) => endpoint.stopReceiving(now));
    t.at(60_000).told("closed timedOut finWait2").state("CLOSED");
  });

  scenario("closes in order when the peer does", finWait2(), (t) => {
    t.do((endpoint, now) => endpoint.stopReceiving(now));
    t.at(100).in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2").state("TIME-WAIT");
    t.at(60_100).told("end", "closed finished");
  });
});

describe("CLOSE", () => {
  scenario("in SYN-SENT and LISTEN forgets the connection", synSent(), (t) => {
    t.close().told("closed aborted").state("CLOSED");
  });

  scenario("in SYN-RECEIVED sends its FIN once established", synReceived(), (t) => {
    t.close().in(". 1:1(0) ack 1 win 50000").out("F. 1:1(0) ack 1").told("established").state("FIN-WAIT-1");
  });

  test("of what does not exist, or is closing, is an error", () => {
    const t = world(established());
    t.close();
    expect(() => t.close()).toThrow(new TcpError("connection-closing"));
    expect(() => t.endpoint.send(new Uint8Array(1), t.now)).toThrow(new TcpError("connection-closing"));
    expect(() => world(closed()).close()).toThrow(new TcpError("connection-does-not-exist"));
    expect(() => world(timeWait()).close()).toThrow(new TcpError("connection-closing"));
  });
});

describe("OPEN", () => {
  test("of a connection that exists is an error", () => {
    expect(() => world(established()).connect()).toThrow(new TcpError("connection-exists"));
    expect(() => world(listen()).endpoint.listen()).toThrow(new TcpError("connection-exists"));
  });

  test("without a remote socket is an error", () => {
    expect(() => world(listen()).connect()).toThrow(new TcpError("remote-unspecified"));
  });

  scenario("turns a listener that knows its peer into a caller", listen({ remote: PEER }), (t) => {
    t.connect().out("S 0:0(0)").state("SYN-SENT");
  });

  scenario("by SEND does so too, and the bytes follow", listen({ remote: PEER }), (t) => {
    t.send(10).out("S 0:0(0)").state("SYN-SENT");
    t.at(100).in("S. 0:0(0) ack 1 win 50000 <mss 1000>").out("P. 1:11(10) ack 1").state("ESTABLISHED");
  });
});

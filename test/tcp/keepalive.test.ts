import { describe, expect, test } from "vitest";
import { settings } from "../../src/tcp/index.ts";
import { closeWait, established, finWait2 } from "./fixtures.ts";
import { EPOCH, scenario, world } from "./world.ts";

const KEEP = { keepAlive: { idle: 10_000, interval: 1000, probes: 3 } };

describe("keep-alive", () => {
  test("is off by default; switched on, it is idle for two hours, then probes 9 times in 75 s steps", () => {
    expect(settings().keepAlive).toBeNull();
    expect(settings({ keepAlive: true }).keepAlive).toEqual({
      idle: 7_200_000,
      interval: 75_000,
      probes: 9,
      garbageByte: false,
    });
  });

  scenario("probes a silent connection with an empty segment before SND.NXT", established(KEEP), (t) => {
    t.at(9999).silent().at(10_000).out(". 0:0(0) ack 1").at(10_050).in(". 1:1(0) ack 1 win 50000");
    t.at(20_049)
      .silent()
      .at(20_050)
      .out(". 0:0(0) ack 1")
      .in(". 1:1(0) ack 1 win 50000")
      .state("ESTABLISHED");
  });

  scenario(
    "ends the connection when no probe is answered, says so to both sides, and names itself",
    established(KEEP),
    (t) => {
      t.at(10_000).out(". 0:0(0) ack 1").at(11_000).out(". 0:0(0) ack 1").at(12_000).out(". 0:0(0) ack 1");
      t.at(12_999).state("ESTABLISHED").at(13_000).out("R. 1:1(0) ack 1");
      t.told("closed timedOut keepAlive").state("CLOSED");
      expect(() => t.endpoint.receive(1)).toThrow("keep-alive probes went unanswered");
    },
  );

  scenario(
    "begins to count anew after data, which answer as well as any acknowledgment",
    established(KEEP),
    (t) => {
      // Some wait to be read already: what comes is the data that a receiver expects.
      t.in("P. 1:11(10) ack 1 win 50000").out(". 1:1(0) ack 11");
      t.at(10_000).out(". 0:0(0) ack 11").at(11_000).out(". 0:0(0) ack 11");
      t.at(11_500).in("P. 11:21(10) ack 1 win 50000").out(". 1:1(0) ack 21");
      t.at(21_500).out(". 0:0(0) ack 21").at(22_500).out(". 0:0(0) ack 21").at(23_500).out(". 0:0(0) ack 21");
      t.at(24_499)
        .state("ESTABLISHED")
        .at(24_500)
        .out("R. 1:1(0) ack 21")
        .told("readable", "readable", "closed timedOut keepAlive");
    },
  );

  scenario("is not impressed by one lost probe, nor by two", established(KEEP), (t) => {
    t.at(10_000)
      .out(". 0:0(0) ack 1")
      .at(11_000)
      .out(". 0:0(0) ack 1")
      .at(11_900)
      .in(". 1:1(0) ack 1 win 50000");
    t.at(21_899).silent().at(21_900).out(". 0:0(0) ack 1").in(". 1:1(0) ack 1 win 50000");
  });

  scenario("counts from the last segment that arrived", established(KEEP), (t) => {
    t.at(8000).in("P. 1:11(10) ack 1 win 50000").out(". 1:1(0) ack 11");
    t.at(17_999).silent().at(18_000).out(". 0:0(0) ack 11").in(". 11:11(0) ack 1 win 50000");
  });

  scenario(
    "waits while data is outstanding",
    established({ ...KEEP, retries2: 30, initialRto: 1000 }),
    (t) => {
      t.at(9900).send(10).out("P. 1:11(10)").at(10_200).out("P. 1:11(10)").at(10_800).out("P. 1:11(10)");
      t.in(". 1:1(0) ack 11 win 50000").at(20_000).silent().at(20_800).out(". 10:10(0) ack 1");
      t.in(". 1:1(0) ack 11 win 50000");
    },
  );

  scenario(
    "can send a garbage byte to peers that answer nothing else",
    established({ keepAlive: { ...KEEP.keepAlive, garbageByte: true } }),
    (t) => {
      t.at(10_000).out(". 0:1(1) ack 1").in(". 1:1(0) ack 1 win 50000");
    },
  );

  for (const fixture of [closeWait, finWait2]) {
    scenario(`clears a peer that vanished in ${fixture.name}`, fixture(KEEP), (t) => {
      for (const at of [10_000, 11_000, 12_000]) {
        t.at(at);
        expect(t.take()).toHaveLength(1);
      }
      t.at(13_000);
      expect(t.take()).toHaveLength(1);
      t.told("closed timedOut keepAlive");
    });
  }

  scenario("can be switched on and off while the connection stands", established(), (t) => {
    t.at(5000).do((endpoint, now) => endpoint.set(KEEP, now));
    t.at(10_000).out(". 0:0(0) ack 1");
    t.do((endpoint, now) => endpoint.set({ keepAlive: false }, now))
      .at(100_000)
      .state("ESTABLISHED");
    expect(t.status.timer.name).toBe("off");
  });

  scenario("shows its timer as `netstat -o` does", established(KEEP), (t) => {
    expect(t.status.timer).toEqual({ name: "keepalive", expires: EPOCH + 10_000, retransmits: 0, probes: 0 });
    t.at(4000).in("P. 1:2(1) ack 1 win 50000").out(". 1:1(0) ack 2");
    expect(t.status.timer).toMatchObject({ name: "keepalive", expires: EPOCH + 14_000 });
    t.at(14_000).out(". 0:0(0) ack 2");
    expect(t.status.timer).toMatchObject({ name: "keepalive", expires: EPOCH + 15_000, probes: 1 });
  });

  scenario(
    "a user timeout takes the place of the number of probes",
    established({ ...KEEP, userTimeout: 11_500 }),
    (t) => {
      t.at(10_000).out(". 0:0(0) ack 1").at(11_000).out(". 0:0(0) ack 1").at(12_000).out("R. 1:1(0) ack 1");
      t.told("closed timedOut keepAlive");
    },
  );

  test("the probe of a peer is answered", () => {
    const t = world(established());
    t.in(". 0:0(0) ack 1 win 50000").out(". 1:1(0) ack 1");
    t.at(1000).in(". 0:1(1) ack 1 win 50000").out(". 1:1(0) ack 1");
  });
});

describe("timer state", () => {
  scenario("is `on` with the retransmissions counted", established(), (t) => {
    t.send(10).out("P. 1:11(10)");
    expect(t.status.timer).toMatchObject({ name: "on", expires: EPOCH + 300, retransmits: 0 });
    t.at(300).out("P. 1:11(10)");
    expect(t.status.timer).toMatchObject({ name: "on", expires: EPOCH + 900, retransmits: 1 });
    t.at(400).in(". 1:1(0) ack 11 win 50000");
    expect(t.status.timer).toEqual({
      name: "off",
      expires: Number.POSITIVE_INFINITY,
      retransmits: 0,
      probes: 0,
    });
  });

  scenario("is `probe` while the window is closed", established({}, { win: 0 }), (t) => {
    t.send(10);
    expect(t.status.timer).toMatchObject({ name: "probe", expires: EPOCH + 300, probes: 0 });
    t.at(300).out("P. 1:2(1)");
    expect(t.status.timer).toMatchObject({ name: "probe", expires: EPOCH + 900, probes: 1 });
  });

  scenario("is `timewait` at the end", finWait2(), (t) => {
    t.at(100).in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2");
    expect(t.status.timer).toMatchObject({ name: "timewait", expires: EPOCH + 60_100 });
  });
});

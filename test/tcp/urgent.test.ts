import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closeWait, established, finWait2, timeWait } from "./fixtures.ts";
import { scenario, world } from "./world.ts";

describe("urgent data", () => {
  scenario(
    "is announced from the next segment on until it is acknowledged",
    established({ noDelay: true }),
    (t) => {
      t.send(10).out("P. 1:11(10) ack 1");
      t.send(5, { urgent: true }).out("PU. 11:16(5) ack 1 urg 5");
      t.send(5).out("P. 16:21(5) ack 1").at(10).in(". 1:1(0) ack 21 win 50000");
      expect(t.status.snd.up).toBeNull();
    },
  );

  scenario("of several segments points ahead from each", established(), (t) => {
    t.send(2500, { urgent: true });
    t.out("U. 1:1001(1000) urg 2500", "U. 1001:2001(1000) urg 1500", "PU. 2001:2501(500) urg 500");
    t.at(10).in(". 1:1(0) ack 2501 win 50000");
  });

  scenario("waits for no acknowledgment (Nagle)", established(), (t) => {
    t.send(10).out("P. 1:11(10)").send(1, { urgent: true }).out("PU. 11:12(1) urg 1");
    t.at(10).in(". 1:1(0) ack 12 win 50000");
  });

  scenario("that arrives is told before it is read, and stays in the stream", established(), (t) => {
    t.in("PU. 1:11(10) ack 1 win 50000 urg 5").out(". 1:1(0) ack 11").told("urgent", "readable");
    expect(t.status.rcv.up).toBe((t.status.rcv.irs + 6) >>> 0);
    t.receive(10);
  });

  scenario("can be announced ahead of the data, by an empty segment", established(), (t) => {
    t.in("U. 1:1(0) ack 1 win 50000 urg 100").told("urgent");
    t.in("U. 1:1(0) ack 1 win 50000 urg 100").told();
    t.in("U. 1:1(0) ack 1 win 50000 urg 200").told("urgent");
  });

  scenario("behind what was read is no news", established(), (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101").receive(100).told("readable");
    t.in("U. 101:101(0) ack 1 win 50000 urg 0").told();
  });

  scenario("after the peer's FIN is ignored", closeWait(), (t) => {
    t.in("U. 2:2(0) ack 1 win 50000 urg 9").told();
  });

  test("any pointer, length and state is survived (URGENT/11)", () => {
    const fixtures = [established(), finWait2(), closeWait(), timeWait()];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.array(
          fc.record({
            seq: fc.integer({ min: -10, max: 300 }),
            length: fc.integer({ min: 0, max: 200 }),
            urg: fc.oneof(fc.constantFrom(0, 1, 0xffff), fc.integer({ min: 0, max: 0xffff })),
            flags: fc.constantFrom("U.", "PU.", "FU.", "U", "FPU."),
          }),
          { maxLength: 8 },
        ),
        (fixture, segments) => {
          const t = world(fixtures[fixture]);
          let read = 0;
          for (const { seq, length, urg, flags } of segments) {
            t.in(`${flags} ${seq}:${seq + length}(${length}) ack 1 win 50000 urg ${urg}`).take();
            if (t.endpoint.state === "CLOSED") return;
            const { readable } = t.endpoint;
            expect(readable).toBeLessThanOrEqual(500);
            t.receive(readable);
            read += readable;
          }
          expect(read).toBeLessThanOrEqual(500);
          t.take();
        },
      ),
    );
  });
});

import { describe, expect } from "vitest";
import { established } from "./fixtures.ts";
import { scenario } from "./world.ts";

const LATER = { quickAcks: 0 };
const data = (from: number, length = 1000) => `. ${from}:${from + length}(${length}) ack 1 win 50000`;

describe("delayed acknowledgment", () => {
  scenario("waits 40 ms for company", established(LATER), (t) => {
    t.in(data(1)).silent().at(39).silent().at(40).out(". 1:1(0) ack 1001");
  });

  scenario("comes with every second full segment", established(LATER), (t) => {
    t.in(data(1)).silent().in(data(1001)).out(". 1:1(0) ack 2001").in(data(2001)).silent();
    t.in(data(3001)).out(". 1:1(0) ack 4001");
    expect(t.endpoint.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  scenario("rides on data that is sent meanwhile", established(LATER), (t) => {
    t.in(data(1))
      .at(20)
      .send(10)
      .out("P. 1:11(10) ack 1001")
      .at(60)
      .silent()
      .in(". 1001:1001(0) ack 11 win 50000");
  });

  scenario("is off while the peer may be in slow start", established({ quickAcks: 3 }), (t) => {
    t.in(data(1)).out(". 1:1(0) ack 1001").in(data(1001)).out(". 1:1(0) ack 2001").in(data(2001)).silent();
    t.at(40).out(". 1:1(0) ack 3001");
  });

  scenario("can be switched off", established({ ...LATER, delayedAck: 0 }), (t) => {
    t.in(data(1)).out(". 1:1(0) ack 1001").in(data(1001, 1)).out(". 1:1(0) ack 1002");
  });

  scenario("of many segments that came together is one", established(LATER), (t) => {
    t.burst(...[0, 1, 2, 3, 4, 5, 6].map((i) => data(1 + 1000 * i))).out(". 1:1(0) ack 7001");
  });

  scenario("never waits with a gap open, nor when it closes", established(LATER), (t) => {
    t.in(data(1001)).out(". 1:1(0) ack 1").in(data(2001)).out(". 1:1(0) ack 1");
    t.in(data(1)).out(". 1:1(0) ack 3001");
  });

  scenario("of a FIN is at once", established(LATER), (t) => {
    t.in("F. 1:1(0) ack 1 win 50000").out(". 1:1(0) ack 2");
  });

  scenario(
    "of segments beyond a gap is one for each, even when they come together",
    established(LATER),
    (t) => {
      t.burst(data(1001), data(2001), data(3001)).out(". 1:1(0) ack 1", ". 1:1(0) ack 1", ". 1:1(0) ack 1");
    },
  );
});

describe("Nagle's algorithm", () => {
  scenario("holds a small segment back while a small one is unacknowledged", established(), (t) => {
    t.send(10).out("P. 1:11(10)").send(10).send(10).silent();
    t.at(100).in(". 1:1(0) ack 11 win 50000").out("P. 11:31(20)").at(150).in(". 1:1(0) ack 31 win 50000");
  });

  scenario("lets the tail of a large write go (Minshall)", established(), (t) => {
    t.send(1500).out(". 1:1001(1000)", "P. 1001:1501(500)").send(10).silent();
    t.at(50)
      .in(". 1:1(0) ack 1501 win 50000")
      .out("P. 1501:1511(10)")
      .at(60)
      .in(". 1:1(0) ack 1511 win 50000");
  });

  scenario("sends what has become a full segment", established(), (t) => {
    t.send(10).out("P. 1:11(10)").send(600).silent().send(600).out(". 11:1011(1000)").silent();
    t.at(50)
      .in(". 1:1(0) ack 1011 win 50000")
      .out("P. 1011:1211(200)")
      .at(60)
      .in(". 1:1(0) ack 1211 win 50000");
  });

  scenario("is off with noDelay", established({ noDelay: true }), (t) => {
    t.send(10).out("P. 1:11(10)").send(10).out("P. 11:21(10)").at(10).in(". 1:1(0) ack 21 win 50000");
  });

  scenario("set later sends what was held back", established(), (t) => {
    t.send(10).out("P. 1:11(10)").send(10).silent();
    t.do((endpoint, now) => endpoint.set({ noDelay: true }, now)).out("P. 11:21(10)");
    t.at(10).in(". 1:1(0) ack 21 win 50000");
  });

  scenario("does not hold the FIN", established(), (t) => {
    t.send(10)
      .out("P. 1:11(10)")
      .send(10)
      .close()
      .out("FP. 11:21(10)")
      .at(10)
      .in(". 1:1(0) ack 22 win 50000");
  });
});

describe("cork", () => {
  scenario("holds a partial segment until it is taken out", established({ cork: true }), (t) => {
    t.send(10).silent().send(1000).out(". 1:1001(1000)").silent();
    t.do((endpoint, now) => endpoint.set({ cork: false }, now)).out("P. 1001:1011(10)");
    t.at(10).in(". 1:1(0) ack 1011 win 50000");
  });

  scenario("holds it 200 ms at most", established({ cork: true }), (t) => {
    t.send(10).at(199).silent().at(200).out("P. 1:11(10)").at(210).in(". 1:1(0) ack 11 win 50000");
  });

  scenario("for a single call: `more`", established(), (t) => {
    t.send(10, { more: true }).silent().send(10).out("P. 1:21(20)").at(10).in(". 1:1(0) ack 21 win 50000");
  });

  scenario("a call with `more` that nothing follows goes after 200 ms", established(), (t) => {
    t.send(10, { more: true }).at(200).out("P. 1:11(10)").at(210).in(". 1:1(0) ack 11 win 50000");
  });

  scenario("`noDelay` sends what it holds, and leaves it in force", established({ cork: true }), (t) => {
    t.send(10).at(10);
    t.do((endpoint, now) => endpoint.set({ noDelay: true }, now)).out("P. 1:11(10)");
    t.send(10).at(20).in(". 1:1(0) ack 11 win 50000").silent().at(210).out("P. 11:21(10)");
    t.at(220).in(". 1:1(0) ack 21 win 50000");
  });

  scenario("`noDelay` with nothing held leaves the next small segment to `cork`", established(), (t) => {
    t.do((endpoint, now) => endpoint.set({ cork: true, noDelay: true }, now))
      .send(10)
      .silent();
    t.at(200).out("P. 1:11(10)").at(210).in(". 1:1(0) ack 11 win 50000");
  });

  scenario("`noDelay` opens no silly windows", established({}, { win: 1500 }), (t) => {
    t.send(2000).out(". 1:1001(1000)").silent();
    t.do((endpoint, now) => endpoint.set({ noDelay: true }, now)).silent();
    t.at(10).in(". 1:1(0) ack 1001 win 1500").out("P. 1001:2001(1000)");
    t.at(20).in(". 1:1(0) ack 2001 win 1500");
  });

  scenario("what `more` holds goes without PSH once data in flight are acknowledged", established(), (t) => {
    t.send(1010, { more: true }).out(". 1:1001(1000)").silent();
    t.at(50).in(". 1:1(0) ack 1001 win 50000").out(". 1001:1011(10)");
    t.at(100).in(". 1:1(0) ack 1011 win 50000");
  });
});

describe("the sender's silly-window avoidance", () => {
  scenario("waits for a full segment's window", established({}, { win: 3000 }), (t) => {
    t.send(5000).out(". 1:1001(1000)", ". 1001:2001(1000)", ". 2001:3001(1000)");
    t.at(10).in(". 1:1(0) ack 1001 win 2100").silent().at(20).in(". 1:1(0) ack 2001 win 2000");
    t.out(". 3001:4001(1000)").at(30).in(". 1:1(0) ack 4001 win 3000").out("P. 4001:5001(1000)");
    t.at(40).in(". 1:1(0) ack 5001 win 3000");
  });

  scenario("sends half of the largest window ever offered", established({}, { win: 800 }), (t) => {
    t.send(2000).out(". 1:801(800)").at(10).in(". 1:1(0) ack 801 win 399").silent();
    t.in(". 1:1(0) ack 801 win 400").out(". 801:1201(400)").at(20).in(". 1:1(0) ack 1201 win 800");
    t.out("P. 1201:2001(800)").at(30).in(". 1:1(0) ack 2001 win 800");
  });

  scenario("is overridden after 200 ms with nothing in flight", established({}, { win: 800 }), (t) => {
    t.send(1500).out(". 1:801(800)").at(10).in(". 1:1(0) ack 801 win 100").silent();
    t.at(209)
      .silent()
      .at(210)
      .out(". 801:901(100)")
      .at(220)
      .in(". 1:1(0) ack 901 win 800")
      .out("P. 901:1501(600)");
    t.at(230).in(". 1:1(0) ack 1501 win 800");
  });
});

import { describe } from "vitest";
import { accepted, closeWait, established, finWait1, finWait2 } from "./fixtures.ts";
import { scenario } from "./world.ts";

describe("receiving", () => {
  scenario("data in order is acknowledged and delivered", established(), (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101").told("readable").receive(100);
  });

  scenario("several segments tell `readable` once", established(), (t) => {
    t.burst("P. 1:101(100) ack 1 win 50000", "P. 101:201(100) ack 1 win 50000").out(". 1:1(0) ack 201");
    t.told("readable").receive(200).receive(0);
  });

  scenario("bytes are taken in portions", established(), (t) => {
    t.in("P. 1:301(300) ack 1 win 50000").out(". 1:1(0) ack 301").told("readable");
    t.receive(100, 100).receive(1, 1).receive(199);
  });

  scenario("a segment that comes twice is acknowledged twice and delivered once", established(), (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101");
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101").receive(100).receive(0);
  });

  scenario("of a segment that overlaps what is there only the new part is taken", established(), (t) => {
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 101");
    t.in("P. 51:151(100) ack 1 win 50000").out(". 1:1(0) ack 151").receive(150);
  });

  scenario("what lies beyond a gap waits for it", established(), (t) => {
    t.in("P. 101:201(100) ack 1 win 50000").out(". 1:1(0) ack 1").told().receive(0);
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 201").told("readable").receive(200);
  });

  scenario("a segment that fills two gaps at once closes both", established(), (t) => {
    t.in(". 101:201(100) ack 1 win 50000").out(". 1:1(0) ack 1");
    t.in(". 301:401(100) ack 1 win 50000").out(". 1:1(0) ack 1");
    t.in(". 1:351(350) ack 1 win 50000").out(". 1:1(0) ack 401").receive(400);
  });

  scenario("data after our FIN still arrives (half-close)", finWait1(), (t) => {
    t.in("P. 1:101(100) ack 2 win 50000").out(". 2:2(0) ack 101").state("FIN-WAIT-2").receive(100);
    t.in("FP. 101:201(100) ack 2 win 50000").out(". 2:2(0) ack 202").state("TIME-WAIT").receive(100);
  });

  scenario("text after the peer's FIN is ignored", closeWait(), (t) => {
    t.in("P. 2:102(100) ack 1 win 50000").receive(0).state("CLOSE-WAIT");
  });

  scenario("a FIN beyond a gap waits for it", established(), (t) => {
    t.in("FP. 101:201(100) ack 1 win 50000").out(". 1:1(0) ack 1").state("ESTABLISHED");
    t.in("P. 1:101(100) ack 1 win 50000").out(". 1:1(0) ack 202").state("CLOSE-WAIT").receive(200);
    t.told("readable", "end");
  });
});

describe("sending", () => {
  scenario("a write of several segments is cut at the MSS and pushed at its end", established(), (t) => {
    t.send(2500).out(". 1:1001(1000) ack 1", ". 1001:2001(1000) ack 1", "P. 2001:2501(500) ack 1");
    t.at(100).in(". 1:1(0) ack 2501 win 50000");
  });

  scenario(
    "bytes that were written before the connection stood follow its establishment",
    established(),
    (t) => {
      t.send(10).out("P. 1:11(10) ack 1").at(50).in(". 1:1(0) ack 11 win 50000");
    },
  );

  scenario("data on a connection that was accepted", accepted(), (t) => {
    t.in("P. 1:11(10) ack 1 win 50000").out(". 1:1(0) ack 11").receive(10);
    t.send(20).out("P. 1:21(20) ack 11").at(50).in(". 11:11(0) ack 21 win 50000");
  });

  scenario("data goes out after the peer has closed", closeWait(), (t) => {
    t.send(100).out("P. 1:101(100) ack 2").at(10).in(". 2:2(0) ack 101 win 50000");
    t.close().out("F. 101:101(0) ack 2").in(". 2:2(0) ack 102 win 50000").state("CLOSED");
    t.told("closed finished");
  });

  scenario("the FIN rides on the last data", established(), (t) => {
    t.send(1000).out("P. 1:1001(1000) ack 1");
    t.do((e, now) => {
      e.send(new Uint8Array(0), now);
      e.close(now);
    });
    t.out("F. 1001:1001(0) ack 1").at(10).in(". 1:1(0) ack 1002 win 50000").state("FIN-WAIT-2");
  });

  scenario("an acknowledgment carries no data twice", finWait2(), (t) => {
    t.in("P. 1:11(10) ack 2 win 50000").out(". 2:2(0) ack 11").receive(10);
  });
});

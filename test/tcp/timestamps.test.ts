import { describe, expect } from "vitest";
import { closed, established, listen, synSent } from "./fixtures.ts";
import { EPOCH, scenario } from "./world.ts";

const TS = { offers: "mss 1012,sackOK,TS val 100 ecr 0" };
const ts = (val: number, ecr = EPOCH) => ` <nop,nop,TS val ${val} ecr ${ecr}>`;

describe("timestamps", () => {
  scenario("stand in every segment once both sides have offered them", established({}, TS), (t) => {
    t.at(5).send(10).out("P. 1:11(10) ack 1 <nop,nop,TS val 1000005 ecr 100>");
    t.at(10).in(`. 1:1(0) ack 11 win 50000${ts(110)}`);
    t.at(20)
      .in(`P. 1:2(1) ack 11 win 50000${ts(120)}`)
      .out(". 11:11(0) ack 2 <TS val 1000020 ecr 120>");
    t.close()
      .out("F. 11:11(0) ack 2 <TS val 1000020 ecr 120>")
      .at(30)
      .in(`. 2:2(0) ack 12 win 50000${ts(130)}`);
  });

  scenario("stand in none when the peer does not want them", synSent(), (t) => {
    t.in("S. 0:0(0) ack 1 win 1000 <mss 1000>").out(". 1:1(0) ack 1 <>");
  });

  scenario("are not offered where that is switched off", closed({ timestamps: false }), (t) => {
    t.connect().out("S 0:0(0) <mss 1460,sackOK,wscale 7>");
    t.in("S. 0:0(0) ack 1 win 1000 <mss 1000,TS val 1 ecr 0>").out(". 1:1(0) ack 1 <>");
  });

  scenario("make segments shorter by twelve bytes", established({}, TS), (t) => {
    t.send(1001)
      .out(". 1:1001(1000)", "P. 1001:1002(1)")
      .at(10)
      .in(`. 1:1(0) ack 1002 win 50000${ts(110)}`);
    expect(t.status.snd.mss).toBe(1000);
  });

  scenario("measure the round trip of what was sent twice", established({ rack: false }, TS), (t) => {
    t.at(100).send(100).out("P. 1:101(100)").at(400).out("P. 1:101(100)");
    t.at(450).in(`. 1:1(0) ack 101 win 50000${ts(200, EPOCH + 400)}`);
    expect(t.status.rtt).toMatchObject({ latest: 50, backoff: 0 });
  });

  scenario(
    "the echo is that of the oldest segment not yet acknowledged",
    established({ quickAcks: 0 }, TS),
    (t) => {
      t.in(`. 1:501(500) ack 1 win 50000${ts(150)}`)
        .at(10)
        .in(`. 501:1001(500) ack 1 win 50000${ts(160)}`);
      t.out(". 1:1(0) ack 1001 <TS val 1000010 ecr 150>");
    },
  );

  scenario("the echo does not come from beyond a gap", established({}, TS), (t) => {
    t.in(`. 101:201(100) ack 1 win 50000${ts(170)}`).out(
      ". 1:1(0) ack 1 <TS val 1000000 ecr 100,sack 101:201>",
    );
    t.in(`. 1:101(100) ack 1 win 50000${ts(180)}`).out(". 1:1(0) ack 201 <TS val 1000000 ecr 180>");
  });

  scenario("a passive OPEN echoes the SYN's", listen(), (t) => {
    t.in("S 0:0(0) win 1000 <mss 1000,TS val 77 ecr 0>").out(
      "S. 0:0(0) ack 1 <mss 1460,TS val 1000000 ecr 77>",
    );
  });
});

describe("PAWS", () => {
  scenario("drops and acknowledges a segment with an older timestamp", established({}, TS), (t) => {
    t.in(`P. 1:11(10) ack 1 win 50000${ts(200)}`).out(". 1:1(0) ack 11");
    t.in(`P. 11:21(10) ack 1 win 50000${ts(199)}`).out(". 1:1(0) ack 11");
    expect(t.status.counters.pawsDrops).toBe(1);
    t.in(`P. 11:21(10) ack 1 win 50000${ts(200)}`)
      .out(". 1:1(0) ack 21")
      .receive(20);
  });

  scenario(
    "compares timestamps round the wrap",
    established({}, { offers: "mss 1000,TS val 4294967290 ecr 0" }),
    (t) => {
      t.in(`P. 1:11(10) ack 1 win 50000${ts(5)}`).out(". 1:1(0) ack 11");
      t.in(`P. 11:21(10) ack 1 win 50000${ts(4294967295)}`)
        .out(". 1:1(0) ack 11")
        .receive(10);
    },
  );

  scenario("spares a RST", established({}, TS), (t) => {
    t.in(`R 1:1(0)${ts(1)}`).told("closed reset");
  });

  scenario("does not believe in a timestamp of 24 days ago", established({}, TS), (t) => {
    t.at(24 * 86_400_000 + 1000)
      .in(`P. 1:11(10) ack 1 win 50000${ts(50)}`)
      .out(". 1:1(0) ack 11")
      .receive(10);
  });

  scenario("lets a segment without timestamps through", established({}, TS), (t) => {
    t.in("P. 1:11(10) ack 1 win 50000").out(". 1:1(0) ack 11").receive(10);
  });
});

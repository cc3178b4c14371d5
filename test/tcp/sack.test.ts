import { describe, expect } from "vitest";
import { fillChecksum } from "../../src/wire/index.ts";
import { established } from "./fixtures.ts";
import { LOCAL, REMOTE, scenario } from "./world.ts";

const SACK = { offers: "mss 1000,sackOK" };
const seg = (n: number) => `. ${1000 * n - 999}:${1000 * n + 1}(1000) ack 1 win 50000`;
/** The segments numbered from `from` to `to`, as we send them, the last one pushed. */
const sent = (from: number, to: number, last = 0) =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const n = from + i;
    return `${n === last ? "P." : "."} ${1000 * n - 999}:${1000 * n + 1}(1000) ack 1`;
  });
const ack = (n: number, blocks = "") =>
  `. 1:1(0) ack ${1000 * n + 1} win 50000${blocks ? ` <nop,nop,sack ${blocks}>` : ""}`;
const range = (from: number, to: number) => `${1000 * from - 999}:${1000 * to + 1}`;

describe("the receiver", () => {
  scenario("reports what it holds beyond a gap", established({}, SACK), (t) => {
    t.in(seg(2)).out(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
    t.in(seg(3)).out(". 1:1(0) ack 1 <nop,nop,sack 1001:3001>");
    t.in(seg(1)).out(". 1:1(0) ack 3001 <>").receive(3000);
  });

  scenario("names the range that grew last first, and at most four", established({}, SACK), (t) => {
    t.in(seg(2)).out(". ack 1 <sack 1001:2001>");
    t.in(seg(4)).out(". ack 1 <sack 3001:4001 1001:2001>");
    t.in(seg(6)).out(". ack 1 <sack 5001:6001 3001:4001 1001:2001>");
    t.in(seg(8)).out(". ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>");
    t.in(seg(10)).out(". ack 1 <sack 9001:10001 7001:8001 5001:6001 3001:4001>");
    t.in(seg(3)).out(". ack 1 <sack 1001:4001 9001:10001 7001:8001 5001:6001>");
    t.in(seg(1)).out(". ack 4001 <sack 9001:10001 7001:8001 5001:6001>");
  });

  scenario(
    "has room for three beside timestamps",
    established({}, { offers: "mss 1000,sackOK,TS val 1 ecr 0" }),
    (t) => {
      const ts = " <nop,nop,TS val 1 ecr 999900>";
      for (const n of [2, 4, 6, 8]) t.in(seg(n) + ts).take();
      t.in(seg(10) + ts).out(". ack 1 <TS,sack 9001:10001 7001:8001 5001:6001>");
    },
  );

  scenario("reports a duplicate below SND.UNA (D-SACK)", established({}, SACK), (t) => {
    t.in(seg(1)).out(". ack 1001 <>").in(seg(1)).out(". ack 1001 <sack 1:1001>");
    t.in("P. 501:1501(1000) ack 1 win 50000").out(". ack 1501 <sack 501:1001>");
  });

  scenario(
    "reports a duplicate beyond the gap, followed by its range (D-SACK)",
    established({}, SACK),
    (t) => {
      t.in(seg(2), seg(3)).out(". ack 1 <sack 1001:2001>", ". ack 1 <sack 1001:3001>");
      t.in(seg(3)).out(". ack 1 <sack 2001:3001 1001:3001>");
    },
  );

  scenario(
    "does not report duplicates where that is switched off",
    established({ dsack: false }, SACK),
    (t) => {
      t.in(seg(1)).out(". ack 1001 <>").in(seg(1)).out(". ack 1001 <>");
    },
  );

  scenario("sends no SACK to a peer that did not ask for it", established(), (t) => {
    t.in(seg(2)).out(". 1:1(0) ack 1 <>");
  });

  scenario("makes room for SACK in segments with data", established({}, SACK), (t) => {
    t.in(seg(2)).out(". ack 1 <sack 1001:2001>");
    t.send(2000).out(". 1:989(988) ack 1 <sack 1001:2001>", ". 989:1977(988) ack 1 <sack 1001:2001>");
    t.out("P. 1977:2001(24) ack 1 <sack 1001:2001>").at(10).in(". 2001:2001(0) ack 2001 win 50000");
  });

  scenario("keeps the byte that came first where segments differ", established({}, SACK), (t) => {
    const other = t.encode("P. 1:3001(3000) ack 1 win 50000");
    t.in(seg(2)).take();
    // The same numbers with other bytes: the checksum is good, the contents lie.
    other.fill(0xaa, 20 + 1000, 20 + 2000);
    fillChecksum(other, { src: REMOTE.address, dst: LOCAL.address });
    t.bytes(other).out(". ack 3001").receive(3000);
  });

  scenario("bounds the ranges it keeps", established({ maxOutOfOrderRanges: 2, quickAcks: 0 }, SACK), (t) => {
    t.in(seg(2), seg(4), seg(6)).take();
    expect(t.status.rcv.outOfOrder).toBe(2000);
    t.in(seg(3)).out(". ack 1 <sack 1001:4001>"); // joins two
    t.in(seg(6)).out(". ack 1 <sack 5001:6001 1001:4001>");
  });
});

describe("the sender", () => {
  scenario("repeats what three SACKed segments have overtaken, once", established({}, SACK), (t) => {
    t.send(10_000).out(...sent(1, 10, 10));
    t.at(100)
      .in(ack(1))
      .at(101)
      .in(ack(1, range(3, 3)), ack(1, range(3, 4)))
      .silent();
    t.at(103)
      .in(ack(1, range(3, 5)))
      .out(...sent(2, 2))
      .in(ack(1, range(3, 6)))
      .silent();
    expect(t.status.congestion).toMatchObject({ phase: "recovery" });
    t.at(200).in(ack(10));
    expect(t.status.congestion).toMatchObject({ phase: "open" });
  });

  scenario("repeats several losses in one window", established({}, SACK), (t) => {
    t.send(10_000).out(...sent(1, 10, 10));
    t.at(100)
      .in(ack(0, range(3, 3)), ack(0, `${range(5, 5)} ${range(3, 3)}`))
      .silent();
    t.in(ack(0, `${range(7, 7)} ${range(5, 5)} ${range(3, 3)}`)).out(...sent(1, 1));
    t.in(ack(0, `${range(7, 8)} ${range(5, 5)} ${range(3, 3)}`)).out(...sent(2, 2));
    t.in(ack(0, `${range(7, 10)} ${range(5, 5)} ${range(3, 3)}`)).out(...sent(4, 4), ...sent(6, 6));
    t.at(200).in(ack(10));
  });

  scenario(
    "takes a segment for lost after a quarter of the round trip when fewer are SACKed",
    established({}, SACK),
    (t) => {
      t.send(3000)
        .out(...sent(1, 3, 3))
        .at(100)
        .in(ack(0, range(2, 2)))
        .silent();
      t.at(125)
        .out(...sent(1, 1))
        .at(200)
        .in(ack(3));
    },
  );

  scenario("does not take a mere reordering for a loss", established({}, SACK), (t) => {
    t.send(3000)
      .out(...sent(1, 3, 3))
      .at(100)
      .in(ack(0, range(2, 2)))
      .at(110)
      .in(ack(2))
      .at(120)
      .in(ack(3));
    expect(t.status.counters.retransmits).toBe(0);
  });

  scenario("does not believe blocks it cannot have earned", established({}, SACK), (t) => {
    t.send(5000)
      .out(...sent(1, 5, 5))
      .at(50);
    t.in(ack(0, "9001:12001"), ack(0, "4001:9001"), ack(0, "3001:2001"), ack(0, "-4000:-3000")).silent();
    expect(t.status.snd.inFlight).toBe(5000);
    t.in(ack(5));
  });

  scenario("sends a repetition again when that is lost too", established({}, SACK), (t) => {
    t.send(10_000).out(...sent(1, 10, 10));
    t.at(100)
      .in(ack(0, range(2, 5)))
      .out(...sent(1, 1));
    t.at(110).in(ack(0, range(2, 10)));
    t.take();
    t.send(3000);
    t.take();
    // Segment 11, sent after the repetition of 1, arrives, and a round trip has passed.
    t.at(215)
      .in(ack(0, range(2, 11)))
      .out(...sent(1, 1));
    t.at(300).in(ack(13));
  });

  scenario(
    "forgets what the peer has SACKed when it does not keep it (reneging)",
    established({ rack: false }, SACK),
    (t) => {
      t.send(3000)
        .out(...sent(1, 3, 3))
        .at(100)
        .in(ack(0, range(2, 3)));
      const { rto } = t.status.rtt;
      t.at(rto)
        .out(...sent(1, 1))
        .at(rto + 100)
        .in(ack(1));
      t.at(rto + 100 + t.status.rtt.rto)
        .out(...sent(2, 2))
        .in(ack(2))
        .out(...sent(3, 3, 3))
        .in(ack(3));
    },
  );
});

import { describe, expect, test } from "vitest";
import { judgementNames } from "../../src/flow/index.ts";
import { Talk } from "./talk.ts";

const open = () => new Talk().handshake(20);

describe("data that comes below the highest number seen", () => {
  test("in a segment that was captured before is retransmitted", () => {
    const talk = open().client(30, "PA", "1:101", 1).client(400, "PA", "1:101", 1);
    expect(talk.findings).toEqual(["retransmission"]);
    expect(talk.judgements).toEqual(["retransmitted"]);
  });

  test("that was acknowledged is retransmitted needlessly", () => {
    const talk = open().client(30, "PA", "1:101", 1).server(50, "A", 1, 101).client(400, "PA", "1:101", 1);
    expect(talk.findings).toEqual(["retransmission", "spurious_retransmission"]);
    expect(talk.judgements).toEqual(["retransmitted", "needless"]);
  });

  test("twice in a moment is a duplicate of the capture, whatever Wireshark makes of it", () => {
    const talk = open().client(30, "PA", "1:101", 1).client(30.01, "PA", "1:101", 1);
    expect(talk.findings).toEqual(["retransmission"]);
    expect(talk.judgements).toEqual(["duplicate"]);
  });

  test("twice in a moment, another segment in between, is a duplicate too", () => {
    const talk = open();
    talk.client(30, "PA", "1:101", 1).client(30, "PA", "101:201", 1).client(30.01, "PA", "1:101", 1);
    expect(talk.judgements).toEqual(["duplicate"]);
  });

  test("twice in a moment, asked for by duplicate ACKs in between, was sent twice", () => {
    const talk = new Talk().handshake(1);
    for (let i = 0; i < 4; i++) talk.client(30, "PA", `${1 + i * 100}:${101 + i * 100}`, 1);
    for (let i = 0; i < 3; i++) talk.server(30.2 + i / 100, "A", 1, 1);
    talk.client(30.3, "PA", "1:101", 1);
    expect(talk.judgements).toEqual(["retransmitted"]);
  });

  test("twice in a moment, asked for, but in a capture that doubles, is a duplicate", () => {
    const talk = new Talk().handshake(1);
    for (let i = 0; i < 4; i++) {
      talk.client(30 + i, "PA", `${1 + i * 100}:${101 + i * 100}`, 1);
      talk.client(30.01 + i, "PA", `${1 + i * 100}:${101 + i * 100}`, 1);
    }
    for (let i = 0; i < 3; i++) talk.server(33.2 + i / 100, "A", 1, 301);
    talk.client(33.3, "PA", "301:401", 1);
    expect(talk.judgements).toEqual(["duplicate"]);
  });

  test("twice in a moment with another checksum was sent twice", () => {
    const talk = open().client(30, "PA", "1:101", 1).client(30.01, "PA", "1:101", 1, { checksum: 7 });
    expect(talk.judgements).toEqual(["retransmitted"]);
  });

  test("right behind other data is no copy of it, whatever checksum it has", () => {
    const talk = open().client(30, "A", "1:101", 1).client(30, "A", "101:201", 1);
    for (let checksum = 0; checksum < 65_536; checksum++) {
      const at = 60 + checksum * 20;
      talk.client(at, "A", "101:201", 1, { checksum: 7 }).client(at + 0.01, "A", "1:101", 1, { checksum });
    }
    const judged = new Set([...talk.said().judgements].slice(5).map((bits) => judgementNames(bits).join()));
    expect([...judged]).toEqual(["retransmitted"]);
  });

  test("an acknowledgment right behind a FIN is none captured twice, though both have one checksum", () => {
    const talk = open().client(30, "PA", "1:101", 1).client(30.01, "PA", "1:101", 1);
    talk.server(31, "FA", 1, 101, { checksum: 9 }).client(31, "FA", 101, 2, { checksum: 5 });
    talk.server(31.01, "FA", 1, 101, { checksum: 9 }).client(31.01, "A", 102, 2, { checksum: 5 });
    expect(talk.findings).toEqual(["duplicate_ack"]);
    expect(talk.judgements).toEqual([]);
  });

  test("urgent bytes sent again one by one are none captured twice, though their checksums agree", () => {
    // The number rises by one and the urgent pointer falls by one.
    const talk = open().client(30, "A", "1:2", 1, { checksum: 7 }).client(30, "A", "2:3", 1, { checksum: 7 });
    talk.client(400, "A", "1:2", 1, { checksum: 7 }).client(400, "A", "2:3", 1, { checksum: 7 });
    expect(talk.judgements).toEqual(["retransmitted"]);
  });

  test("a segment sent again at once without its PSH is none captured twice, though its clock makes up for that", () => {
    const talk = open()
      .client(30, "PA", "1:101", 1, { checksum: 7 })
      .client(30, "PA", "101:201", 1, { checksum: 8 });
    talk.client(31, "A", "1:101", 1, { checksum: 7 });
    expect(talk.judgements).toEqual(["retransmitted"]);
  });

  test("in a hole, sent before what showed the hole, was overtaken", () => {
    const talk = open();
    talk.client(30, "A", "1:101", 1, { tsval: 5 }).client(31, "A", "201:301", 1, { tsval: 7 });
    // Long after: by time alone it would be a retransmission, and Wireshark says so.
    talk.client(300, "A", "101:201", 1, { tsval: 6 });
    expect(talk.findings).toEqual(["retransmission"]);
    expect(talk.judgements).toEqual(["reordered"]);
  });

  test("in a hole, sent after what showed the hole, was lost before and sent again", () => {
    const talk = open();
    talk.client(30, "A", "1:101", 1, { tsval: 5 }).client(31, "A", "201:301", 1, { tsval: 7 });
    // Soon after: by time alone it would be reordering, and Wireshark says so.
    talk.client(34, "A", "101:201", 1, { tsval: 9 });
    expect(talk.findings).toEqual(["out_of_order"]);
    expect(talk.judgements).toEqual(["recovered"]);
  });

  test("in a hole, without timestamps, is told by half a round trip", () => {
    const hole = () => open().client(30, "A", "1:101", 1).client(31, "A", "201:301", 1);
    expect(hole().client(40, "A", "101:201", 1).judgements).toEqual(["reordered"]);
    expect(hole().client(42, "A", "101:201", 1).judgements).toEqual(["recovered"]);
  });

  test("in a hole, without timestamps, with a time before the hole's was overtaken", () => {
    const talk = open().client(30, "A", "1:101", 1).client(31, "A", "201:301", 1);
    expect(talk.client(30.9, "A", "101:201", 1).judgements).toEqual(["reordered"]);
  });

  test("in a hole, without timestamps, an hour later was sent again", () => {
    const talk = open().client(30, "A", "1:101", 1).client(31, "A", "201:301", 1);
    expect(talk.client(31 + 3_600_000, "A", "101:201", 1).judgements).toEqual(["recovered"]);
  });

  test("in a hole that was filled already is retransmitted", () => {
    const talk = open().client(30, "A", "1:101", 1).client(31, "A", "201:301", 1);
    talk.client(40, "A", "101:201", 1).client(300, "A", "101:201", 1);
    expect(talk.judgements).toEqual(["retransmitted"]);
  });
});

describe("handshakes", () => {
  test("a SYN after a second is sent again", () => {
    const talk = new Talk().client(0, "S", 0).client(1000, "S", 0);
    expect(talk.findings).toEqual(["retransmission"]);
    expect(talk.judgements).toEqual(["retransmitted", "handshake_retry"]);
  });

  test("a SYN-ACK that crosses is no retransmission, whatever Wireshark makes of it", () => {
    const talk = new Talk().client(0, "S", 0).server(1, "S", 0).client(20, "SA", 0, 1);
    expect(talk.findings).toEqual(["retransmission"]);
    expect(talk.judgements).toEqual(["simultaneous_open"]);
    expect(talk.server(21, "SA", 0, 1).judgements).toEqual(["simultaneous_open"]);
  });
});

describe("probes", () => {
  const closed = () => open().server(30, "A", 1, 1).server(40, "A", 1, 1, { window: 0 });

  test("of an idle connection are keep-alives, and what comes back is their answer", () => {
    const talk = open().client(30, "PA", "1:101", 1).server(50, "A", 1, 101).client(7_200_050, "A", 100, 1);
    expect(talk.findings).toEqual(["keep_alive"]);
    expect(talk.judgements).toEqual(["keep_alive"]);
    talk.server(7_200_070, "A", 1, 101);
    expect(talk.findings).toEqual(["keep_alive_ack"]);
    expect(talk.judgements).toEqual(["keep_alive_ack"]);
  });

  test("of a closed window in Linux's form, which Wireshark calls keep-alives, are window probes", () => {
    const talk = closed().client(300, "A", 0, 1);
    expect(talk.findings).toEqual(["keep_alive"]);
    expect(talk.judgements).toEqual(["window_probe"]);
    expect(talk.server(320, "A", 1, 1, { window: 0 }).judgements).toEqual(["window_probe_ack"]);
  });

  test("are answered once: a window that opens later is told unasked", () => {
    const talk = closed().client(300, "A", 0, 1).server(320, "A", 1, 1, { window: 0 });
    expect(talk.server(900, "A", 1, 1, { window: 500 }).judgements).toEqual([]);
    expect(talk.client(910, "A", 0, 1).server(930, "A", 1, 1, { window: 500 }).judgements).toEqual([
      "keep_alive_ack",
    ]);
  });

  test("of a closed window with a byte of data are window probes", () => {
    const talk = closed().client(300, "A", "1:2", 1);
    expect(talk.findings).toEqual(["zero_window_probe"]);
    expect(talk.judgements).toEqual(["window_probe"]);
    talk.server(320, "A", 1, 1, { window: 0 });
    expect(talk.findings).toEqual(["zero_window", "zero_window_probe_ack"]);
    expect(talk.judgements).toEqual(["window_probe_ack"]);
  });

  test("with a byte that was not acknowledged yet are retransmissions of it", () => {
    const talk = open().client(30, "PA", "1:101", 1).client(300, "A", "100:101", 1);
    expect(talk.findings).toEqual(["keep_alive"]);
    expect(talk.judgements).toEqual(["retransmitted"]);
  });
});

describe("resets", () => {
  const busy = () =>
    open().client(30, "PA", "1:101", 1).server(50, "PA", "1:101", 101).client(51, "A", 101, 101);

  test("at the number that the other end expects are plain", () => {
    expect(busy().server(60, "R", 101).judgements).toEqual([]);
  });

  test("beyond the other end's window have to be ignored by it", () => {
    expect(busy().server(60, "R", 5000).judgements).toEqual(["reset_out_of_window"]);
    expect(busy().server(60, "R", 1).judgements).toEqual(["reset_out_of_window"]);
  });

  test("that come from another distance are told", () => {
    expect(busy().server(60, "R", 101, undefined, { ttl: 61 }).judgements).toEqual(["reset_other_ttl"]);
  });

  test("of a sender whose TTL changes anyway are not", () => {
    const talk = busy().server(55, "A", 101, 101, { ttl: 50 }).server(60, "R", 101, undefined, { ttl: 61 });
    expect(talk.judgements).toEqual([]);
  });
});

describe("duplicate acknowledgments", () => {
  test("are meant, however fast they come, where nothing else is captured twice", () => {
    const talk = open().client(30, "A", "1:101", 1).server(50, "A", 1, 101).server(50.001, "A", 1, 101);
    expect(talk.findings).toEqual(["duplicate_ack"]);
    expect(talk.judgements).toEqual([]);
  });

  test("are duplicates of the capture where data is too", () => {
    const talk = open().client(30, "A", "1:101", 1).client(30.01, "A", "1:101", 1);
    talk.server(50, "A", 1, 101).server(50.01, "A", 1, 101);
    expect(talk.findings).toEqual(["duplicate_ack"]);
    expect(talk.judgements).toEqual(["duplicate"]);
  });
});

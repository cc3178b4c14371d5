import { describe, expect, test } from "vitest";
import {
  COMPLETE_ACK,
  COMPLETE_DATA,
  COMPLETE_FIN,
  COMPLETE_SYN,
  COMPLETE_SYN_ACK,
  FlowTracker,
  stateName,
} from "../../src/flow/index.ts";
import { segmentsOf } from "./segments.ts";
import { random, Talk } from "./talk.ts";

/** A request and its answer, closed by the client. */
function whole(): Talk {
  const talk = new Talk().handshake(20, { windowScale: 2, sackPermitted: true, tsval: 1 });
  talk.client(21, "PA", "1:101", 1).server(41, "A", 1, 101).server(50, "PA", "1:1401", 101);
  talk.server(50, "PA", "1401:2001", 101).client(51, "A", 101, 2001).client(1051, "FA", 101, 2001);
  return talk.server(1071, "FA", 2001, 102).client(1072, "A", 102, 2002);
}

describe("round trips", () => {
  // 20 ms from the server's data to the client's acknowledgment, but for what the test does to one of them.
  const begun = () => new Talk().handshake(20).server(50, "PA", "1:101", 1).client(70, "A", 1, 101);

  test("count what is acknowledged alone, or with others that went once", () => {
    const { flow } = begun()
      .server(100, "A", "101:201", 1)
      .server(101, "PA", "201:301", 1)
      .client(121, "A", 1, 301);
    expect(flow.server.rtt).toMatchObject({ count: 2, min: 20e6, max: 20e6 });
  });

  test("do not count a segment that was sent again", () => {
    const { flow } = begun()
      .server(100, "PA", "101:201", 1)
      .server(400, "PA", "101:201", 1)
      .client(420, "A", 1, 201);
    expect(flow.server.rtt).toMatchObject({ count: 1, max: 20e6 });
  });

  test("do not count a segment whose acknowledgment waited for one before it", () => {
    const { flow } = begun()
      .server(100, "A", "101:201", 1)
      .server(101, "A", "201:301", 1)
      .server(102, "PA", "301:401", 1)
      .client(122, "A", 1, 101)
      .server(400, "A", "101:201", 1)
      .client(420, "A", 1, 401);
    expect(flow.server.rtt).toMatchObject({ count: 1, max: 20e6 });
  });

  test("count again what goes after the hole was filled", () => {
    const { flow } = begun()
      .server(100, "A", "201:301", 1)
      .server(400, "A", "101:201", 1)
      .client(420, "A", 1, 301)
      .server(500, "PA", "301:401", 1)
      .client(530, "A", 1, 401);
    expect(flow.server.rtt).toMatchObject({ count: 2, min: 20e6, max: 30e6 });
  });

  test("do not count the byte of a keep-alive probe, which went before", () => {
    const { flow } = begun().server(60_000, "A", "100:101", 1).client(60_500, "A", 1, 101);
    expect(flow.server.keepAlive?.probes).toBe(1);
    expect(flow.server.rtt).toMatchObject({ count: 1, max: 20e6 });
  });
});

describe("the record of a whole conversation", () => {
  const { flow } = whole();

  test("names the ends, the times and the frames", () => {
    expect(flow).toMatchObject({
      stream: 0,
      ipVersion: 4,
      client: { address: "10.0.0.1", port: 40000, ttl: 64 },
      server: { address: "192.0.2.1", port: 80, ttl: 57 },
      start: 1_700_000_000_000_000_000n,
      end: 1_700_000_001_072_000_000n,
      firstFrame: 1,
      lastFrame: 11,
    });
  });

  test("counts what each end sent", () => {
    expect(flow.client).toMatchObject({ packets: 6, payloadBytes: 100, dataPackets: 1, largestPayload: 100 });
    expect(flow.server).toMatchObject({
      packets: 5,
      payloadBytes: 2000,
      dataPackets: 2,
      largestPayload: 1400,
    });
    expect(flow.client.bytes).toBe(6 * 54 + 100);
    expect(flow.server.bytes).toBe(5 * 54 + 2000);
  });

  test("counts beyond 2^32 bytes, and the busiest conversation is found by them", () => {
    const talk = whole();
    const length = 2_000_000_000;
    const large = { length, frameLength: length + 54 };
    for (let i = 0; i < 5; i++) talk.server(1080 + i, "A", (2002 + i * length) % 2 ** 32, 102, large);
    const tracker = new FlowTracker({ random });
    tracker.add(segmentsOf(talk.rows));
    tracker.add(segmentsOf(new Talk({ ports: [40001, 80] }).handshake().client(21, "A", "1:1400", 1).rows));
    const [busiest] = tracker.busiest(1);
    expect(busiest).toMatchObject({ stream: 0, server: { payloadBytes: 2000 + 5 * length, packets: 10 } });
    expect(busiest.server.bytes).toBe(10 * 54 + 2000 + 5 * length);
  });

  test("says how it went in Zeek's words, in Wireshark's and in ours", () => {
    expect(flow).toMatchObject({ connState: "SF", history: "ShADadFf", outcome: "fin", closedBy: "client" });
    expect(flow.resetBy).toBeUndefined();
    expect(flow.closedAt).toBe(1_700_000_001_051_000_000n);
    const all = COMPLETE_SYN | COMPLETE_SYN_ACK | COMPLETE_ACK | COMPLETE_DATA | COMPLETE_FIN;
    expect(flow.completeness).toBe(all);
    expect(flow.client.state).toBe("TIME-WAIT");
    expect(flow.server.state).toBe("CLOSED");
  });

  test("tells round trips, silence and throughput", () => {
    expect(flow).toMatchObject({ initialRtt: 20e6, clientRtt: 0, maxIdle: 1000e6, maxIdleFrame: 9 });
    expect(flow.client.rtt).toEqual({ count: 1, min: 20e6, mean: 20e6, max: 20e6, deviation: 0 });
    expect(flow.server.rtt).toEqual({ count: 1, min: 1e6, mean: 1e6, max: 1e6, deviation: 0 });
    expect(flow.server.throughput).toBeUndefined();
  });

  test("tells what the SYNs offered and what windows were announced", () => {
    const offered = { offersWindowScale: true, offersSack: true, offersTimestamps: true, windowScale: 2 };
    expect(flow.client).toMatchObject({ mss: 1460, ...offered, windowMin: 4000, windowMax: 4000 });
    expect(flow.server).toMatchObject({ mss: 1400, ...offered, windowMin: 4000, windowMax: 4000 });
  });
});

describe("conn_state", () => {
  const syn = () => new Talk().client(0, "S", 0);
  const open = () => new Talk().handshake();
  test.each<[string, string, Talk]>([
    ["S0", "S", syn()],
    ["S1", "ShA", open()],
    ["SF", "ShAFfa", open().client(30, "FA", 1, 1).server(50, "FA", 1, 2).server(51, "A", 2, 2)],
    ["REJ", "Sr", syn().server(20, "RA", 0, 1)],
    ["S2", "ShAF", open().client(30, "FA", 1, 1)],
    ["S3", "ShAf", open().server(30, "FA", 1, 1)],
    ["RSTO", "ShAR", open().client(30, "RA", 1, 1)],
    ["RSTR", "ShAr", open().server(30, "RA", 1, 1)],
    ["RSTOS0", "SR", syn().client(30, "R", 1)],
    ["RSTRH", "^hr", new Talk().server(0, "SA", 0, 1).server(30, "R", 1)],
    ["SH", "SF", syn().client(30, "FA", 1, 1)],
    ["SHR", "^hf", new Talk().server(0, "SA", 0, 1).server(30, "FA", 1, 1)],
    ["OTH", "Dda", new Talk().client(0, "A", "1:2", 1).server(9, "A", "1:2", 2).server(10, "A", 2, 2)],
  ])("%s: %s", (connState, history, talk) => {
    expect(talk.flow).toMatchObject({ connState, history });
  });
});

describe("history", () => {
  test("tells retransmissions again at the tenth", () => {
    const talk = new Talk().handshake().client(30, "A", "1:101", 1);
    for (let i = 1; i <= 10; i++) talk.client(30 + 300 * i, "A", "1:101", 1);
    expect(talk.flow.history).toBe("ShADTT");
  });

  test("tells zero windows and gaps where they occur", () => {
    const talk = new Talk().handshake().server(30, "A", 1, 1, { window: 0 }).server(40, "A", 1, 5000);
    expect(talk.flow.history).toBe("ShAawG");
  });
});

describe("the states of both ends", () => {
  function statesOf(talk: Talk): string[] {
    const { state, peerState, direction } = talk.said();
    return talk.rows.map((_, i) => {
      const [mine, theirs] = [stateName(state[i]) ?? "?", stateName(peerState[i]) ?? "?"];
      return direction[i] === 0 ? `${mine} ${theirs}` : `${theirs} ${mine}`;
    });
  }

  test("from SYN to TIME-WAIT", () => {
    const talk = new Talk().handshake().client(30, "FA", 1, 1).server(50, "A", 1, 2);
    talk.server(60, "FA", 1, 2).client(61, "A", 2, 2);
    expect(statesOf(talk)).toEqual([
      "SYN-SENT ?",
      "SYN-SENT SYN-RECEIVED",
      "ESTABLISHED ESTABLISHED",
      "FIN-WAIT-1 ESTABLISHED",
      "FIN-WAIT-2 CLOSE-WAIT",
      "FIN-WAIT-2 LAST-ACK",
      "TIME-WAIT CLOSED",
    ]);
  });

  test("through a simultaneous open and close", () => {
    const talk = new Talk().client(0, "S", 0).server(0, "S", 0).client(20, "SA", 0, 1).server(20, "SA", 0, 1);
    talk.client(30, "FA", 1, 1).server(30, "FA", 1, 1).client(50, "A", 2, 2).server(50, "A", 2, 2);
    expect(statesOf(talk)).toEqual([
      "SYN-SENT ?",
      "SYN-SENT SYN-SENT",
      "SYN-RECEIVED SYN-SENT",
      "ESTABLISHED SYN-RECEIVED",
      "FIN-WAIT-1 ESTABLISHED",
      "FIN-WAIT-1 FIN-WAIT-1",
      "CLOSING FIN-WAIT-2",
      "TIME-WAIT TIME-WAIT",
    ]);
  });

  test("end in CLOSED with a RST", () => {
    expect(statesOf(new Talk().handshake().server(30, "R", 1)).at(-1)).toBe("CLOSED CLOSED");
  });
});

describe("keep-alive", () => {
  const idle = () => new Talk().handshake().client(30, "PA", "1:101", 1).server(50, "A", 1, 101);

  test("that is answered tells its idle time", () => {
    const talk = idle();
    for (let i = 1; i <= 3; i++) talk.client(i * 60_000, "A", 100, 1).server(i * 60_000 + 20, "A", 1, 101);
    expect(talk.flow.client.keepAlive).toEqual({ probes: 3, unanswered: 0, idle: 60e9, interval: undefined });
    expect(talk.flow.outcome).toBe("open");
  });

  test("that is not answered tells its interval, and the silence", () => {
    const talk = idle();
    for (let i = 0; i < 9; i++) talk.client(7_200_050 + i * 75_000, "A", 100, 1);
    expect(talk.flow.client.keepAlive).toEqual({ probes: 9, unanswered: 9, idle: 7200e9, interval: 75e9 });
    expect(talk.flow.outcome).toBe("silent");
    expect(talk.client(7_200_050 + 9 * 75_000, "R", 101).flow).toMatchObject({
      outcome: "reset",
      resetBy: "client",
    });
  });
});

describe("outcomes", () => {
  test("of a SYN without an answer, of data without one, and of half a close", () => {
    expect(new Talk().client(0, "S", 0).client(1000, "S", 0).flow.outcome).toBe("unanswered");
    // The server answered, though the capture shows one side alone.
    expect(new Talk().client(0, "S", 0).client(20, "A", 1, 1).flow.outcome).toBe("open");
    const lost = new Talk().handshake().client(30, "PA", "1:101", 1).client(330, "PA", "1:101", 1);
    expect(lost.flow.outcome).toBe("silent");
    expect(new Talk().handshake().server(30, "FA", 1, 1).client(50, "A", 1, 2).flow.outcome).toBe(
      "half-closed",
    );
  });
});

test("a conversation of a few segments has the record that it would have with more", () => {
  const few = new Talk().handshake(20, { windowScale: 3 });
  const more = new Talk().handshake(20, { windowScale: 3 }).client(25, "A", 1, 1).client(30, "A", 1, 1);
  const { client, server, ...rest } = few.flow;
  expect(rest).toMatchObject({ connState: "S1", history: "ShA", clientRtt: 0, initialRtt: 20e6 });
  expect(more.flow).toMatchObject({ connState: "S1", history: "ShA", clientRtt: 0, initialRtt: 20e6 });
  expect(more.flow.server).toEqual(server);
  expect(client).toMatchObject({ packets: 2, mss: 1460, windowScale: 3, ttl: 64 });
});

test("IPv6 ends are told", () => {
  const { flow } = new Talk({ v6: true }).handshake();
  expect(flow).toMatchObject({
    ipVersion: 6,
    client: { address: "2001:db8::1" },
    server: { address: "2001:db8::2" },
  });
});

test("without a SYN the end with a well-known port is the server", () => {
  expect(new Talk().server(0, "A", "1:2", 1).flow).toMatchObject({
    client: { port: 40000 },
    server: { port: 80 },
  });
  const high = new Talk({ ports: [40000, 50000] }).server(0, "A", "1:2", 1);
  expect(high.flow).toMatchObject({ client: { port: 50000 }, server: { port: 40000 } });
});

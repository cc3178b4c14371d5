// What ladders say of a conversation: its numbers, what a segment is again, whose remarks.
import { describe, expect, test } from "vitest";
import { parseCapture } from "../../src/capture/index.ts";
import { tcpPacket } from "../../src/sim/boxes/ip.ts";
import { ladderOf, simulate, World } from "../../src/sim/index.ts";
import type { Event, Step } from "../../src/sim/ladder.ts";
import { Trace } from "../../src/sim/trace.ts";
import { ACK, RST, SYN } from "../../src/wire/index.ts";

const steps = (rungs: readonly (Step | Event)[]): Step[] => rungs.filter((rung) => "label" in rung);
const labels = (rungs: readonly (Step | Event)[]) => steps(rungs).map(({ label }) => label);
const numberOf = (label: string) => Number(/seq (\d+)/.exec(label)?.[1]);

describe("sequence numbers", () => {
  test.each(["wraparound", "random-isn", "blind-injection"])(
    "of %s are those of its packets",
    async (name) => {
      const story = simulate(name);
      const table = await parseCapture(story.capture("pcap"));
      const sent = new Set(table.seq);
      for (const { rungs } of story.acts.flatMap((act) => act.ladders)) {
        const numbers = labels(rungs).map(numberOf).filter(Number.isFinite);
        expect(numbers.length).toBeGreaterThan(1);
        for (const number of numbers) expect(sent).toContain(number);
      }
    },
  );

  test.each(["handshake", "four-way-close"])("of %s are counted from the SYN", (name) => {
    for (const { rungs } of simulate(name).acts.flatMap((act) => act.ladders))
      for (const label of labels(rungs).filter((each) => each.startsWith("SYN")))
        expect(numberOf(label)).toBe(0);
  });
});

const CLIENT = "192.0.2.7";
const SERVER = "198.51.100.3";
const VIEW = {
  left: "client",
  right: "server",
  address: CLIENT,
  port: 5000,
  states: ["CLOSED", "LISTEN"],
} as const;

type Fields = Partial<Parameters<typeof tcpPacket>[2]> & { readonly flags: number };

/** The ladder of segments between the two, each a millisecond after the one before. */
function drawn(...segments: readonly (readonly [from: "client" | "server", fields: Fields])[]): Step[] {
  const trace = new Trace();
  for (const [i, [from, fields]] of segments.entries()) {
    const [src, dst] = from === "client" ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const [srcPort, dstPort] = from === "client" ? [5000, 80] : [80, 5000];
    const number = trace.begin(tcpPacket(src, dst, { srcPort, dstPort, window: 1000, ...fields }), from, i);
    trace.arrive(number, from === "client" ? "server" : "client", i + 0.5);
  }
  return steps(ladderOf(trace, VIEW));
}

describe("a SYN is", () => {
  const syn = (seq: number) => ["client", { flags: SYN, seq }] as const;

  test("a retransmission with the number that was sent last", () => {
    expect(drawn(syn(700), syn(700)).map(({ notes }) => notes)).toEqual([[], ["retransmission"]]);
  });

  test.each([
    ["above", 900_000],
    ["below", 300],
  ])("another connection's with a number %s those of the last one, from which it counts anew", (_, isn) => {
    const rungs = drawn(
      syn(700),
      ["server", { flags: SYN | ACK, seq: 5000, ack: 701 }],
      ["client", { flags: ACK | RST, seq: 701, ack: 5001 }],
      syn(isn),
      ["server", { flags: SYN | ACK, seq: 1_000_000, ack: isn + 1 }],
      ["client", { flags: ACK, seq: isn + 1, ack: 1_000_001 }],
      ["client", { flags: ACK, seq: isn + 1, ack: 1_000_001, payload: new Uint8Array(10) }],
    );
    expect(rungs.map(({ label }) => label)).toEqual([
      "SYN seq 0 win 1000",
      "SYN ACK seq 0 ack 1 win 1000",
      "RST seq 1 ack 1",
      "SYN seq 0 win 1000",
      "SYN ACK seq 0 ack 1 win 1000",
      "ack 1 win 1000",
      "seq 1 ack 1 · 10 bytes win 1000",
    ]);
    // Were it taken for the first connection's, data below its numbers would look sent before.
    expect(rungs.flatMap(({ notes }) => notes)).toEqual([]);
  });

  test("what a peer that opens at once answers, and no retransmission of its SYN", () => {
    const rungs = drawn(
      syn(700),
      ["server", { flags: SYN, seq: 50 }],
      ["client", { flags: SYN | ACK, seq: 700, ack: 51 }],
    );
    expect(rungs.flatMap(({ notes }) => notes)).toEqual([]);
  });
});

describe("what an application does", () => {
  const ladders = () => {
    const world = new World({ seed: 3 });
    const server = world.host("server", SERVER);
    const client = world.host("client", CLIENT);
    world.link(client, server, { delay: 5 });
    server.listen(80, () => ({}));
    const [one, two] = [5000, 5001].map((localPort) => client.connect(SERVER, 80, {}, { localPort }));
    world.run(100);
    world.remark(one, "send(1) of one");
    world.remark(two, "send(2) of two");
    world.remark(server, "power cut");
    return [5000, 5001].map((port) => {
      const rungs = ladderOf(world.trace!, { ...VIEW, port });
      return rungs.flatMap((rung) => ("event" in rung && rung.event !== "" ? [[rung.event, rung.side]] : []));
    });
  };

  test("with a connection stands in that one's ladder, what befalls a host in all of its connections'", () => {
    expect(ladders()).toEqual([
      [
        ["send(1) of one", 0],
        ["power cut", 1],
      ],
      [
        ["send(2) of two", 0],
        ["power cut", 1],
      ],
    ]);
  });
});

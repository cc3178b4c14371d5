// Whole conversations, from packets in a capture to their byte streams.
import { describe, expect, test } from "vitest";
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { PcapWriter, parseCapture } from "../../src/capture/index.ts";
import { type Direction, FlowTracker, type GapReason, Reassembler } from "../../src/flow/index.ts";
import { tcpPacket } from "../../src/sim/boxes/ip.ts";
import { ACK, FIN, PSH, RST, SYN } from "../../src/wire/index.ts";

const CLIENT = { address: "192.0.2.7", port: 50_000 };
const SERVER = { address: "198.51.100.3", port: 80 };
const C_ISN = 1000;
const S_ISN = 0x5000_0000;

type Packet = readonly [from: "client" | "server", flags: number, seq: number, ack?: number, text?: string];

/** What both sides said, as it was told while the capture was read and once it had ended. */
async function reassembled(...packets: readonly Packet[]) {
  const writer = new PcapWriter({ linkType: LINKTYPE_RAW });
  for (const [i, [from, flags, seq, ack = 0, text = ""]] of packets.entries()) {
    const [src, dst] = from === "client" ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const fields = { srcPort: src.port, dstPort: dst.port, window: 1000, seq, ack, flags };
    const payload = new TextEncoder().encode(text);
    writer.write({
      time: BigInt(i) * 1_000_000n,
      bytes: tcpPacket(src.address, dst.address, { ...fields, payload }),
    });
  }
  const said = ["", ""];
  const gaps: [Direction, number, number, GapReason][] = [];
  const ends: string[] = [];
  const reassembler = new Reassembler({
    data: (flow, direction, bytes) => {
      expect(flow).toBe(0);
      said[direction] += new TextDecoder().decode(bytes);
    },
    gap: (_, direction, offset, length, reason) => void gaps.push([direction, offset, length, reason]),
    end: (_, reason) => void ends.push(reason),
  });
  const segments = await parseCapture(writer.take(), { payload: true });
  expect(segments.length).toBe(packets.length);
  const tracker = new FlowTracker({ random: (bytes) => bytes.fill(7) });
  reassembler.add(segments, tracker.add(segments));
  const atOnce = [...said];
  reassembler.end();
  return { atOnce, said, gaps, ends };
}

describe("the server's stream begins behind its SYN", () => {
  const open: Packet[] = [
    ["client", SYN, C_ISN],
    ["server", SYN | ACK, S_ISN, C_ISN + 1],
    ["client", ACK, C_ISN + 1, S_ISN + 1],
  ];
  const talk: Packet[] = [
    ["client", PSH | ACK, C_ISN + 1, S_ISN + 1, "hello?"],
    ["server", PSH | ACK, S_ISN + 1, C_ISN + 7, "here I am"],
    ["client", FIN | ACK, C_ISN + 7, S_ISN + 10],
    ["server", FIN | ACK, S_ISN + 10, C_ISN + 8],
    ["client", ACK, C_ISN + 8, S_ISN + 11],
  ];
  const whole = { said: ["hello?", "here I am"], gaps: [], ends: ["fin"] };

  test("in an ordinary conversation", async () => {
    expect(await reassembled(...open, ...talk)).toMatchObject({ ...whole, atOnce: whole.said });
  });

  test("though the first SYN was refused with a RST that numbers nothing (RFC 9293 3.5.2)", async () => {
    const refused: Packet[] = [open[0], ["server", RST | ACK, 0, C_ISN + 1]];
    expect(await reassembled(...refused, ...open, ...talk)).toMatchObject({ ...whole, atOnce: whole.said });
  });

  test("though the refused SYN came again and the capture lacks its SYN,ACK", async () => {
    const refused: Packet[] = [open[0], ["server", RST | ACK, 0, C_ISN + 1], open[0], open[2]];
    expect(await reassembled(...refused, ...talk)).toMatchObject(whole);
  });

  test("though what it says with Fast Open overtakes the SYN,ACK", async () => {
    const early: Packet = ["server", PSH | ACK, S_ISN + 1, C_ISN + 1, "here"];
    const rest: Packet = ["server", PSH | ACK, S_ISN + 5, C_ISN + 7, " I am"];
    expect(
      await reassembled(open[0], early, ...open.slice(1), talk[0], rest, ...talk.slice(2)),
    ).toMatchObject(whole);
  });
});

test("a capture that begins with the SYN,ACK has the client's words at once: its SYN does not follow any more", async () => {
  const { atOnce, said, gaps } = await reassembled(
    ["server", SYN | ACK, S_ISN, C_ISN + 1],
    ["client", PSH | ACK, C_ISN + 1, S_ISN + 1, "hello?"],
    ["client", PSH | ACK, C_ISN + 7, S_ISN + 1, " anybody?"],
  );
  expect(atOnce).toEqual(["hello? anybody?", ""]);
  expect([said, gaps]).toEqual([atOnce, []]);
});

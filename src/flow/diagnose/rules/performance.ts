import { type Case, directions, endOf, ms, type Rule, recordSide, serverOf, storySide } from "../case.ts";
import { count, duration } from "../diagnosis.ts";
import { sentAgainForSize } from "./path-mtu.ts";

// Below these, loss is what every network has.
const MANY = 5;
const RATE = 0.02;
const STORM = 0.2;

/** Data that had to be sent again: how much, in which direction, on which side of the point of capture. */
export const loss: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    const { dataPackets, needlessRetransmissions } = recordSide(c, direction);
    const before = side.recovered.total;
    // What was too large for the way is not lost by chance.
    const sentAgain = sentAgainForSize(c, direction) ? side.retransmitted : side.sentAgain;
    const behind = sentAgain.total;
    const retransmissions = before + behind;
    const rate = retransmissions / Math.max(1, dataPackets);
    if (retransmissions < MANY || rate < RATE || c.record.outcome === "silent") return [];
    const where =
      before > behind * 4
        ? "before the point of capture: the capture saw the repeated data once only"
        : behind > before * 4
          ? "behind the point of capture: the capture saw the data go by and go by again"
          : "on both sides of the point of capture";
    const storm = rate >= STORM;
    const needless = needlessRetransmissions > retransmissions / 2;
    return [
      {
        name: "loss",
        severity: storm ? "problem" : "warning",
        key: `${serverOf(c)} ${direction}`,
        stream: c.record.stream,
        title: `${storm ? "Retransmission storm" : "Loss"} from ${endOf(c, direction)}: ${percent(rate)} of its data was sent again`,
        explanation: `${count(retransmissions, "retransmission")} in ${count(dataPackets, "segment")} of data. The loss is ${where}.${needless ? ` ${count(needlessRetransmissions, "retransmission")} had been acknowledged already: they were sent too early, or the ACKs got lost.` : ""}`,
        advice: needless
          ? "Data that arrived is sent again: look for delay that jumps (a mobile network, a busy receiver) and for loss on the way back; check that SACK and timestamps are on."
          : "Look for a full queue, a bad link or a policer in this direction; check that SACK is on at both ends, which repairs loss in fewer round trips.",
        frames: [...sentAgain.list, ...side.recovered.list],
        values: { retransmissions, segments: dataPackets, rate, needless: needlessRetransmissions },
      },
    ];
  });

/** A window that closed: the application does not read. */
export const zeroWindow: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    if (side.zeroWindow.total === 0) return [];
    const open = side.closedSince < 0n;
    const reset = open ? undefined : resetAfter(c, side.closedSince);
    const closedFor = side.closedFor + (open ? 0n : (reset ?? c.captureEnd) - side.closedSince);
    // A window that closes for a moment is flow control at work.
    if (closedFor < 200_000_000n) return [];
    return [
      {
        name: "zero-window",
        severity: open && closedFor < 1_000_000_000n ? "warning" : "problem",
        key: `${serverOf(c)} ${direction}`,
        stream: c.record.stream,
        title: open
          ? `${endOf(c, direction).replace("the ", "The ")} could not take data for ${duration(ms(closedFor))}`
          : `${endOf(c, direction).replace("the ", "The ")} stopped taking data and did not begin again`,
        explanation: `It closed its window (${count(side.zeroWindow.total, "segment")} with a window of 0): its receive buffer is full because its application does not read. For ${duration(ms(closedFor))} the other end could only probe${open ? "" : reset === undefined ? ", to the end of the capture" : ", until a RST ended the connection"}.`,
        advice:
          "The receiving application is the bottleneck: see what it waits for (a lock, a disk, a downstream service). A larger receive buffer (SO_RCVBUF, net.ipv4.tcp_rmem) only hides short pauses.",
        frames: side.zeroWindow.list,
        values: { zeroWindows: side.zeroWindow.total, closedFor: ms(closedFor), reopened: Number(open) },
      },
    ];
  });

/** When the first RST of either end ended the connection; undefined where none came after that time. */
function resetAfter(c: Case, time: bigint): bigint | undefined {
  const resets = directions.map((direction) => storySide(c, direction).rstTime).filter((at) => at >= time);
  return resets.length === 0 ? undefined : resets.reduce((a, b) => (a < b ? a : b));
}

/** The sender fills the receiver's window again and again: the window, not the network, sets the pace. */
export const receiverLimited: Rule = (c) =>
  directions.flatMap((direction) => {
    const sender = storySide(c, direction);
    const receiver = recordSide(c, direction === 0 ? 1 : 0);
    if (sender.windowFull.total < 3 || receiver.zeroWindows > 0 || receiver.windowMax === undefined)
      return [];
    const rtt = c.record.initialRtt;
    const unscaled =
      receiver.windowMax <= 65_535 &&
      !(c.record.client.offersWindowScale && c.record.server.offersWindowScale);
    const handshake = c.story.sides[0].syn.total > 0 && c.story.sides[1].syn.total > 0;
    const ceiling = rtt ? receiver.windowMax / (Number(rtt) / 1e9) : 0;
    const who = endOf(c, direction === 0 ? 1 : 0);
    const culprit =
      handshake && unscaled
        ? missing(c.record.client.offersWindowScale, c.record.server.offersWindowScale)
        : "";
    return [
      {
        name: "receiver-limited",
        severity: "warning",
        key: `${serverOf(c)} ${direction}`,
        stream: c.record.stream,
        title: `The window of ${who} limits the transfer${culprit ? ": window scaling is off" : ""}`,
        explanation: `${endOf(c, direction).replace("the ", "The ")} filled the window of ${who} (at most ${receiver.windowMax.toLocaleString("en-US")} bytes) ${count(sender.windowFull.total, "time")} and had to wait for ACKs.${ceiling ? ` At a round trip of ${duration(ms(rtt!))} that allows ${(ceiling / 1e6).toFixed(2)} MB/s at most, however fast the network.` : ""}${culprit ? ` ${culprit}` : ""}`,
        advice: culprit
          ? "Turn window scaling on at both ends (net.ipv4.tcp_window_scaling=1) and let middleboxes pass the option."
          : "Give the receiver a larger buffer: do not set SO_RCVBUF by hand (it stops auto-tuning), raise the third value of net.ipv4.tcp_rmem, or read faster.",
        frames: sender.windowFull.list,
        values: { windowFull: sender.windowFull.total, windowMax: receiver.windowMax, ceiling },
      },
    ];
  });

function missing(client: boolean, server: boolean): string {
  if (!client && !server)
    return "Neither end offered window scaling (RFC 7323), so no window can exceed 65,535 bytes.";
  return `The ${client ? "server" : "client"} did not offer window scaling (RFC 7323), so no window can exceed 65,535 bytes.`;
}

/** Small writes that wait for a delayed ACK: Nagle's algorithm at one end, delayed ACKs at the other. */
export const delayedAck: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    if (side.waits.total < 3) return [];
    const wait = ms(side.waitedFor);
    return [
      {
        name: "delayed-ack",
        severity: "warning",
        key: `${serverOf(c)} ${direction}`,
        stream: c.record.stream,
        title: `${endOf(c, direction).replace("the ", "The ")} waits for delayed ACKs: ${count(side.waits.total, "time")} about ${duration(wait)}`,
        explanation: `Small data was followed by more only when the ACK of the first had come, and that ACK came about ${duration(wait)} late. Nagle's algorithm (RFC 9293 3.7.4) holds a small segment back while data is unacknowledged; the receiver delays its ACK (RFC 9293 3.8.6.3) in the hope of data to send with it. Each waits for the other.`,
        advice:
          "Write a message in one call (or cork it), or turn Nagle's algorithm off where latency matters: TCP_NODELAY (Node: setNoDelay(true)).",
        frames: side.waits.list,
        values: { waits: side.waits.total, delay: wait },
      },
    ];
  });

function percent(rate: number): string {
  return `${(rate * 100).toFixed(rate < 0.1 ? 1 : 0)} %`;
}

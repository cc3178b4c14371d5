// Wireshark's rules (4.0) in the plainest words we could find for them: a conversation is an object, what
// waits for an ACK is a list that is gone through every time. Slow, and no line in common with the module.
import { ACK, FIN, PSH, RST, SYN } from "../../assembly/layout/wire.ts";
import type { FindingName } from "../../src/flow/index.ts";
import type { Row } from "./segments.ts";

interface Waiting {
  seq: number;
  next: number;
  frame: number;
  time: bigint;
}

class Side {
  base: number | undefined;
  next = 0;
  nextTime = 0n;
  nextFrame = 0;
  ackable = 0;
  lastAck = 0;
  lastTime = 0n;
  newAckFrame = 0;
  duplicates = 0;
  lossTold = false;
  window: number | undefined;
  scale: number | "unknown" | "none" = "unknown";
  unscaledYet = false;
  hole = false;
  pushed = 0;
  pushLast = false;
  sacked = 0;
  last: FindingName[] = [];
  waiting: Waiting[] = [];
}

interface Conversation {
  stream: number;
  sides: Record<string, Side>;
  first: bigint;
  previous: bigint;
  syn: bigint;
  roundTrip: bigint;
  complete: number;
}

export interface Said {
  stream: number;
  seq: number;
  ack: number;
  window: number;
  findings: FindingName[];
  duplicateAckNum: number;
  duplicateAckFrame: number;
  ackedFrame: number;
  ackRtt: bigint;
  initialRtt: bigint;
  bytesInFlight: number;
  pushBytesSent: number;
  rto: bigint;
  rtoFrame: number;
  completeness: number;
  timeRelative: bigint;
  timeDelta: bigint;
}

const u32 = (n: number) => n >>> 0;
/** Whether a comes before b, around the circle. */
const before = (a: number, b: number) => ((a - b) | 0) < 0;
const after = (a: number, b: number) => ((a - b) | 0) > 0;
/** A time that ran backwards counts as a very long one. */
const short = (span: bigint, limit: bigint) => span >= 0n && (limit < 0n || span < limit);

/** What tshark says of each row. */
export function oracle(rows: readonly Row[]): Said[] {
  const conversations = new Map<string, Conversation>();
  let streams = 0;
  return rows.map((row) => {
    const me = `${row.src} ${row.srcPort}`;
    const them = `${row.dst} ${row.dstPort}`;
    const key = [me, them].sort().join();
    const begin = (): Conversation => {
      const sides = { [me]: new Side(), [them]: new Side() };
      const { time } = row;
      const fresh = {
        stream: streams++,
        sides,
        first: time,
        previous: time,
        syn: 0n,
        roundTrip: 0n,
        complete: 0,
      };
      conversations.set(key, fresh);
      return fresh;
    };
    const known = conversations.get(key);
    return segment(row, known ?? begin(), known === undefined, me, them, begin);
  });
}

function segment(
  row: Row,
  of: Conversation,
  fresh: boolean,
  me: string,
  them: string,
  begin: () => Conversation,
): Said {
  let conversation = of;
  const { time, seq, ack = 0, flags, length = 0, window = 0, frame = 0 } = row;
  const is = (bits: number) => (flags & bits) === bits;
  const plain = (flags & (SYN | FIN | RST)) === 0;
  const phantom = flags & (SYN | FIN) ? 1 : 0;
  const found = new Set<FindingName>();
  let interesting = false;

  let sender = conversation.sides[me];
  if (is(SYN) && sender.base !== undefined) {
    if (is(ACK)) {
      if (seq !== sender.base) found.add("reused_ports");
      sender.base = seq;
    } else if (seq === sender.base) {
      sender.next = sender.ackable;
      interesting = true;
    } else {
      conversation = begin();
      conversation.complete = 1;
      sender = conversation.sides[me];
      found.add("reused_ports");
    }
  }
  const peer = conversation.sides[them];
  sender.sacked = 0;
  const said: Said = {
    ...{
      stream: conversation.stream,
      completeness: conversation.complete,
      seq: 0,
      ack,
      window,
      findings: [],
    },
    ...{ duplicateAckNum: 0, duplicateAckFrame: 0, ackedFrame: 0, ackRtt: 0n, initialRtt: 0n },
    ...{ bytesInFlight: 0, pushBytesSent: 0, rto: 0n, rtoFrame: 0 },
    ...{ timeRelative: time - conversation.first, timeDelta: time - conversation.previous },
  };
  conversation.previous = time;
  sender.base ??= is(SYN) ? seq : u32(seq - 1);
  if (is(ACK)) {
    peer.base ??= u32(ack - 1);
    peer.hole = false;
  }

  // What the segment is by itself.
  const expected = seq === sender.next;
  const repeats = length === 0 && plain && expected && ack === sender.lastAck;
  if (length === 1 && expected && peer.window === 0) found.add("zero_window_probe");
  else {
    if (window === 0 && plain) found.add("zero_window");
    if (sender.next !== 0 && after(seq, sender.next) && !is(RST)) {
      found.add("lost_segment");
      sender.hole = true;
    }
    if (length <= 1 && plain && seq === u32(sender.next - 1)) found.add("keep_alive");
    if (length > 0 && plain && peer.scale !== "unknown") {
      const shift = peer.unscaledYet || peer.scale === "none" ? 0 : peer.scale;
      const edge = peer.lastAck + (peer.window ?? 0xffffffff) * 2 ** shift;
      if (u32(seq + length) === u32(edge % 2 ** 32)) found.add("window_full");
    }
    if (repeats && window !== 0 && window !== sender.window) found.add("window_update");
    else if (repeats && window !== 0 && peer.last.includes("keep_alive")) found.add("keep_alive_ack");
    else if (repeats && window === 0 && sender.window === 0 && peer.last.includes("zero_window_probe")) {
      found.add("zero_window_probe_ack");
    } else if (repeats && window !== 0) {
      sender.duplicates = sender.lossTold ? 1 : sender.duplicates + 1;
      sender.lossTold = false;
      said.duplicateAckNum = sender.duplicates;
      said.duplicateAckFrame = sender.newAckFrame;
      found.add("duplicate_ack");
    }
  }
  if (ack !== sender.lastAck) {
    sender.newAckFrame = frame;
    sender.duplicates = 0;
    sender.lossTold = false;
  }

  // What it acknowledges without anyone having sent it.
  if (is(ACK) && peer.ackable !== 0 && after(ack, peer.ackable)) {
    interesting = true;
    if (before(peer.ackable, peer.next)) {
      peer.ackable = peer.next;
      found.add("ack_lost_segment");
    } else {
      if (peer.duplicates === 0 && !peer.lossTold) found.add("ack_lost_segment");
      peer.lossTold = true;
    }
  }

  // What it is beside earlier ones.
  if ((length > 0 || phantom) && !found.has("keep_alive")) {
    const passed =
      sender.next !== 0 && before(seq, sender.next) && !(length > 1 && seq === u32(sender.next - 1));
    const threshold = conversation.roundTrip === 0n ? 3_000_000n : conversation.roundTrip;
    if (length > 0 && peer.lastAck !== 0 && !after(u32(seq + length), peer.lastAck)) {
      found.add("retransmission").add("spurious_retransmission");
    } else if (passed) {
      const asked = peer.lossTold || peer.duplicates >= 2;
      if (asked && peer.lastAck === seq && short(time - peer.lastTime, 20_000_000n)) {
        found.add("retransmission").add("fast_retransmission");
      } else if (short(time - sender.nextTime, threshold) && sender.next !== u32(seq + length + phantom)) {
        found.add("out_of_order");
      } else {
        found.add("retransmission");
        const [oldest] = sender.waiting;
        said.rto = time - (oldest?.time ?? sender.nextTime);
        if (said.rto !== 0n) said.rtoFrame = oldest?.frame ?? sender.nextFrame;
      }
    }
  }

  // From here on it has been sent.
  const probe = found.has("zero_window_probe");
  const next = u32(seq + length + phantom);
  if (length > 0 || phantom) sender.waiting.push({ seq, next, frame, time });
  if (!probe && (sender.next === 0 || after(next, sender.next))) {
    Object.assign(sender, { next, nextTime: time, nextFrame: frame });
  }
  if (!probe && (sender.ackable === 0 || seq === sender.ackable)) sender.ackable = sender.next;
  Object.assign(sender, { window, lastAck: ack, lastTime: time, last: [...found] });

  const acked = peer.waiting.find((waiting) => waiting.next === ack);
  if (acked) {
    said.ackedFrame = acked.frame;
    said.ackRtt = time - acked.time;
  }
  peer.waiting = peer.waiting
    .filter((waiting) => after(waiting.next, ack))
    .map((waiting) => ({ ...waiting, seq: after(ack, waiting.seq) ? ack : waiting.seq }));

  if (length > 0 && sender.waiting.length > 0 && !sender.hole) {
    interesting = true;
    const { base } = sender;
    const low = Math.min(...sender.waiting.map((waiting) => u32(waiting.seq - base)));
    const high = Math.max(...sender.waiting.map((waiting) => u32(waiting.next - base)));
    const span = u32(high - low - peer.sacked);
    sender.pushed = length + (sender.pushLast ? 0 : sender.pushed);
    sender.pushLast = is(PSH);
    if (span > 0 && span < 2_000_000_000 && span > phantom) {
      said.bytesInFlight = span - phantom;
      said.pushBytesSent = sender.pushed;
    }
  }
  said.seq = u32(seq - sender.base);
  if (is(ACK)) said.ack = u32(ack - (peer.base ?? 0));
  if (!is(SYN) && typeof sender.scale === "number") said.window = window * 2 ** sender.scale;

  leave(row, conversation, sender, peer, fresh && !found.has("reused_ports"));
  if (is(SYN | ACK) && said.ack > 1) found.add("tfo_ack");
  said.findings = [...found];
  if (interesting || acked || found.size > 0) said.initialRtt = conversation.roundTrip;
  return said;
}

function leave(row: Row, conversation: Conversation, sender: Side, peer: Side, first: boolean): void {
  const { time, flags, length = 0 } = row;
  const is = (bits: number) => (flags & bits) === bits;
  if (first) {
    if (is(SYN) && !is(ACK)) conversation.complete = length > 0 ? 9 : 1;
  } else {
    if (is(SYN | ACK)) conversation.complete |= 2;
    if (is(ACK) && !is(SYN)) conversation.complete |= length > 0 ? 8 : 4;
    if (is(FIN | ACK)) conversation.complete |= 16;
    if (is(RST)) conversation.complete |= 32;
  }
  if (is(SYN)) {
    sender.unscaledYet = true;
    if (!is(ACK)) conversation.syn = time;
  } else if (is(ACK)) {
    sender.unscaledYet = false;
    if (conversation.syn !== 0n && conversation.roundTrip === 0n)
      conversation.roundTrip = time - conversation.syn;
  }
  if (row.windowScale !== undefined) sender.scale = Math.min(row.windowScale, 14);
  for (let i = 0; i < Math.min(6, row.sack?.length ?? 0); i += 2) {
    sender.sacked = u32(sender.sacked + row.sack![i + 1] - row.sack![i]);
  }
  if (is(SYN) && sender.scale === "unknown") sender.scale = peer.scale = "none";
  else if (is(SYN | ACK) && peer.scale === "none") sender.scale = "none";
}

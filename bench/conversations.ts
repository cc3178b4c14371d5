// A capture of conversations as they are: handshakes, small requests and answers, acknowledgments, closes.
import { ETHERTYPE_IPV4, LINKTYPE_ETHERNET } from "../assembly/layout/capture.ts";
import { ACK, FIN, IPPROTO_TCP, PSH, SYN } from "../assembly/layout/wire.ts";
import { Random } from "../src/bench/random.ts";
import { PcapWriter } from "../src/capture/index.ts";
import { addressBytes } from "../src/wire/address.ts";
import { buildSegment } from "../src/wire/build.ts";

// At a time: whoever has closed opens another.
const CLIENTS = 10_000;
const START = 1_700_000_000_000_000_000n;
const payload = new Uint8Array(60).fill(0x61);
const server = addressBytes("192.168.0.1");

interface Conversation {
  readonly client: Uint8Array;
  readonly port: number;
  /** The next sequence numbers of the client and of the server. */
  readonly next: [client: number, server: number];
  readonly requests: number;
  step: number;
}

/** A pcap of `frames` frames of 54 to 114 bytes. One in 500 is sent twice. */
export function generateConversations(frames: number): Uint8Array {
  const random = new Random();
  const writer = new PcapWriter({ linkType: LINKTYPE_ETHERNET });
  const open = (i: number, port: number): Conversation => ({
    client: Uint8Array.of(10, 0, i >> 8, i),
    port,
    next: [random.next(), random.next()],
    requests: 1 + random.below(40),
    step: 0,
  });
  const all = Array.from({ length: CLIENTS }, (_, i) => open(i, 1024));
  let time = START;
  for (let written = 0; written < frames; ) {
    const i = random.below(CLIENTS);
    const bytes = nextFrame(all[i]);
    for (let copies = random.below(500) === 0 ? 2 : 1; copies > 0 && written < frames; copies--, written++) {
      time += BigInt(1000 * (1 + random.below(5)));
      writer.write({ time, bytes });
    }
    if (all[i].step === 6 + 4 * all[i].requests) all[i] = open(i, all[i].port + 1);
  }
  return writer.take();
}

/** Three for the handshake; request, acknowledgment, answer, acknowledgment; three for the close. */
function nextFrame(conversation: Conversation): Uint8Array {
  const { requests, step } = conversation;
  conversation.step++;
  const last = step - (3 + 4 * requests);
  if (step < 3) return frame(conversation, step % 2, [SYN, SYN | ACK, ACK][step], 0);
  if (last >= 0) return frame(conversation, last % 2, [FIN | ACK, FIN | ACK, ACK][last], 0);
  const turn = (step - 3) % 4;
  const from = turn === 0 || turn === 3 ? 0 : 1;
  return turn % 2 === 0
    ? frame(conversation, from, PSH | ACK, payload.length)
    : frame(conversation, from, ACK, 0);
}

/** An Ethernet frame from the client (0) or the server (1), without a checksum of its IPv4 header. */
function frame(
  { client, port, next }: Conversation,
  from: number,
  flags: number,
  length: number,
): Uint8Array {
  const [src, dst] = from === 0 ? [client, server] : [server, client];
  const segment = buildSegment(
    {
      srcPort: from === 0 ? port : 80,
      dstPort: from === 0 ? 80 : port,
      seq: next[from],
      ack: flags & ACK ? next[1 - from] : 0,
      flags,
      window: 64_000,
      payload: payload.subarray(0, length),
    },
    { src, dst },
  );
  next[from] = (next[from] + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
  const bytes = new Uint8Array(34 + segment.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, ETHERTYPE_IPV4);
  view.setUint16(14, 0x4500);
  view.setUint16(16, bytes.length - 14);
  bytes.set([64, IPPROTO_TCP], 22);
  bytes.set(src, 26);
  bytes.set(dst, 30);
  bytes.set(segment, 34);
  return bytes;
}

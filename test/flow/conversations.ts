// Conversations as no stack would hold them: every rule of the analysis is met, and every pair of rules.
import { ACK, FIN, PSH, RST, SYN } from "../../assembly/layout/wire.ts";
import type { Row } from "./segments.ts";

type Side = { isn: number; high: number; lastAck: number; window: number; scale: number | undefined };

/** A seeded generator (mulberry32): `below(n)` is 0 to n - 1. */
export function dice(seed: number) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, chance: (p: number) => next() < p, pick: <T>(...of: T[]): T => of[below(of.length)] };
}

/** Some `count` segments of wild conversations, one after the other. */
export function wildRows(seed: number, count: number): Row[] {
  const rows: Row[] = [];
  for (let i = 0; rows.length < count; i++) rows.push(...conversation(seed * 1000 + i, rows.at(-1)?.time));
  return rows.slice(0, count).map((row, i) => ({ ...row, frame: i + 1 }));
}

function conversation(seed: number, after = 1_600_000_000_000_000_000n): Row[] {
  const { below, chance, pick } = dice(seed);
  const u32 = () => pick(below(2 ** 32), 2 ** 32 - 1 - below(5000), 2 ** 31 - below(5000), 0, 1);
  const side = (): Side => {
    const isn = u32();
    return {
      isn,
      high: isn,
      lastAck: 0,
      window: pick(0, 500, 1000, 65535),
      scale: pick(undefined, 0, 2, 7, 15),
    };
  };
  const sides = [side(), side()];
  const ends = [`10.${below(3)}.${below(256)}.1`, chance(0.02) ? "same" : `10.9.${below(256)}.2`];
  if (ends[1] === "same") ends[1] = ends[0];
  if (chance(0.5)) ends.reverse();
  const ports = [20000 + below(40000), pick(9999, 19999, 54321)];
  const wild = chance(0.3);
  const rtt = pick(100, 1_000_000, 20_000_000, 100_000_000);
  const rows: Row[] = [];
  let time = after + BigInt(below(1_000_000));

  const pass = () => {
    const step = pick(
      0,
      1,
      1000,
      below(3_000_000),
      rtt,
      below(25_000_000),
      below(25_000_000),
      chance(0.05) ? -5000 : 7,
    );
    time += BigInt(chance(0.02) ? 1_000_000_000 : step);
  };
  const send = (
    d: number,
    seq: number,
    ack: number,
    flags: number,
    length: number,
    extra: Partial<Row> = {},
  ) => {
    const me = sides[d];
    const row: Row = {
      ...{ time, src: ends[d], dst: ends[1 - d], srcPort: ports[d], dstPort: ports[1 - d] },
      ...{ seq: seq >>> 0, ack: ack >>> 0, flags, length, window: me.window, ...extra },
    };
    rows.push(row);
    me.lastAck = row.ack!;
    const end = (row.seq + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    if (((end - me.high) | 0) > 0) me.high = end;
    pass();
  };
  const offers = (d: number): Partial<Row> => ({
    ...(chance(0.8) ? { mss: 1460 } : {}),
    ...(sides[d].scale === undefined ? {} : { windowScale: sides[d].scale }),
  });

  if (chance(0.7)) {
    const [a, b] = [sides[0].isn, sides[1].isn];
    for (let n = chance(0.15) ? 2 : 1; n > 0; n--) send(0, a, 0, SYN, 0, offers(0));
    if (chance(0.05)) send(1, b, 0, SYN, 0, offers(1));
    for (let n = Number(chance(0.9)) + Number(chance(0.1)); n > 0; n--)
      send(1, b, a + 1, SYN | ACK, 0, offers(1));
    if (chance(0.9)) send(0, a + 1, b + 1, ACK, 0);
  }
  for (let n = 3 + below(57); n > 0; n--) {
    const d = below(2);
    const [me, peer] = [sides[d], sides[1 - d]];
    let ack = chance(0.6) ? peer.high : me.lastAck || peer.high;
    if (chance(0.03)) ack = peer.high + below(3000);
    if (chance(0.03)) ack = peer.high - below(3000);
    if (chance(0.1)) ack = me.lastAck + 1;
    let [seq, flags] = [me.high, ACK | (chance(0.3) ? PSH : 0)];
    let length = pick(1, 1, 2, 10, 100, 500, 500, 1400);
    const extra: Partial<Row> = {};
    const what = below(100);
    if (what < 35) length = pick(length, 500);
    else if (what < 45) seq -= pick(1, 1, 2, 500, 100, 1000, below(3000));
    else if (what < 50) [seq, length] = [seq - 1, pick(0, 1, 1, 2)];
    else if (what < 55) seq += pick(1, 500, below(3000));
    else if (what < 58) length = 1;
    else if (what < 60) seq = peer.lastAck;
    else if (what < 90) length = 0;
    else if (what < 92) [length, flags] = [pick(0, 0, 10), flags | FIN];
    else if (what < 93) [length, flags, seq] = [0, pick(RST, RST | ACK), pick(seq, peer.lastAck)];
    else if (what < 95 && wild)
      [flags, seq, ack, length] = [SYN, pick(me.isn, u32(), seq), 0, pick(0, 0, 50)];
    else if (what < 96 && wild) [flags, seq, length] = [SYN | ACK, pick(me.isn, u32(), seq), 0];
    else if (what < 97 && wild) flags = pick(0, PSH, FIN, ACK | SYN | FIN, FIN | SYN);
    else length = 0;
    if (flags & SYN) Object.assign(extra, offers(d));
    else if (length === 0 && !(flags & RST) && chance(0.25)) {
      extra.sack = Array.from({ length: 1 + below(3) }).flatMap(() => {
        const left = me.lastAck + below(3000);
        return [left >>> 0, (left + 1 + below(1500)) >>> 0];
      });
    }
    if (chance(0.12)) me.window = pick(0, 0, 100, 500, 1000, 65535, below(65536));
    if (chance(0.08) && !(flags & SYN)) {
      // To the edge of the peer's window, where that is near.
      const scaled = sides.every(({ scale }) => scale !== undefined) ? Math.min(14, peer.scale!) : 0;
      const room = (peer.lastAck + peer.window * 2 ** scaled - seq) >>> 0;
      if (room > 0 && room < 1460) length = room;
    }
    for (let times = chance(0.8) ? 1 : 1 + below(5); times > 0; times--)
      send(d, seq, ack, flags, length, extra);
  }
  return rows;
}

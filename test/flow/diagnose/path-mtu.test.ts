// What tells a path-MTU black hole from loss, from a peer that vanished, and from a sender that was told by ICMP, when
// all that a capture has of it are TCP segments.
import { describe, expect, test } from "vitest";
import { ACK, FIN, RST } from "../../../assembly/layout/wire.ts";
import type { Row } from "../segments.ts";
import { diagnose, names, only } from "./diagnosed.ts";
import { Talk, type TalkOptions } from "./talk.ts";

/** With IPv4's header and TCP's, which have no options here, 1,500 bytes. */
const FULL = 1460;
const RETRIES = [200, 400, 800, 1600];

/** A request that was answered, then `segments` full ones and a small one of 160 bytes, of which nothing is heard yet. */
function upload({
  segments = 4,
  tail = 160,
  ...options
}: TalkOptions & { segments?: number; tail?: number } = {}) {
  const talk = new Talk(options).open().request();
  const start = talk.next[0];
  for (let i = 0; i < segments; i++) talk.data(0, FULL);
  if (tail > 0) talk.data(0, tail);
  const first = (length = FULL): Partial<Row> => ({ seq: start, flags: ACK, length });
  const hole = { ack: start };
  const small = { ...hole, sack: [(talk.next[0] - tail) >>> 0, talk.next[0]] };
  return { talk, start, first, hole, small };
}

function retried(talk: Talk, again: Partial<Row>, pauses: readonly number[] = RETRIES): Talk {
  for (const pause of pauses) talk.wait(pause).raw(0, again);
  return talk;
}

describe("a path-MTU black hole", () => {
  test("the small segment behind the large ones is acknowledged, they never are", () => {
    const { talk, first, small } = upload();
    talk.wait(20).ack(1, small);
    const d = only(retried(talk, first()).rows);
    expect(d).toMatchObject({ name: "path-mtu-black-hole", severity: "problem", streams: [0] });
    expect(d.title).toContain("Packets of 1,500 bytes from the client 192.0.2.7:50000");
    expect(d.values).toMatchObject({ size: 1500, passed: 140, retransmissions: 4, passedInSmaller: 0 });
    // The first large one, the request that had passed, the ACK of the small one, and the retries.
    expect(d.frames).toEqual([4, 7, 12, 13, 14, 15, 16]);
    for (const setting of ["type 3 code 4", "--clamp-mss-to-pmtu", "tcp_mtu_probing=1", "-s 1472"])
      expect(d.advice).toContain(setting);
  });

  test("an end without SACK repeats its ACK for the small one", () => {
    const { talk, first, hole } = upload();
    talk.wait(20).ack(1, hole).wait(1).ack(1, hole);
    expect(names(retried(talk, first()).rows)).toEqual(["path-mtu-black-hole"]);
  });

  test("from the server, over IPv6: sizes and ping are those of IPv6", () => {
    const talk = new Talk({ client: "2001:db8::7", server: "2001:db8::3" }).open().request();
    const start = talk.next[1];
    for (let i = 0; i < 3; i++) talk.data(1, 1440);
    talk.data(1, 100).wait(1);
    talk.ack(0, { ack: start, sack: [talk.next[1] - 100, talk.next[1]] });
    for (const pause of RETRIES) talk.wait(pause).raw(1, { seq: start, length: 1440 });
    const d = only(talk.rows);
    expect(d.title).toContain("Packets of 1,500 bytes from the server [2001:db8::3]:5432");
    expect(d.advice).toContain("-s 1452");
    expect(d.values.passed).toBe(860);
  });

  test("nothing is heard but that the other end closes, and the ACK of its FIN arrives", () => {
    const { talk, first, hole } = upload({ segments: 10, tail: 0 });
    retried(talk, first())
      .wait(500)
      .raw(1, { flags: FIN | ACK, ...hole });
    talk.next[1]++;
    talk.ack(0).wait(2000).raw(0, first());
    const d = only(talk.rows);
    expect(d.name).toBe("path-mtu-black-hole");
    expect(d.explanation).toContain("the other end was still there (frame 21)");
  });

  test("looks alike: the other end repeats its FIN, so that small ones do not reach it either", () => {
    const { talk, first, hole } = upload({ segments: 10, tail: 0 });
    retried(talk, first());
    for (const pause of [500, 300, 600, 1200])
      talk
        .wait(pause)
        .raw(1, { flags: FIN | ACK, ...hole })
        .ack(0);
    talk.wait(2000).raw(0, first());
    expect(names(talk.rows)).not.toContain("path-mtu-black-hole");
  });

  test("looks alike: nothing is heard any more; that it may be one is said, with what tells", () => {
    const { talk, first } = upload({ segments: 10, tail: 0 });
    const d = only(retried(talk, first()).rows);
    expect(d.name).toBe("peer-vanished");
    expect(d.explanation).toContain("a path-MTU black hole looks alike. ping -M do -s 1472");
    const small = new Talk().open().request().data(0);
    for (const pause of RETRIES) small.wait(pause).again(0);
    expect(only(small.rows).explanation).not.toContain("black hole");
  });

  test("the sender finds out: the same bytes in smaller segments are acknowledged at once", () => {
    const { talk, start, first, small } = upload();
    talk.wait(20).ack(1, small);
    retried(talk, first()).wait(3200).raw(0, first(1024)).wait(20);
    talk.raw(1, { ...small, ack: start + 1024 });
    for (let sent = 1024; sent < 4 * FULL; sent += 1024)
      talk.raw(0, { seq: start + sent, length: Math.min(1024, 4 * FULL - sent) });
    const d = only(talk.wait(20).ack(1).close().rows);
    expect(d).toMatchObject({ name: "path-mtu-black-hole", severity: "warning" });
    expect(d.values).toMatchObject({ size: 1500, passed: 1064, retransmissions: 4, passedInSmaller: 1 });
    expect(Math.round(d.values.stalled / 100)).toBe(62);
    expect(d.explanation).toContain("packets of 1,064 bytes (frame 17)");
    expect(d.advice).not.toContain("tcp_mtu_probing");
  });

  test("what the sender tries larger later, in vain, is no loss either", () => {
    const { talk, start, first, small } = upload();
    talk.wait(20).ack(1, small);
    retried(talk, first()).wait(3200).raw(0, first(1024)).wait(20);
    talk.raw(1, { ...small, ack: start + 1024 });
    for (let sent = 1024; sent < 4 * FULL; sent += 1024)
      talk.raw(0, { seq: start + sent, length: Math.min(1024, 4 * FULL - sent) });
    talk.wait(20).ack(1);
    for (let i = 0; i < 6; i++) {
      const probe = talk.next[0];
      talk.data(0, 1400).data(0, 1024).wait(20);
      talk.ack(1, { ack: probe, sack: [probe + 1400, talk.next[0]] });
      talk
        .raw(0, { seq: probe, length: 1024 })
        .raw(0, { seq: probe + 1024, length: 376 })
        .wait(20)
        .ack(1);
    }
    expect(names(talk.close().rows)).toEqual(["path-mtu-black-hole"]);
  });
});

describe("what looks like a path-MTU black hole", () => {
  test("ICMP was believed: all is sent again at once in smaller segments, which is no loss", () => {
    const { talk, start, first } = upload({ segments: 8, tail: 0 });
    talk.wait(5).raw(0, first(1360));
    for (let sent = 1360; sent < 8 * FULL; sent += 1360)
      talk.raw(0, { seq: start + sent, length: Math.min(1360, 8 * FULL - sent) });
    expect(names(talk.wait(20).ack(1).close().rows)).toEqual([]);
  });

  test("large segments are lost, and arrive in the end as large as they were", () => {
    const { talk, start, first, small } = upload({ segments: 6 });
    talk.wait(20).ack(1, small);
    retried(talk, first()).wait(20);
    for (let i = 1; i < 6; i++) {
      talk.ack(1, { ...small, ack: start + i * FULL }).raw(0, { seq: start + i * FULL, length: FULL });
    }
    const d = only(talk.wait(20).ack(1).close().rows);
    expect(d).toMatchObject({ name: "loss" });
    expect(d.values.retransmissions).toBe(9);
    expect(d.frames).toEqual([15, 16, 17, 18, 20, 22]);
  });

  test("one large segment does not arrive, others as large do: something drops it for what it says", () => {
    const { talk, start, first } = upload({ segments: 6, tail: 0 });
    talk.wait(20).ack(1, { ack: start, sack: [start + FULL, talk.next[0]] });
    expect(names(retried(talk, first()).rows)).not.toContain("path-mtu-black-hole");
  });

  test("as large ones had passed before", () => {
    const talk = new Talk().open().data(0, FULL).wait(20).ack(1);
    const start = talk.next[0];
    for (let i = 0; i < 4; i++) talk.data(0, FULL);
    talk
      .data(0, 160)
      .wait(20)
      .ack(1, { ack: start, sack: [start + 4 * FULL, talk.next[0]] });
    for (const pause of RETRIES) talk.wait(pause).raw(0, { seq: start, length: FULL });
    expect(names(talk.rows)).not.toContain("path-mtu-black-hole");
  });

  test("what does not arrive is no larger than every way takes", () => {
    const talk = new Talk().open().request();
    const start = talk.next[0];
    for (let i = 0; i < 4; i++) talk.data(0, 500);
    talk
      .data(0, 100)
      .wait(20)
      .ack(1, { ack: start, sack: [start + 2000, talk.next[0]] });
    for (const pause of RETRIES) talk.wait(pause).raw(0, { seq: start, length: 500 });
    expect(names(talk.rows)).not.toContain("path-mtu-black-hole");
  });

  test("the receiver resets the connection, and nothing shows that small ones still passed", () => {
    const { talk, first, hole } = upload({ segments: 10, tail: 0 });
    retried(talk, first())
      .wait(500)
      .raw(1, { flags: RST | ACK, ...hole });
    expect(names(talk.rows)).not.toContain("path-mtu-black-hole");
  });

  test("two retries alone are a bad moment", () => {
    const { talk, first, small } = upload();
    talk.wait(20).ack(1, small);
    expect(names(retried(talk, first(), [200, 400]).rows)).toEqual([]);
  });

  test("the smaller segment is acknowledged only as late as the larger one may have been", () => {
    const { talk, start, first } = upload({ segments: 1, tail: 0 });
    retried(talk, first(), [200, 400, 800]).wait(100).raw(0, first(1024)).wait(300);
    talk.raw(1, { ack: start + FULL });
    expect(diagnose(talk.rows).map(({ name }) => name)).not.toContain("path-mtu-black-hole");
  });
});

test("numbers may wrap in the middle of it", () => {
  const { talk, first, small } = upload({ isn: 2 ** 32 - 3000 });
  talk.wait(20).ack(1, small);
  expect(names(retried(talk, first()).rows)).toEqual(["path-mtu-black-hole"]);
});

import { describe, expect, test } from "vitest";
import { ACK, SYN } from "../../../assembly/layout/wire.ts";
import { Diagnoser, FlowTracker } from "../../../src/flow/index.ts";
import { segmentsOf } from "../segments.ts";
import { diagnose, names, only } from "./diagnosed.ts";
import { meanwhile, merged, Talk } from "./talk.ts";

const minutes = 60_000;

const LINUX = { mss: 1460, windowScale: 7, sackPermitted: true };
const SYN_AGAIN = { seq: 1000, ack: 0, flags: SYN, window: 64240, ...LINUX };
const SYN_ACK = { flags: SYN | ACK, window: 65160, ...LINUX };

test("a quiet capture gets a quiet answer", () => {
  expect(names(new Talk().open().request().request().close().rows)).toEqual([]);
});

test("conversations that the tracker gave up are diagnosed as if it had held them", () => {
  const rows = [0, 1, 2, 3].flatMap(
    (i) =>
      new Talk({ clientPort: 40_000 + i, at: i * 60 * minutes })
        .open()
        .request()
        .wait(15 * minutes)
        .data(0)
        .wait(20)
        .unknown(1).rows,
  );
  const diagnosed = [100, 1].map((maxFlows) => {
    const diagnoser = new Diagnoser();
    const tracker = new FlowTracker({
      random: (bytes) => bytes.fill(7),
      maxFlows,
      onEvicted: (record) => diagnoser.depart(record),
    });
    const segments = segmentsOf(rows);
    diagnoser.add(segments, tracker.add(segments));
    expect(tracker.evictedCount).toBe(maxFlows === 1 ? 3 : 0);
    return diagnoser.diagnose(tracker.flows());
  });
  expect(diagnosed[0].length).toBeGreaterThan(0);
  expect(diagnosed[1]).toEqual(diagnosed[0]);
});

describe("idle timeout of something in between", () => {
  const story = () =>
    new Talk()
      .open()
      .request()
      .wait(4 * minutes)
      .request()
      .wait(15 * minutes);

  test("data after a long silence meets a RST: told with the silence, the one survived, and the setting", () => {
    const d = only(story().data(0).wait(20).unknown(1).rows);
    expect(d).toMatchObject({ name: "idle-timeout", severity: "problem", streams: [0] });
    expect(Math.round(d.values.idle / 1000)).toBe(900);
    expect(Math.round(d.values.survivedIdle / 1000)).toBe(240);
    expect(d.values.suggestedKeepAliveIdle).toBe(240_000 - (240_000 % 10_000));
    expect(d.advice).toContain("TCP_KEEPIDLE");
    expect(d.frames).toEqual([10, 11]);
  });

  test("data after a long silence meets silence: the other end is left with a zombie", () => {
    const talk = story().data(0);
    for (const pause of [200, 400, 800, 1600]) talk.wait(pause).again(0);
    const d = only(talk.rows);
    expect(d.name).toBe("idle-timeout");
    expect(d.title).toContain("silence");
    expect(d.explanation).toContain("zombie");
    expect(d.explanation).toContain("4 retransmissions");
  });

  test("looks alike: the same silence, and the data is answered", () => {
    expect(names(story().request().close().rows)).toEqual([]);
  });

  test("looks alike: keep-alive probes held the session, and the RST closes it in order", () => {
    const talk = new Talk().open().request();
    for (let i = 0; i < 15; i++) talk.wait(minutes).probe(0).wait(20).ack(1);
    expect(names(talk.wait(minutes).request().rst(0).rows)).toEqual([]);
  });

  test("many pooled sessions that fail alike are told once", () => {
    const talks = Array.from(
      { length: 30 },
      (_, i) =>
        new Talk({ clientPort: 50000 + i, at: i * 10 })
          .open()
          .request()
          .wait(10 * minutes)
          .data(0)
          .wait(20)
          .unknown(1).rows,
    );
    const d = only(merged(...talks));
    expect(d.conversations).toBe(30);
    expect(d.streams).toHaveLength(30);
  });
});

describe("keep-alive", () => {
  const probed = (probes: number) => {
    const talk = new Talk().open().request().wait(60_000);
    for (let i = 0; i < probes; i++) talk.probe(0).wait(10_000);
    return talk;
  };

  test("probes that nobody answers: the peer is gone, and the RST at the end clears the zombie", () => {
    const d = only(probed(5).rst(0).rows);
    expect(d.name).toBe("keep-alive-unanswered");
    expect(d.values).toMatchObject({ unanswered: 5, interval: 10_000, cleared: 1 });
    expect(d.explanation).toContain("cleared a zombie");
  });

  test("without the end in the capture it is a zombie still", () => {
    expect(only(probed(3).rows).explanation).toContain("zombie that holds");
  });

  test("looks alike: the second probe is answered (one lost probe never kills)", () => {
    expect(names(probed(2).ack(1).wait(1000).close().rows)).toEqual([]);
  });
});

test("data sent again and again into silence: the peer vanished", () => {
  const talk = new Talk().open().request().data(0);
  for (const pause of [200, 400, 800, 1600, 3200]) talk.wait(pause).again(0);
  expect(only(talk.rows).name).toBe("peer-vanished");
  expect(names(talk.wait(20).ack(1).wait(5).request().close().rows)).not.toContain("peer-vanished");
});

describe("an end that knows no such session", () => {
  test("answers data with a RST that has no ACK", () => {
    expect(only(new Talk().open().request().data(0).wait(20).unknown(1).rows).name).toBe("unknown-session");
  });

  test("looks alike: the application aborts, with a RST that acknowledges", () => {
    expect(names(new Talk().open().request().data(0).wait(20).rst(1).rows)).toEqual([]);
  });
});

describe("CLOSE-WAIT", () => {
  const closed = () => new Talk().open().request().fin(0).wait(20).ack(1);

  test("an end that acknowledges the FIN and never closes", () => {
    const d = diagnose(merged(closed().rows, meanwhile(5 * minutes))).find(
      ({ name }) => name === "close-wait",
    );
    expect(d?.title).toContain("server 198.51.100.3:5432");
    expect(Math.round(d!.values.since / minutes)).toBe(5);
  });

  test("the capture's end is its latest time, whatever clock the last frame is of", () => {
    const early = new Talk({ clientPort: 60_000, at: -60_000 }).open();
    const d = diagnose([...merged(closed().rows, meanwhile(5 * minutes)), ...early.rows]).find(
      ({ name }) => name === "close-wait",
    );
    expect(Math.round(d!.values.since / minutes)).toBe(5);
  });

  test("looks alike: it closes after ten seconds", () => {
    expect(names(merged(closed().wait(10_000).fin(1).wait(1).ack(0).rows, meanwhile(5 * minutes)))).toEqual(
      [],
    );
  });

  test("looks alike: what it acknowledges after the FIN is what came before it", () => {
    const talk = new Talk().open().request();
    const fin = talk.next[0];
    talk.fin(0).wait(1).ack(1, { ack: fin });
    expect(names(merged(talk.rows, meanwhile(5 * minutes)))).not.toContain("close-wait");
  });

  test("looks alike: the end that closed resets what the other still sends", () => {
    const talk = closed().data(1, 100).wait(20).rst(0);
    expect(names(merged(talk.rows, meanwhile(5 * minutes)))).not.toContain("close-wait");
  });

  test("looks alike: it still sends, over a half-closed connection", () => {
    const talk = closed();
    while (talk.now < 5 * minutes) talk.wait(5000).data(1, 1000).wait(1).ack(0);
    expect(names(merged(talk.rows, meanwhile(5 * minutes)))).toEqual([]);
  });
});

describe("opening", () => {
  test("SYNs that nobody answers", () => {
    const talk = new Talk().syn();
    for (const pause of [1000, 2000, 4000])
      talk.wait(pause).raw(0, { ...talk.rows[0], time: BigInt(talk.now * 1e6) + 1_700_000_000_000_000_000n });
    const d = only(talk.rows);
    expect(d).toMatchObject({ name: "syn-unanswered", frames: [1, 2, 3, 4] });
  });

  test("looks alike: a single SYN just before the capture ends", () => {
    expect(names(new Talk().syn().rows)).toEqual([]);
  });

  test("a SYN answered by RST", () => {
    const talk = new Talk().syn().wait(20).rst(1, { seq: 0 });
    expect(only(talk.rows).name).toBe("syn-refused");
  });

  test("the same ports again within a minute", () => {
    const first = new Talk().open().request().close();
    const second = new Talk({ at: first.now + 5000, isn: 90_000_000 }).open().request().close();
    const d = only(merged(first.rows, second.rows));
    expect(d).toMatchObject({ name: "port-reuse", severity: "note" });
    const later = new Talk({ at: first.now + 5 * minutes, isn: 90_000_000 }).open().request().close();
    expect(names(merged(first.rows, later.rows))).toEqual([]);
  });

  test("the same ports again, and the new SYN is refused", () => {
    const first = new Talk().open().request().close();
    const second = new Talk({ at: first.now + 500, isn: 90_000_000 }).syn().wait(20).rst(1, { seq: 0 });
    expect(
      diagnose(merged(first.rows, second.rows)).find(({ name }) => name === "port-reuse")?.severity,
    ).toBe("problem");
  });

  test("options that the server grants to others are missing for one client", () => {
    const good = new Talk({ client: "192.0.2.8" }).open().request().close();
    const stripped = new Talk({ serverSyn: { mss: 1460 } }).open().request().close();
    expect(only(merged(good.rows, stripped.rows))).toMatchObject({ name: "options-stripped", streams: [1] });
    expect(names(stripped.rows)).toEqual([]);
  });
});

describe("what is not as it seems", () => {
  test("one direction alone", () => {
    const rows = new Talk()
      .open()
      .request()
      .request()
      .request()
      .close()
      .rows.filter(({ src }) => src === "192.0.2.7");
    expect(names(rows)).toContain("one-sided");
  });

  test("a client seen from one side was answered, for it acknowledges: its SYN is no unanswered one", () => {
    const talk = new Talk().open().request().wait(5000).request().close();
    expect(names(talk.rows.filter(({ src }) => src === "192.0.2.7"))).toEqual(["one-sided"]);
  });

  test("a RST from another distance, after which its sender goes on", () => {
    const talk = new Talk().open().request().data(0).wait(3).rst(1, { ttl: 121 }).wait(10).data(1, 500);
    expect(names(talk.rows)).toContain("reset-injected");
    expect(names(new Talk().open().request().rst(1).rows)).toEqual([]);
  });
});

describe("a handshake that was sent again", () => {
  const late = () => new Talk().syn().wait(1000).raw(0, SYN_AGAIN).wait(20);

  test("is slow, and its SYNs are no data that was lost", () => {
    const talk = late()
      .wait(2000)
      .raw(0, SYN_AGAIN)
      .wait(4000)
      .raw(0, SYN_AGAIN)
      .wait(8000)
      .raw(0, SYN_AGAIN);
    const d = only(answered(talk.wait(16_000).raw(0, SYN_AGAIN).wait(20)).request().close().rows);
    expect(d).toMatchObject({ name: "slow-handshake", severity: "warning", values: { syns: 6, synAcks: 1 } });
    expect(d.explanation).toContain("those before it were lost");
  });

  test("whose first SYN was answered lost the answer", () => {
    const talk = new Talk().syn().wait(20).raw(1, SYN_ACK).wait(980).raw(0, SYN_AGAIN).wait(20);
    expect(only(answered(talk).request().close().rows).explanation).toContain("The server did answer before");
  });

  test("looks alike: the way there and back takes longer than a SYN waits", () => {
    const talk = new Talk({ delay: 700 }).syn().wait(1000).raw(0, SYN_AGAIN).wait(400);
    expect(names(answered(talk).request().request().close().rows)).toEqual([]);
  });

  test("looks alike: a quick repetition costs nobody anything", () => {
    expect(
      names(answered(new Talk().syn().wait(100).raw(0, SYN_AGAIN).wait(20)).request().close().rows),
    ).toEqual([]);
  });
});

test("conversations beyond the bound are counted, not kept", () => {
  const tracker = new FlowTracker({ random: (bytes) => bytes.fill(1) });
  const diagnoser = new Diagnoser({ maxFlows: 2 });
  const talks = Array.from({ length: 5 }, (_, i) => new Talk({ clientPort: 40000 + i, at: i }).open().rows);
  const segments = segmentsOf(merged(...talks));
  diagnoser.add(segments, tracker.add(segments));
  expect(diagnoser.unexamined).toBe(3);
});

/** The server's SYN,ACK and the client's answer. */
function answered(talk: Talk): Talk {
  talk.raw(1, SYN_ACK);
  talk.next[1]++;
  return talk.raw(0, {});
}

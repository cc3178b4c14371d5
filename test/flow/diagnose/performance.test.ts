import { describe, expect, test } from "vitest";
import type { Row } from "../segments.ts";
import { diagnose, names, only } from "./diagnosed.ts";
import { meanwhile, merged, Talk } from "./talk.ts";

const minutes = 60_000;

describe("performance", () => {
  /** The server sends `n` segments, of which the capture sees those sent again that `lost` names. */
  const transfer = (n: number, lost: (i: number) => boolean) => {
    const talk = new Talk().open().request();
    for (let i = 0; i < n; i++) {
      talk.data(1, 1460).wait(1);
      if (lost(i)) talk.wait(250).again(1, 1460).wait(1);
      talk.ack(0).wait(1);
    }
    return talk.close();
  };

  test("five in a hundred segments sent again, behind the point of capture", () => {
    const d = only(transfer(200, (i) => i % 20 === 7).rows);
    expect(d).toMatchObject({ name: "loss", severity: "warning" });
    expect(d.explanation).toContain("behind the point of capture");
    expect(d.values.retransmissions).toBe(10);
  });

  test("every third segment sent again is a storm", () => {
    expect(only(transfer(60, (i) => i % 3 === 0).rows)).toMatchObject({ name: "loss", severity: "problem" });
  });

  test("looks alike: one lost segment in two hundred", () => {
    expect(names(transfer(200, (i) => i === 100).rows)).toEqual([]);
  });

  test("a window that closes for two seconds", () => {
    const talk = new Talk().open().request();
    talk.data(1, 1000).wait(1).ack(0, { window: 0 }).wait(2000).ack(0).wait(1).data(1, 1000).wait(1).ack(0);
    const d = only(talk.close().rows);
    expect(d).toMatchObject({ name: "zero-window", severity: "problem" });
    expect(Math.round(d.values.closedFor)).toBe(2000);
  });

  test("a window that a RST finds closed was closed until then, however long the capture goes on", () => {
    const shut = (wait: number) => {
      const talk = new Talk().open().request();
      talk.data(1, 1000).wait(1).ack(0, { window: 0 }).wait(wait).rst(0);
      return diagnose(merged(talk.rows, meanwhile(5 * minutes))).filter(({ name }) => name === "zero-window");
    };
    expect(shut(50)).toEqual([]);
    const [d] = shut(2000);
    expect(Math.round(d.values.closedFor)).toBe(2000);
    expect(d.explanation).toContain("until a RST ended the connection");
  });

  test("a clock that is set back takes nothing from the time that a window was closed before", () => {
    const talk = new Talk().open().request();
    const shut = () => talk.data(1, 1000).wait(1).ack(0, { window: 0 });
    shut().wait(2000).ack(0).wait(1);
    shut().wait(-60_000).ack(0).wait(1).data(1, 1000).wait(1).ack(0);
    const [d] = diagnose(talk.rows).filter(({ name }) => name === "zero-window");
    expect(Math.round(d.values.closedFor)).toBe(2000);
  });

  test("looks alike: a window that closes for 50 milliseconds", () => {
    const talk = new Talk().open().request();
    talk.data(1, 1000).wait(1).ack(0, { window: 0 }).wait(50).ack(0).wait(1).data(1, 1000).wait(1).ack(0);
    expect(names(talk.close().rows)).toEqual([]);
  });

  const filling = (clientSyn: Partial<Row>, window: number, rounds: number) => {
    const talk = new Talk({ clientSyn }).open();
    talk.window[0] = window;
    talk.ack(0).request();
    for (let round = 0; round < rounds; round++) {
      for (let sent = 0; sent < window; sent += 1460) talk.data(1, Math.min(1460, window - sent));
      talk.wait(20).ack(0);
    }
    return talk.close();
  };

  test("a window without scaling that the sender fills again and again", () => {
    const d = only(filling({ mss: 1460 }, 14_600, 6).rows);
    expect(d.name).toBe("receiver-limited");
    expect(d.explanation).toContain("The client did not offer window scaling");
  });

  test("looks alike: the window is filled once", () => {
    expect(names(filling({ mss: 1460 }, 14_600, 1).rows)).toEqual([]);
  });

  const chatty = (ackAfter: number, rounds = 6) => {
    const talk = new Talk({ delay: 0.5 }).open();
    for (let i = 0; i < rounds; i++)
      talk.data(0, 20).wait(ackAfter).ack(1).wait(0.1).data(0, 30).wait(1).data(1, 50).wait(1).ack(0).wait(5);
    return talk.close();
  };

  test("small writes that wait for delayed ACKs", () => {
    const d = only(chatty(40).rows);
    expect(d).toMatchObject({ name: "delayed-ack" });
    expect(Math.round(d.values.delay)).toBe(40);
    expect(d.advice).toContain("TCP_NODELAY");
  });

  test("looks alike: the ACK comes at once", () => {
    expect(names(chatty(1).rows)).toEqual([]);
  });
});

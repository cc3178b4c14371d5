// Whose network card it is that a capture shows, told from checksums and segments larger than the MSS.
import { expect, test } from "vitest";
import { CHECKSUM_GOOD, CHECKSUM_PARTIAL } from "../../../assembly/layout/status.ts";
import type { Segments } from "../../../src/capture/segments.ts";
import { only } from "./diagnosed.ts";
import { Talk } from "./talk.ts";

test("partial checksums are the network card's, not an error", () => {
  const d = only(new Talk().open().request().close().rows, sums({ 50000: "partial" }));
  expect(d).toMatchObject({ name: "offload", severity: "note", values: { partial: 6, largest: 0 } });
  expect(d.title).toBe("Offloading shows: the capture was taken inside 192.0.2.7");
  expect(d.frames).toEqual([1, 3, 4]);
});

test("segments larger than the MSS are the network card's too; whose, they do not tell", () => {
  const d = only(new Talk().open().request(100, 20_000).close().rows);
  expect(d).toMatchObject({ name: "offload", frames: [5], values: { partial: 0, largest: 20_000 } });
  expect(d.title).toContain("inside 192.0.2.7 or 198.51.100.3");
});

test("an end that leaves its sums to the card gets segments that were joined on receipt", () => {
  const d = only(
    new Talk().open().request(100, 20_000).close().rows,
    sums({ 50000: "partial", 5432: "partial with data" }),
  );
  expect(d.title).toMatch(/inside 192\.0\.2\.7$/);
  expect(d.explanation).toContain("From the server 198.51.100.3:5432 come segments of up to 20,000 bytes");
  expect(d.explanation).toContain("joined on receipt");
});

test("partial sums of an end's data alone were joined by the receiver", () => {
  const d = only(new Talk().open().request().request().close().rows, sums({ 5432: "partial with data" }));
  expect(d.title).toMatch(/inside 192\.0\.2\.7$/);
  expect(d.explanation).toContain("2 segments without a full checksum");
});

test("both ends on one machine leave their sums to nobody", () => {
  const both = sums({ 50000: "partial", 5432: "partial" });
  expect(only(new Talk().open().request().close().rows, both).title).toContain(
    "on the machine of both 192.0.2.7 and 198.51.100.3",
  );
  const loopback = { client: "127.0.0.1", server: "127.0.0.1" };
  const d = only(new Talk(loopback).open().request().close().rows, both);
  expect(d.title).toContain("on the loopback interface");
  expect(d).toMatchObject({ streams: [0], conversations: 1 });
});

/** Gives the segments from these ports partial checksums, all or those with data, and all others good ones. */
function sums(of: Record<number, "partial" | "partial with data">): (segments: Segments) => void {
  return (segments) => {
    for (let i = 0; i < segments.length; i++) {
      const how = of[segments.srcPort[i]];
      const partial = how === "partial" || (how !== undefined && segments.payloadLength[i] > 0);
      segments.checksumStatus[i] = partial ? CHECKSUM_PARTIAL : CHECKSUM_GOOD;
    }
  };
}

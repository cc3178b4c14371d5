// Options without a column of their own that Wireshark's rules look at.
import { describe, expect, test } from "vitest";
import { findingNames } from "../../src/flow/index.ts";
import { Talk } from "./talk.ts";

const findings = (talk: Talk) => Array.from(talk.said().findings, findingNames);

describe("TCP fast open", () => {
  test.each([
    ["the option", [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1]],
    ["the experimental option", [254, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8]],
    ["the option behind another", [8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 34, 6, 1, 2, 3, 4]],
  ])("with a cookie in %s is told of the SYN", (_, options) => {
    expect(findings(new Talk().client(0, "S", "0:100", undefined, { options }))).toEqual([["tfo_syn"]]);
  });

  test.each([
    ["asks for a cookie", [34, 2, 1, 1]],
    ["is another experiment", [254, 6, 0x12, 0x34, 1, 2]],
    ["is cut short", [34, 10, 1, 2]],
    ["has no length", [34, 0, 1, 2]],
  ])("is not told where the option %s", (_, options) => {
    expect(findings(new Talk().client(0, "S", 0, undefined, { options }))).toEqual([[]]);
  });

  test("that was accepted is told of the SYN-ACK", () => {
    const talk = new Talk().client(0, "S", "0:100", undefined, { options: [34, 6, 1, 2, 3, 4, 1, 1] });
    expect(findings(talk.server(20, "SA", 0, 101))[1]).toEqual(["tfo_ack"]);
    const ignored = new Talk().client(0, "S", "0:100").server(20, "SA", 0, 1);
    expect(findings(ignored)[1]).toEqual([]);
  });
});

describe("an acknowledgment that is repeated with a new MPTCP option", () => {
  const key = [30, 12, 0, 0x81, 1, 2, 3, 4, 5, 6, 7, 8];
  const dss = [30, 4, 0x20, 0];
  const addAddress = [30, 8, 0x34, 1, 10, 0, 0, 1];
  const open = () => new Talk().handshake(20, { options: key }).client(30, "A", "1:101", 1, { options: dss });

  test("is no duplicate, for the sender of the next one", () => {
    const talk = open().server(50, "A", 1, 101, { options: dss }).server(51, "A", 1, 101, { options: dss });
    expect(talk.findings).toEqual(["duplicate_ack"]);
    talk.server(52, "A", 1, 101, { options: addAddress }).server(53, "A", 1, 101, { options: dss });
    expect(talk.findings).toEqual([]);
    expect(talk.server(54, "A", 1, 101, { options: dss }).findings).toEqual(["duplicate_ack"]);
  });

  test("is one where no MPTCP was seen before", () => {
    const talk = new Talk().handshake().client(30, "A", "1:101", 1).server(50, "A", 1, 101);
    expect(talk.server(51, "A", 1, 101).findings).toEqual(["duplicate_ack"]);
  });
});

test("more SACK blocks than a header holds are cut, not followed", () => {
  const talk = new Talk().handshake().client(30, "A", "1:1001", 1).client(31, "A", "1001:2001", 1);
  const sack = Array.from({ length: 200 }, (_, i) => 1000 + i);
  talk.server(50, "A", 1, 1, { sack }).client(51, "A", "2001:3001", 1);
  expect(talk.said().bytesInFlight.at(-1)).toBe(3000 - 3);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Analysis, FlowTracker, findingNames } from "../../src/flow/index.ts";
import { wildRows } from "./conversations.ts";
import { oracle, type Said } from "./oracle.ts";
import { type Row, segmentsOf } from "./segments.ts";
import { random, Talk } from "./talk.ts";

function saidOf(analysis: Analysis, i: number): Said {
  const names = [
    "stream",
    "seq",
    "ack",
    "window",
    "duplicateAckNum",
    "duplicateAckFrame",
    "ackedFrame",
  ] as const;
  const more = ["bytesInFlight", "pushBytesSent", "rtoFrame", "completeness"] as const;
  const times = ["ackRtt", "initialRtt", "rto", "timeRelative", "timeDelta"] as const;
  const values = [...names, ...more, ...times].map((name) => [name, analysis[name][i]]);
  return { ...Object.fromEntries(values), findings: findingNames(analysis.findings[i]) };
}

function expectAgreement(rows: readonly Row[]): void {
  const said = new FlowTracker({ random }).add(segmentsOf(rows));
  const framed = rows.map((row, i) => ({ ...row, frame: row.frame ?? i + 1 }));
  for (const [i, expected] of oracle(framed).entries()) {
    expected.findings.sort();
    const actual = saidOf(said, i);
    actual.findings.sort();
    expect({ row: i, ...actual }).toEqual({ row: i, ...expected });
  }
}

test("wild conversations are judged as the plain formulation of the rules judges them", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => expectAgreement(wildRows(seed, 300))),
    { numRuns: 60 },
  );
});

test("a transfer is judged alike wherever its sequence numbers begin, 2^31 and 2^32 included", () => {
  const transfer = (client: number, server: number) => {
    const talk = new Talk({ client, server }).handshake(20, { windowScale: 3 });
    for (let i = 0; i < 30; i++) {
      const at = (from: number) => `${1 + from * 1000}:${1001 + from * 1000}`;
      // Every seventh is lost, asked for three times and sent again.
      if (i % 7 !== 3) talk.client(30 + i, "A", at(i), 1);
      else for (let k = 0; k < 3; k++) talk.server(40 + i, "A", 1, 1 + i * 1000);
      if (i % 7 === 5) talk.client(40 + i, "A", at(i - 2), 1).server(50 + i, "A", 1, 1 + i * 1000);
      if (i % 5 === 0) talk.server(31 + i, "PA", `${1 + i * 100}:${101 + i * 100}`, 1 + i * 1000);
    }
    return talk.rows;
  };
  const plain = new FlowTracker({ random }).add(segmentsOf(transfer(1000, 2000)));
  const bases = fc.oneof(
    fc.integer({ min: 2 ** 31 - 40_000, max: 2 ** 31 + 10 }),
    fc.integer({ min: 2 ** 32 - 40_000, max: 2 ** 32 - 1 }),
    fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  );
  fc.assert(
    fc.property(bases, bases, (client, server) => {
      const rows = transfer(client, server);
      // A number of 0 stands for none, in Wireshark as here.
      fc.pre(
        rows.slice(1).every(({ seq, ack, length = 0 }) => seq !== 0 && ack !== 0 && u32(seq + length) !== 0),
      );
      expectAgreement(rows);
      const shifted = new FlowTracker({ random }).add(segmentsOf(rows));
      for (const name of ["seq", "ack", "findings", "bytesInFlight", "ackedFrame", "judgements"] as const) {
        expect(Array.from(shifted[name].slice(1))).toEqual(Array.from(plain[name].slice(1)));
      }
    }),
  );
});

function u32(n: number): number {
  return n >>> 0;
}

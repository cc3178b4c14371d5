import { describe, expect, test } from "vitest";
import { asCodec, type Codec, type Transfer } from "../../src/bench/adapter.ts";
import { openCloseRace, transferKinds, transferRace } from "../../src/bench/endpoint.ts";
import { EndpointPair, everything, Opener } from "../../src/bench/endpoint-pair.ts";
import { runRace } from "../../src/bench/race.ts";
import { RingCopy } from "../../src/bench/ring-copy.ts";
import { settings } from "../../src/tcp/index.ts";

const chunk = Uint8Array.from({ length: 65536 }, (_, i) => (i * 31) ^ (i >> 8));

function delivered(mover: { transfer(work: Transfer): void }, mtu: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  const take = (bytes: Uint8Array) => void pieces.push(bytes.slice());
  mover.transfer({ chunk, mtu, total: 8 * chunk.length, isCompared: true, take });
  return Buffer.concat(pieces);
}

const timing = (() => {
  let milliseconds = 0;
  return { now: () => (milliseconds += 10), rounds: 2, sample: 10, warm: 10 };
})();

describe.each(transferKinds)("bulk transfer in packets of $mtu bytes ($name)", ({ name, mtu }) => {
  const expected = Buffer.concat(Array(8).fill(chunk));

  test.each([
    ["with the defaults", () => new EndpointPair(mtu, {})],
    ["with all features", () => new EndpointPair(mtu, everything)],
    ["by mere copies", () => new RingCopy(mtu - 40)],
  ])("delivers what was sent, %s, and again over the same connection", (_, make) => {
    const mover = make();
    expect(Buffer.compare(delivered(mover, mtu), expected)).toBe(0);
    expect(Buffer.compare(delivered(mover, mtu), expected)).toBe(0);
  });

  test("a stack beside ours is compared by what it delivers", async () => {
    const deliver = ({ chunk, total, take }: Transfer) => {
      for (let i = 0; i < total; i += chunk.length) take(chunk);
    };
    const wrong = Uint8Array.from(chunk).fill(1, 5, 6);
    const others: Codec[] = [
      { name: "right", transfer: (work) => void deliver(work) as undefined },
      { name: "own clock", transfer: async () => 2e7 },
      { name: "wrong", transfer: (work) => void deliver({ ...work, chunk: wrong }) as undefined },
      { name: "none", checksum: () => 0 },
    ];
    const { standings } = await runRace(transferRace(name, mtu, others), timing);
    const byName = new Map(standings.map((standing) => [standing.name, standing]));
    expect([...byName.keys()]).toEqual([
      "tcpwire, all features",
      "tcpwire, defaults",
      "memory copies through the same rings",
      "right",
      "own clock",
      "wrong",
    ]);
    for (const same of ["tcpwire, defaults", "memory copies through the same rings", "right"]) {
      expect(byName.get(same)?.ratio?.median).toBeGreaterThan(0);
      expect(byName.get(same)?.lacks).toBeUndefined();
    }
    expect(byName.get("own clock")?.lacks).toEqual(["bytes", "hash"]);
    expect(byName.get("own clock")?.ratio?.median).toBe(2);
    expect(byName.get("wrong")?.differs).toEqual(["hash"]);
    expect(byName.get("wrong")?.ratio).toBeUndefined();
  });
});

describe("connections", () => {
  test("end CLOSED on both sides, one like the other", () => {
    const opener = new Opener();
    for (let i = 0; i < 100; i++) opener.openAndClose();
  });

  test("that are kept open settle: nothing is due within a second, nor owed", () => {
    const opener = new Opener();
    const { client, server } = opener.open(settings());
    client.send(chunk.subarray(0, 100), opener.now);
    opener.exchange(client, server);
    opener.settle(client, server);
    for (const end of [client, server]) expect(end.nextTimeout()).toBeGreaterThan(opener.now + 1000);
    expect(client.status().snd.queued).toBe(0);
    expect(server.readable).toBe(100);
  });

  test("of another stack are counted by it", async () => {
    const counts: number[] = [];
    const stack = asCodec({ name: "stack", connections: (count: number) => void counts.push(count) });
    const { standings } = await runRace(openCloseRace([stack]), timing);
    expect(standings.map(({ name }) => name)).toEqual(["tcpwire", "stack"]);
    expect(counts).toEqual([1, 1, 1, 1]); // the outcome, the warming up, two rounds
  });
});

test("a stack that is a program is driven by lines, and compared by the file that it writes", async () => {
  // A stack of one line: what it delivers is what it was given.
  const program = `
    const { readFileSync, writeFileSync } = require("node:fs");
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const [what, , total, chunk, delivered] = line.split(" ");
      if (what === "connections") return console.log("error no connections");
      if (delivered !== "-") writeFileSync(delivered, Buffer.alloc(Number(total), readFileSync(chunk)));
      console.log("1000");
    });`;
  process.env.STACK = `"${process.execPath}" -e '${program}'`;
  const stack = asCodec(await import(new URL("../../bench/adapters/stack-process.js", import.meta.url).href));
  const bulk = await runRace(transferRace("bulk-1460", 1500, [stack]), timing);
  expect(bulk.standings[3].failed).toBeUndefined();
  expect(bulk.standings[3].lacks).toBeUndefined();
  expect(bulk.standings[3].ratio?.median).toBeGreaterThan(0);
  const connections = await runRace(openCloseRace([stack]), timing);
  expect(connections.standings[1].failed).toMatch(/no connections/);
});

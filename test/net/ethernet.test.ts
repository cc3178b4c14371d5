import { describe, expect, test } from "vitest";
import { Host, linkPair } from "../../src/net/index.ts";
import { addressBytes } from "../../src/wire/address.ts";
import { icmp, ipv4, ipv6 } from "./packets.ts";
import { A4, A6, B6, isPattern, pair, pattern, readAll, seeded, turns, VirtualClock } from "./virtual.ts";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

test.each([
  ["ARP", A4],
  ["neighbour discovery", A6],
])("stations find each other by %s and talk", async (_, hostname) => {
  const { a, b } = pair({ kind: "ethernet" });
  const listener = a.listen({ port: 7 });
  const socket = b.connect({ hostname, port: 7 });
  const server = await listener.accept();
  void socket.write(pattern(100_000)).then(() => socket.closeWriting());
  expect(isPattern(await readAll(server.readable), 100_000)).toBe(true);
  await Promise.all([socket.read(new Uint8Array(1)), server.closed]);
  expect(a.counters).toMatchObject({ malformed: 0, badChecksums: 0, notForUs: 0, undeliverable: 0 });
});

test("an ARP request and its reply are those of RFC 826, and the SYN waits for them", async () => {
  const frames: string[] = [];
  const world = pair({ kind: "ethernet" });
  world.wire = (frame, from) => {
    frames.push(`${from} ${hex(frame.subarray(0, 42))}`);
    return true;
  };
  world.b.connect({ hostname: A4, port: 7 });
  expect(frames.slice(0, 2)).toEqual([
    `b ffffffffffff02000000000b0806${"0001080006040001"}02000000000bc0000202000000000000c0000201`,
    `a 02000000000b02000000000a0806${"0001080006040002"}02000000000ac000020102000000000bc0000202`,
  ]);
  expect(frames[2]).toMatch(/^b 02000000000a02000000000b0800/);
});

test("a solicitation and its advertisement are those of RFC 4861", async () => {
  const frames: string[] = [];
  const world = pair({ kind: "ethernet" });
  world.wire = (frame, from) => {
    frames.push(`${from} ${hex(frame)}`);
    return true;
  };
  world.b.connect({ hostname: A6, port: 7 });
  const [a6, b6] = ["20010db8000000000000000000000001", "20010db8000000000000000000000002"];
  expect(frames[0]).toMatch(
    new RegExp(
      `^b 3333ff00000102000000000b86dd6000000000203aff${b6}ff0200000000000000000001ff0000018700....00000000${a6}010102000000000b$`,
    ),
  );
  expect(frames[1]).toMatch(
    new RegExp(
      `^a 02000000000b02000000000a86dd6000000000203aff${a6}${b6}8800....60000000${a6}020102000000000a$`,
    ),
  );
});

test("an address that nobody has is unreachable after three questions, a second apart", async () => {
  const world = pair({ kind: "ethernet" });
  const at: number[] = [];
  world.wire = (_, from) => {
    if (from === "b") at.push(world.clock.now());
    return true;
  };
  const begun = world.clock.now();
  const socket = world.b.connect({ hostname: "192.0.2.77", port: 7 });
  const failed = expect(socket.opened).rejects.toMatchObject({ code: "EHOSTUNREACH" });
  await world.clock.pass(10_000);
  await failed;
  expect(at.map((time) => time - begun)).toEqual([0, 1_000, 2_000]);
});

test("an answer that has grown old is asked for again, at the station itself, while packets flow", async () => {
  const world = pair({ kind: "ethernet" });
  const listener = world.a.listen({ port: 7 });
  const socket = world.b.connect({ hostname: A4, port: 7 });
  const server = await listener.accept();
  await socket.opened;
  await world.clock.pass(40_000);
  const sent: string[] = [];
  world.wire = (frame, from) => {
    if (from === "a") sent.push(hex(frame.subarray(0, 14)));
    return true;
  };
  await server.write(pattern(10));
  const [arp, ip] = ["02000000000b02000000000a0806", "02000000000b02000000000a0800"];
  expect(sent).toEqual([arp, ip, arp]); // the last answers the other side, which asks as it acknowledges
  expect(await socket.read(new Uint8Array(10))).toBe(10);
});

test("packets for other networks go to the gateway", async () => {
  const clock = new VirtualClock();
  const [atHost, atRouter] = linkPair({ kind: "ethernet" });
  const asked: string[] = [];
  atRouter.start(
    (frame) => asked.push(hex(frame.subarray(38, 42))),
    () => {},
    () => {},
  );
  const host = new Host({
    link: atHost,
    addresses: ["10.0.0.2/24"],
    gateway: "10.0.0.1",
    clock,
    random: seeded(1),
  });
  host.connect({ hostname: "203.0.113.9", port: 80 });
  host.connect({ hostname: "10.0.0.77", port: 80 });
  await turns();
  expect(asked).toEqual(["0a000001", "0a00004d"]);
});

test("frames for other stations, of other protocols and cut short are counted and dropped", () => {
  const clock = new VirtualClock();
  const [atHost, wire] = linkPair({ kind: "ethernet" });
  let answers = 0;
  wire.start(
    () => answers++,
    () => {},
    () => {},
  );
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const host = new Host({ link: atHost, addresses: ["10.0.0.2/24"], mac, clock, random: seeded(1) });
  const request = new Uint8Array(42);
  const fields = "0200000000010200000000990806000108000604000102000000009900000000000000000000" + "0a000002";
  for (let i = 0; i < fields.length / 2; i++)
    request[i] = Number.parseInt(fields.slice(2 * i, 2 * i + 2), 16);
  for (let length = 0; length < 42; length++) wire.send(request.slice(0, length));
  const other = request.slice();
  other[5] = 2;
  wire.send(other);
  const lldp = request.slice();
  lldp.set([0x88, 0xcc], 12);
  wire.send(lldp);
  expect(host.counters).toMatchObject({ malformed: 42, notForUs: 1, unknownProtocol: 1 });
  expect(answers).toBe(0);
  request.set([10, 0, 0, 9], 28);
  request.set([10, 0, 0, 2], 38);
  wire.send(request);
  expect(answers).toBe(1);
});

test.each([
  ["IPv4", "10.0.0.2", ["10.0.0.255", "255.255.255.255", "224.0.0.1"]],
  ["IPv6", "2001:db8::2", ["ff02::1"]],
])(
  "what was sent to all stations, but for one host alone, is dropped: %s (RFC 1122 3.3.6)",
  (family, own, groups) => {
    const [atHost, wire] = linkPair({ kind: "ethernet" });
    wire.start(
      () => {},
      () => {},
      () => {},
    );
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    const host = new Host({
      link: atHost,
      addresses: ["10.0.0.2/24", "2001:db8::2/64"],
      mac,
      clock: new VirtualClock(),
      random: seeded(1),
    });
    const [src, packet, type] =
      family === "IPv4"
        ? (["10.0.0.9", ipv4, [0x08, 0]] as const)
        : (["2001:db8::9", ipv6, [0x86, 0xdd]] as const);
    const send = (station: readonly number[], dst: string) =>
      wire.send(
        Uint8Array.of(...station, 2, 0, 0, 0, 0, 9, ...type, ...packet({ src, dst }, 253, new Uint8Array(8))),
      );
    const everyone = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    const several = [0x01, 0x00, 0x5e, 0, 0, 1];
    send(everyone, own);
    send(several, own);
    expect(host.counters).toMatchObject({ notForUs: 2, unknownProtocol: 0 });
    for (const group of groups) send(everyone, group);
    send([...mac], own);
    expect(host.counters).toMatchObject({ notForUs: 2 + groups.length, unknownProtocol: 1 });
  },
);

describe("neighbour discovery with a station that answers as it likes", () => {
  const [SOLICITED, OVERRIDE] = [0x40, 0x20];
  const STATION = Uint8Array.of(2, 0, 0, 0, 0, 0xc);
  const OTHER = Uint8Array.of(2, 0, 0, 0, 0, 0xd);
  const OURS = Uint8Array.of(2, 0, 0, 0, 0, 0xb);
  const GROUP = "ff02::1";
  const SOLICITED_NODE = "ff02::1:ff00:2";

  interface Told {
    readonly flags: number;
    readonly station?: Uint8Array;
    readonly dst?: string;
    readonly code?: number;
  }

  /** A host at B6, and what it asks about A6: where each question goes, and when, counted from the first. */
  function lone() {
    const clock = new VirtualClock();
    const [atHost, wire] = linkPair({ kind: "ethernet" });
    const asked: string[] = [];
    const syns: string[] = [];
    const begun = clock.now();
    let answer: Told | null = null;
    const tell = ({ flags, station, dst = B6, code = 0 }: Told) => {
      const rest = Uint8Array.of(flags, 0, 0, 0, ...addressBytes(A6), ...(station ? [2, 1, ...station] : []));
      const packet = icmp({ src: A6, dst }, 136, code, rest);
      packet[7] = 255;
      wire.send(Uint8Array.of(...OURS, ...STATION, 0x86, 0xdd, ...packet));
    };
    wire.start(
      (frame) => {
        const to = hex(frame.subarray(0, 6));
        if (frame[20] !== 58) syns.push(to);
        else {
          asked.push(`${clock.now() - begun} ${to}`);
          if (answer !== null) tell(answer);
        }
      },
      () => {},
      () => {},
    );
    const host = new Host({ link: atHost, addresses: [`${B6}/64`], mac: OURS, clock, random: seeded(1) });
    return {
      clock,
      host,
      wire,
      asked,
      syns,
      tell,
      set answer(told: Told | null) {
        answer = told;
      },
    };
  }

  const EVERYONE = "3333ff000001";

  test("who is asked in person need not say its station again (RFC 4861 7.2.4), as Linux does not", async () => {
    const t = lone();
    t.answer = { flags: SOLICITED | OVERRIDE, station: STATION };
    t.host.connect({ hostname: A6, port: 7 }).opened.catch(() => {});
    t.answer = { flags: SOLICITED };
    await t.clock.pass(100_000);
    expect(t.asked.map((question) => question.split(" ")[1])).toEqual([
      EVERYONE,
      ...t.asked.slice(1).map(() => hex(STATION)),
    ]);
    const times = t.asked.map((question) => Number.parseInt(question, 10));
    for (let i = 1; i < times.length; i++) expect(times[i] - times[i - 1]).toBeGreaterThanOrEqual(30_000);
    expect(t.asked.length).toBeGreaterThan(1);
  });

  test("an answer without a station to a question to everyone tells nothing", async () => {
    const t = lone();
    t.answer = { flags: SOLICITED };
    const failed = expect(t.host.connect({ hostname: A6, port: 7 }).opened).rejects.toMatchObject({
      code: "EHOSTUNREACH",
    });
    await t.clock.pass(10_000);
    await failed;
    expect(t.asked).toEqual([`0 ${EVERYONE}`, `1000 ${EVERYONE}`, `2000 ${EVERYONE}`]);
    expect(t.syns).toEqual([]);
  });

  test.each([
    ["without the override flag, another station is not believed, but asked about", 0, STATION],
    ["with the override flag, another station takes over", OVERRIDE, OTHER],
  ])("%s (RFC 4861 7.2.5)", async (_, flags, next) => {
    const t = lone();
    t.answer = { flags: SOLICITED | OVERRIDE, station: STATION };
    t.host.connect({ hostname: A6, port: 7 }).opened.catch(() => {});
    t.answer = null;
    t.tell({ flags, station: OTHER });
    await t.clock.pass(1_500);
    expect(t.syns).toEqual([hex(STATION), hex(next)]);
    expect(t.asked.slice(1)).toEqual([`1000 ${hex(next)}`]);
  });

  test("when the station is silent, everyone is asked who has the address now (RFC 4861 7.3.3)", async () => {
    const t = lone();
    t.answer = { flags: SOLICITED | OVERRIDE, station: STATION };
    t.host.connect({ hostname: A6, port: 7 }).opened.catch(() => {});
    t.answer = null;
    await t.clock.pass(64_000); // the SYN goes again at 31 s, and at 63 s
    const [first, ...later] = t.asked.map((question) => question.split(" ")[1]);
    const [person, everyone] = [hex(STATION), EVERYONE];
    expect([first, ...later.slice(0, 4)]).toEqual([everyone, person, person, person, everyone]);
  });

  test.each<[string, Told]>([
    ["a code that is not 0", { flags: SOLICITED | OVERRIDE, station: OTHER, code: 1 }],
    ["an answer told to everyone", { flags: SOLICITED | OVERRIDE, station: OTHER, dst: GROUP }],
    ["a group's address for a station", { flags: OVERRIDE, station: Uint8Array.of(0x33, 0x33, 0, 0, 0, 1) }],
  ])("%s is malformed (RFC 4861 7.1.2)", async (_, told) => {
    const t = lone();
    t.answer = { flags: SOLICITED | OVERRIDE, station: STATION };
    t.host.connect({ hostname: A6, port: 7 }).opened.catch(() => {});
    t.tell(told);
    expect(t.host.counters.malformed).toBe(1);
    await t.clock.pass(1_500);
    expect(t.syns).toEqual([hex(STATION), hex(STATION)]);
  });

  test("nobody who asks whether an address is taken names a station, or asks one alone (RFC 4861 7.1.1)", () => {
    const t = lone();
    const ask = (dst: string, options: readonly number[]) => {
      const rest = Uint8Array.of(0, 0, 0, 0, ...addressBytes(B6), ...options);
      const packet = icmp({ src: "::", dst }, 135, 0, rest);
      packet[7] = 255;
      t.wire.send(Uint8Array.of(...OURS, ...STATION, 0x86, 0xdd, ...packet));
    };
    ask(SOLICITED_NODE, [1, 1, ...STATION]);
    ask(B6, []);
    expect(t.host.counters.malformed).toBe(2);
    expect(t.asked).toEqual([]);
    ask(SOLICITED_NODE, []);
    expect(t.asked).toEqual(["0 333300000001"]); // the answer, to all nodes
    expect(t.host.counters.malformed).toBe(2);
  });
});

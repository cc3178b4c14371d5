// One direction of a link: what arrives, when, and what is told of it.
import { describe, expect, test } from "vitest";
import {
  Clock,
  CORRUPTED,
  DUPLICATED,
  fateNames,
  LOST,
  MARKED,
  Path,
  type PathSettings,
  QUEUE_FULL,
  Random,
  REORDERED,
  TOO_BIG,
} from "../../src/sim/index.ts";
import { checksum } from "../../src/wire/index.ts";

/** A path and what arrived on it: time and number of each packet, which stands in its last bytes. */
function path(settings: Partial<PathSettings> = {}, seed = 1) {
  const clock = new Clock(1000);
  const arrived: { at: number; number: number; bytes: Uint8Array }[] = [];
  const made = new Path(clock, new Random(seed), settings, (packet, now) => {
    const number = new DataView(packet.buffer).getUint32(packet.length - 4);
    arrived.push({ at: now - 1000, number, bytes: packet.slice() });
  });
  let count = 0;
  const send = (length = 100, edit?: (packet: Uint8Array) => void) => {
    const packet = ipv4(length);
    new DataView(packet.buffer).setUint32(length - 4, ++count);
    edit?.(packet);
    const fate = made.send(packet);
    packet.fill(0xee); // whoever still looks at it would show
    return fate;
  };
  return { clock, made, arrived, send, numbers: () => arrived.map(({ number }) => number) };
}

function ipv4(length: number): Uint8Array {
  const packet = new Uint8Array(length);
  packet[0] = 0x45;
  packet[2] = length >> 8;
  packet[3] = length;
  packet[9] = 6;
  const sum = checksum(packet.subarray(0, 20));
  packet[10] = sum >> 8;
  packet[11] = sum;
  return packet;
}

test("without settings a packet arrives at once and as it was", () => {
  const { clock, arrived, send, made } = path();
  expect([send(), send()]).toEqual([0, 0]);
  expect(arrived).toEqual([]);
  clock.run(1000);
  expect(arrived.map(({ at, number }) => [at, number])).toEqual([
    [0, 1],
    [0, 2],
  ]);
  expect(arrived[0].bytes.subarray(0, 20)).toEqual(ipv4(100).subarray(0, 20));
  expect(made.counters).toMatchObject({ sent: 2, delivered: 2, bytes: 200, lost: 0 });
});

test("a rate spaces packets by their length, and the delay comes on top", () => {
  const { clock, arrived, send, made } = path({ rate: 80_000, delay: 5 });
  for (const length of [100, 200, 50]) send(length);
  expect([made.queued, made.inFlight]).toEqual([350, 3]);
  clock.run(1015);
  expect(made.queued).toBe(250);
  clock.run(2000);
  expect(arrived.map(({ at }) => at)).toEqual([15, 35, 40]);
  expect([made.queued, made.inFlight]).toEqual([0, 0]);
});

test("a full queue drops at its tail, by bytes and by packets, and never a packet that finds nobody before it", () => {
  const bytes = path({ rate: 80_000, queueBytes: 250 });
  expect(Array.from({ length: 4 }, () => bytes.send())).toEqual([0, 0, QUEUE_FULL, QUEUE_FULL]);
  bytes.clock.run(1010); // the first has left
  expect([bytes.send(), bytes.send()]).toEqual([0, QUEUE_FULL]);
  const packets = path({ rate: 80_000, queuePackets: 3 });
  expect(Array.from({ length: 5 }, () => packets.send(40))).toEqual([0, 0, 0, QUEUE_FULL, QUEUE_FULL]);
  const one = path({ rate: 80_000, queueBytes: 10 });
  expect([one.send(), one.send()]).toEqual([0, QUEUE_FULL]);
  expect(one.made.counters).toMatchObject({ sent: 2, queueFull: 1 });
});

test("a long queue stays exact while thousands come and go", () => {
  const { clock, made, send, arrived } = path({ rate: 800_000 });
  for (let i = 0; i < 5000; i++) {
    send(100); // takes 1 ms
    if (i % 2 === 0) clock.run(clock.now + 1);
  }
  expect(made.queued).toBe(250_000);
  clock.run(1e6);
  expect(arrived.map(({ at }) => at)).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
});

test("jitter delays within its bounds and keeps the order", () => {
  const { clock, arrived, send, numbers } = path({ delay: 10, jitter: 8 });
  for (let i = 0; i < 500; i++) {
    send();
    clock.run(1000 + i + 1);
  }
  clock.run(3000);
  expect(numbers()).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  const delays = arrived.map(({ at }, i) => at - i);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...delays)).toBeLessThan(18);
  expect(new Set(delays).size).toBeGreaterThan(100);
});

describe("loss", () => {
  test("by number hits exactly those packets", () => {
    const { clock, send, numbers, made } = path({ loss: { packets: [2, 4, 5] } });
    expect(Array.from({ length: 6 }, () => send())).toEqual([0, LOST, 0, LOST, LOST, 0]);
    clock.run(2000);
    expect(numbers()).toEqual([1, 3, 6]);
    expect(made.counters).toMatchObject({ sent: 6, lost: 3, delivered: 3 });
  });

  test("every third, or by looking at the packet", () => {
    const every = path({ loss: { every: 3 } });
    expect(Array.from({ length: 6 }, () => every.send())).toEqual([0, 0, LOST, 0, 0, LOST]);
    const large = path({ loss: (packet, number) => packet.length > 100 && number > 1 });
    expect([large.send(200), large.send(200), large.send(100)]).toEqual([0, LOST, 0]);
  });

  test("by chance is near its probability, and independent", () => {
    const { send } = path({ loss: 0.1 });
    const lost = Array.from({ length: 20_000 }, () => (send(24) & LOST ? 1 : 0));
    const count = lost.filter(Boolean).length;
    expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(2000 * 0.9));
    const pairs = lost.filter((x, i) => x && lost[i + 1]).length;
    expect(Math.abs(pairs - 200)).toBeLessThan(5 * Math.sqrt(200));
  });

  test("in bursts has the length and share that the model says", () => {
    const { send } = path({ loss: { enter: 0.01, leave: 0.2 } });
    const lost = Array.from({ length: 100_000 }, () => send(24) & LOST);
    const bursts = lost.filter((x, i) => x && !lost[i - 1]).length;
    const count = lost.filter(Boolean).length;
    expect(count / lost.length).toBeGreaterThan(0.03); // 1/21 = 0.048
    expect(count / lost.length).toBeLessThan(0.07);
    expect(count / bursts).toBeGreaterThan(4.5); // 1/0.2
    expect(count / bursts).toBeLessThan(5.5);
  });

  test("takes its time at the sender", () => {
    const { clock, send, arrived } = path({ rate: 80_000, loss: { packets: [1] } });
    send();
    send();
    clock.run(2000);
    expect(arrived.map(({ at }) => at)).toEqual([20]);
  });
});

test("a duplicate arrives right behind its original", () => {
  const { clock, send, numbers, made } = path({ duplicate: { packets: [2] }, delay: 3 });
  expect([send(), send(), send()]).toEqual([0, DUPLICATED, 0]);
  clock.run(2000);
  expect(numbers()).toEqual([1, 2, 2, 3]);
  expect(made.counters).toMatchObject({ sent: 3, duplicated: 1, delivered: 4 });
});

test("a reordered packet comes later, and holds up nobody", () => {
  const { clock, send, arrived } = path({ reorder: { packets: [1] }, reorderDelay: 20, delay: 5 });
  expect([send(), send(), send()]).toEqual([REORDERED, 0, 0]);
  clock.run(2000);
  expect(arrived.map(({ at, number }) => [at, number])).toEqual([
    [5, 2],
    [5, 3],
    [25, 1],
  ]);
});

test("corruption flips as many bits as it says, behind the IP header", () => {
  for (const corruptBits of [1, 2, 5]) {
    const { clock, send, arrived } = path({ corrupt: 1, corruptBits });
    for (let i = 0; i < 300; i++) expect(send(60)).toBe(CORRUPTED);
    clock.run(2000);
    const columns = new Set<number>();
    arrived.forEach(({ bytes }, i) => {
      const original = ipv4(60);
      new DataView(original.buffer).setUint32(56, i + 1);
      const changed = [...bytes].map((byte, at) => byte ^ original[at]);
      expect(changed.slice(0, 20)).toEqual(new Array(20).fill(0));
      expect(changed.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0)).toBe(
        corruptBits,
      );
      for (const [at, byte] of changed.entries()) if (byte) columns.add(at);
    });
    expect(columns.size).toBe(40);
  }
});

test("what is larger than the MTU is dropped", () => {
  const { clock, send, numbers } = path({ mtu: 100 });
  expect([send(101), send(100)]).toEqual([TOO_BIG, 0]);
  clock.run(2000);
  expect(numbers()).toEqual([2]);
});

test("a long queue marks ECN-capable packets, IPv4's header checksum included", () => {
  const { clock, send, arrived } = path({ rate: 80_000, markAbove: 150 });
  const capable = (packet: Uint8Array) => {
    packet[1] = 2;
    packet.fill(0, 10, 12);
    const sum = checksum(packet.subarray(0, 20));
    packet[10] = sum >> 8;
    packet[11] = sum;
  };
  expect([send(100, capable), send(100, capable), send(100, capable), send(100)]).toEqual([0, 0, MARKED, 0]);
  clock.run(2000);
  expect(arrived.map(({ bytes }) => bytes[1])).toEqual([2, 2, 3, 0]);
  for (const { bytes } of arrived) expect(checksum(bytes.subarray(0, 20))).toBe(0);
});

test("settings change at run time; a cut cable takes what is on its way with it", () => {
  const { clock, made, send, arrived, numbers } = path({ delay: 10 });
  send();
  made.set({ delay: 2 });
  send(); // stays behind the first
  clock.run(1010);
  send();
  made.set({ down: true });
  send();
  clock.run(1100);
  made.set({ down: false });
  send();
  clock.run(2000);
  expect(arrived.map(({ at, number }) => [at, number])).toEqual([
    [10, 1],
    [10, 2],
    [102, 5],
  ]);
  expect(numbers()).toEqual([1, 2, 5]);
  expect(made.counters).toMatchObject({ sent: 5, delivered: 3, lost: 2 });
});

test("the watch is told of each packet, its fate and its arrival, before anything is changed", () => {
  const { made, send } = path({
    delay: 4,
    loss: { packets: [2] },
    corrupt: { packets: [3] },
    duplicate: { packets: [3] },
  });
  const told: unknown[] = [];
  made.watch = (packet, number, fate, arrival) =>
    told.push([packet.length, number, fateNames(fate), arrival - 1000]);
  for (const length of [50, 60, 70]) send(length);
  expect(told).toEqual([
    [50, 1, [], 4],
    [60, 2, ["lost"], Number.POSITIVE_INFINITY],
    [70, 3, ["corrupted", "duplicated"], 4],
  ]);
});

test("one kind of fault does not move where another strikes", () => {
  const fates = (settings: Partial<PathSettings>) => {
    const { send } = path(settings, 9);
    return Array.from({ length: 2000 }, () => send(24));
  };
  const lost = fates({ loss: 0.05 }).map((fate) => fate & LOST);
  const both = fates({ loss: 0.05, duplicate: 0.3, jitter: 4, corrupt: 0.2, corruptBits: 3 });
  expect(both.map((fate) => fate & LOST)).toEqual(lost);
  expect(both.some((fate) => fate & CORRUPTED)).toBe(true);
});

test("the same seed gives the same run", () => {
  const run = (seed: number) => {
    const { clock, send, arrived } = path(
      { rate: 1e6, delay: 3, jitter: 5, loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.1 },
      seed,
    );
    for (let i = 0; i < 500; i++) send(40 + (i % 60));
    clock.run(1e5);
    return arrived;
  };
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
});

test("copies are used again: as many as were on their way at once, and no more", () => {
  const clock = new Clock();
  const seen = new Set<ArrayBufferLike>();
  const made = new Path(clock, new Random(1), { delay: 10 }, (packet) => seen.add(packet.buffer));
  const packet = ipv4(1500);
  for (let i = 0; i < 10_000; i++) {
    made.send(packet);
    clock.run(i + 1);
  }
  expect(seen.size).toBe(10);
});

test.each([
  [{ loss: 1.5 }, "no probability"],
  [{ loss: { enter: -1, leave: 1 } }, "no probability"],
  [{ loss: { packets: [0] } }, "count from 1"],
  [{ duplicate: { every: 0 } }, "count from 1"],
  [{ loss: null as unknown as number }, "expected which packets"],
  [{ rate: 0 }, "down"],
  [{ delay: -1 }, "delay"],
  [{ delay: Number.NaN }, "delay"],
  [{ lose: 1 } as Partial<PathSettings>, "no such setting"],
])("settings that make no sense are refused: %j", (settings, message) => {
  expect(() => path(settings)).toThrow(message);
});

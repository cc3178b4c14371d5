// Whose packets a host takes for its own.
import { expect, test } from "vitest";
import { SYN } from "../../src/wire/index.ts";
import { bench, THEM4, THEM6, TO4, TO6, US4, US6 } from "./bench.ts";
import { type Ends, tcp } from "./packets.ts";

test("packets that nobody could have sent to us are counted, not answered", () => {
  const { host, wire, sent } = bench();
  const segment = { srcPort: 5, dstPort: 6, seq: 1, flags: SYN, window: 1 };
  for (const src of ["0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.255", US4]) {
    wire.send(tcp({ src, dst: US4 }, segment));
  }
  for (const src of ["::", "::1", "ff02::1", US6]) wire.send(tcp({ src, dst: US6 }, segment));
  for (const dst of ["192.0.2.9", "127.0.0.1", "255.255.255.255", "224.0.0.1"]) {
    wire.send(tcp({ src: THEM4, dst }, segment));
  }
  expect(sent()).toEqual([]);
  expect(host.counters.notForUs).toBe(14);
});

test("a packet that differs from the good one before it is looked at anew: source, destination, family, link", () => {
  const { host, wire, sent } = bench();
  const segment = { srcPort: 5, dstPort: 6, seq: 1, flags: SYN, window: 1 };
  const good = () => {
    wire.send(tcp(TO4, segment));
    wire.send(tcp(TO6, segment));
    expect(sent().length).toBe(2);
  };
  const bad: Ends[] = [
    { src: "192.0.2.255", dst: US4 },
    { src: THEM4, dst: "192.0.2.9" },
    // One word of four is another.
    ...["ff01:db8:9::9", "2001:db9:9::9", "2001:db8:9:0:1::9", "2001:db8:9::a"].map((src) => ({
      src,
      dst: US6,
    })),
    ...["2001:db9::1", "2001:db8:1::1", "2001:db8::1:0:1", "2001:db8::2"].map((dst) => ({ src: THEM6, dst })),
  ];
  let counted = 0;
  for (const ends of bad) {
    good();
    wire.send(tcp(ends, segment));
    // Sources that anybody may have are answered, each where it is.
    const answered = sent().length;
    counted += 1 - answered;
    expect(host.counters.notForUs, `${ends.src} to ${ends.dst}`).toBe(counted);
    expect(answered).toBe(["2001:db9:9::9", "2001:db8:9:0:1::9", "2001:db8:9::a"].includes(ends.src) ? 1 : 0);
  }
});

test.each(["2001:db8:5::1", "2001:db8::5:0:0:1", "2001:db8::5"])(
  "our own address after %s is forged",
  (before) => {
    const { host, wire, sent } = bench();
    const segment = { srcPort: 5, dstPort: 6, seq: 1, flags: SYN, window: 1 };
    wire.send(tcp({ src: before, dst: US6 }, segment));
    expect(sent().length).toBe(1);
    wire.send(tcp({ src: US6, dst: US6 }, segment));
    expect(host.counters.notForUs).toBe(1);
    expect(sent()).toEqual([]);
  },
);

test("an IPv6 packet with the words of the IPv4 packet before it is another's", () => {
  const { host, wire, sent } = bench();
  const segment = { srcPort: 5, dstPort: 6, seq: 1, flags: SYN, window: 1 };
  wire.send(tcp(TO4, segment));
  expect(sent().length).toBe(1);
  wire.send(tcp({ src: "c633:6409::", dst: "c000:201::" }, segment)); // 198.51.100.9 and 192.0.2.1
  expect(host.counters.notForUs).toBe(1);
  expect(sent()).toEqual([]);
});

test("what a host sends itself by loopback does not let the same packet in from outside", async () => {
  const { host, wire, sent } = bench();
  const listener = host.listen({ port: 80 });
  const socket = host.connect({ hostname: US4, port: 80 });
  await Promise.all([socket.opened, listener.accept()]);
  const { notForUs } = host.counters;
  wire.send(tcp({ src: US4, dst: US4 }, { srcPort: 5, dstPort: 6, seq: 1, flags: SYN, window: 1 }));
  expect(host.counters.notForUs).toBe(notForUs + 1);
  expect(sent()).toEqual([]);
});

// Throughput under random loss against the published response functions: RFC 9438 5.1 (CUBIC), and for Reno the square
// root of RFC 5348 3.1's simple form, 1.22 / sqrt(p) segments a round trip (RFC 9438 4.3 uses it for its friendly region).
import { describe, expect, test } from "vitest";
import { type ApplicationPlan, type HostPlan, type Plan, planOf } from "./simulation/plan.ts";
import { runPlan } from "./simulation/run.ts";

const RTT = 40;
const LOSS = 0.01;
const RATE = 100e6;
const MSS = 1448;
const BYTES = 6_000_000;

/** Mean window in segments, RFC 9438 4.3 and 5.1: the larger of Reno's and CUBIC's with C = 0.4, beta = 0.7. */
function renoWindow(p: number): number {
  return 1.22 / Math.sqrt(p);
}

function cubicWindow(p: number, rtt: number): number {
  const cubic = ((0.4 * 3.7) / (4 * 0.3)) ** 0.25 * (rtt / 1000 / p) ** 0.75;
  return Math.max(cubic, renoWindow(p));
}

/** Bits a second that a bulk transfer gets through, several seeds together. */
function throughput(congestion: "cubic" | "reno"): number {
  let bits = 0;
  let seconds = 0;
  for (const seed of [1, 2, 3]) {
    const { duration, bytes } = runPlan(bulk(seed, congestion));
    bits += bytes * 8;
    seconds += duration / 1000;
  }
  return bits / seconds;
}

function bulk(seed: number, congestion: "cubic" | "reno"): Plan {
  const idle: ApplicationPlan = {
    ...planOf(1).hosts[0].application,
    bytes: 0,
    chunk: 65_521,
    think: 0,
    early: false,
    more: 0,
    urgent: 0,
    take: 1 << 20,
    pause: 0,
    stall: 0,
    closes: "sent",
    changes: [],
  };
  const host = (opens: "active" | "passive", bytes: number): HostPlan => ({
    opens,
    listener: null,
    initialSequence: 1,
    settings: { congestion, timeWait: 0, sndBuf: 1 << 20, rcvBuf: 1 << 20 },
    fastOpen: "off",
    clock: { origin: 0, rate: 1, jumps: [], granularity: 0 },
    application: { ...idle, bytes },
    slots: 0,
  });
  const settings = { rate: RATE, delay: RTT / 2, queueBytes: 1_000_000 };
  return {
    ...planOf(seed, 1),
    family: 4,
    hosts: [host("active", BYTES), host("passive", 0)],
    paths: [
      { settings: { ...settings, loss: LOSS }, changes: [], icmp: false },
      { settings, changes: [], icmp: false },
    ],
    heals: 0,
    orderly: true,
    faultless: false,
  };
}

describe("at 1 % random loss, 40 ms and 100 Mbit/s, with SACK and RACK", () => {
  const predicted = (segments: number) => (segments * MSS * 8) / (RTT / 1000);

  test("CUBIC gets what its response function promises", () => {
    const ratio = throughput("cubic") / predicted(cubicWindow(LOSS, RTT));
    console.log(`cubic: ${ratio.toFixed(2)} of the response function`);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.6);
  });

  test("Reno gets what its response function promises", () => {
    const ratio = throughput("reno") / predicted(renoWindow(LOSS));
    console.log(`reno: ${ratio.toFixed(2)} of the response function`);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.6);
  });
});

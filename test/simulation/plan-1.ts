// Plans as they were first: hosts with all kinds of settings, applications and clocks, and paths with all kinds of faults.
import type { PathSettings, Pick } from "../../src/sim/index.ts";
import type { SettingsInput } from "../../src/tcp/index.ts";
import type { Draw } from "./draw.ts";
import type { ApplicationPlan, ClockPlan, HostPlan, PathChange, PathPlan, Plan } from "./plan.ts";

export function firstPlan(seed: number, draw: Draw): Plan {
  const family = draw.chance(0.25) ? 6 : 4;
  const faultless = draw.chance(0.15);
  const orderly = draw.chance(0.8);
  const heals = faultless ? 0 : draw.pick(300, 1000, 5000, 20_000);
  const delay = draw.pick(0, 0.1, 1, 10, 10, 40, 100, 300);
  // Who gives up on whom may hear of it from a keep-alive probe alone.
  const hosts = [
    host(draw, { family, orderly, faultless, heals, first: true }),
    host(draw, { family, orderly, faultless, heals, first: false }),
  ] as const;
  return {
    seed,
    version: 1,
    family,
    hosts: atLeastOneCloses(affordable(draw, hosts, family), orderly),
    paths: [path(draw, faultless, heals, delay, family), path(draw, faultless, heals, delay, family)],
    heals,
    orderly,
    faultless,
    reboots: null,
    reopens: null,
  };
}

interface Frame {
  readonly family: 4 | 6;
  readonly orderly: boolean;
  readonly faultless: boolean;
  readonly heals: number;
  readonly first: boolean;
}

function host(draw: Draw, frame: Frame): HostPlan {
  // The first always opens actively: with both, the SYNs cross.
  const opens = frame.first ? "active" : draw.pick("passive", "passive", "any", "active");
  return {
    opens,
    listener: null,
    initialSequence: draw.pick(0, 1, 0x7fffff00, 0x7fffffff, 0xffffff00, 0xffffffff, draw.u32()),
    settings: settings(draw, frame),
    fastOpen:
      opens === "active"
        ? draw.pick("off", "off", "asks", "knows", "knows", "errs")
        : draw.pick("off", "serves", "serves"),
    clock: clock(draw, frame),
    application: application(draw, frame),
    slots: draw.pick(0, 0, 1, 3, 64),
  };
}

function settings(draw: Draw, { family, orderly, faultless }: Frame): SettingsInput {
  const mtus = family === 6 ? [1500, 1500, 1280, 9000] : [1500, 1500, 1500, 576, 9000, 296, 120, 68];
  const rcvBuf = draw.pick(65536, 65536, 65536, 10_000, 2000, 100, 1, 300_000);
  const keepAlive = {
    idle: draw.pick(300, 2000, 30_000),
    interval: draw.pick(300, 1000),
    probes: 127, // longer than the path takes to heal
    garbageByte: draw.chance(0.3),
  };
  return {
    mtu: draw.pick(...mtus),
    mss: draw.pick(0, 0, 0, 0, 536, 100, 1, 20),
    minMss: draw.pick(88, 88, 536, 1),
    sndBuf: draw.pick(65536, 65536, 20_000, 3000, 1),
    sndBufMax: draw.pick(4 << 20, 65536, 1),
    rcvBuf,
    rcvBufMax: draw.pick(6 << 20, 65536, rcvBuf),
    maxOutOfOrderRanges: draw.pick(1024, 1024, 3, 0),
    windowScaling: draw.chance(0.75),
    windowScale: draw.pick(-1, -1, -1, 0, 3, 14),
    timestamps: draw.chance(0.7),
    sack: draw.chance(0.7),
    dsack: draw.chance(0.7),
    ecn: draw.pick("off", "accept", "classic", "accurate"),
    noDelay: draw.chance(0.4),
    cork: draw.chance(0.1),
    delayedAck: draw.pick(40, 40, 0, 200, 499),
    quickAcks: draw.pick(16, 0, 2),
    // Without faults no timer may run out: neither before the answer nor before an acknowledgment that waits.
    minRto: faultless ? 1000 : draw.pick(200, 200, 10, 1000),
    initialRto: faultless ? 3000 : draw.pick(1000, 1000, 300, 3000),
    maxRto: draw.pick(120_000, 60_000, 5000),
    congestion: draw.pick("cubic", "cubic", "reno"),
    hystart: draw.chance(0.7),
    idleRestart: draw.chance(0.8),
    pacing: draw.chance(0.25),
    limitedTransmit: draw.chance(0.7),
    dupThresh: faultless ? 3 : draw.pick(3, 3, 1, 10),
    rack: !faultless && draw.chance(0.7), // its probes are sent before an acknowledgment that waits
    frto: draw.chance(0.7),
    initialCwnd: draw.pick(10, 10, 1, 3, 50),
    windowProbe: draw.pick("byte", "empty"),
    keepAlive: !orderly || draw.chance(0.3) ? keepAlive : null,
    announceUserTimeout: draw.chance(0.1),
    // The peer may need a while to hear that all is over; the time of a simulation costs nothing.
    timeWait: orderly ? 3_600_000 : draw.pick(1000, 60_000),
    timeWaitIgnoresRst: draw.chance(0.3),
    finWait2: draw.pick(60_000, 1000),
    // What the path does before it heals may not end an orderly connection.
    synRetries: orderly || faultless ? 60 : draw.pick(7, 2),
    synAckRetries: orderly || faultless ? 60 : draw.pick(60, 5),
    retries2: orderly || faultless ? 60 : draw.pick(15, 3),
    userTimeout: orderly ? 0 : draw.pick(0, 0, 5000),
    mtuProbing: draw.pick("off", "blackHole", "always"),
  };
}

function clock(draw: Draw, { faultless, heals }: Frame): ClockPlan {
  const jumps = [];
  if (!faultless && draw.chance(0.25)) {
    for (let left = draw.between(1, 3); left > 0; left--) {
      jumps.push({ at: draw.between(0, heals), by: draw.pick(1, 250, 3000, 60_000) });
    }
  }
  return {
    // 2^31 and 2^32: where the timestamps of RFC 7323 wrap.
    origin: draw.pick(0, 1_000_000, 0x7fffffff - draw.between(0, 2000), 0xffffffff - draw.between(0, 2000)),
    rate: draw.pick(1, 1, 1.0001, 0.9999, faultless ? 1 : 1.1, faultless ? 1 : 0.9),
    jumps,
    granularity: draw.pick(0, 0, 0, 1, 10),
  };
}

function application(draw: Draw, { orderly, faultless, heals }: Frame): ApplicationPlan {
  const size = draw.chance(0.01) ? 600_000 : draw.pick(0, 1, 10, 2000, 2000, 20_000, 60_000);
  const bytes = Math.floor(draw.float() * size);
  const chunk = Math.max(1, draw.pick(bytes, bytes, 70_000, 1000, Math.ceil(bytes / 50)));
  const changes = [];
  if (draw.chance(0.1)) {
    const settings = draw.pick<SettingsInput>(
      { noDelay: true },
      { cork: true },
      { cork: false, noDelay: false },
      { rcvBuf: 4000 },
      { keepAlive: { idle: 400, interval: 300, probes: 127 } },
      { keepAlive: orderly ? null : { idle: 1000 } },
      { pacing: true },
      { maxCwnd: 20_000 },
    );
    changes.push({ at: draw.between(0, Math.max(heals, 500)), settings });
  }
  return {
    bytes,
    chunk,
    think: draw.pick(0, 0, 0, 1, 30),
    early: draw.chance(0.2),
    more: draw.pick(0, 0, 0.5),
    urgent: draw.pick(0, 0, 0, 0.1),
    take: draw.pick(1 << 20, 1 << 20, 5000, Math.ceil(bytes / 20) + 1),
    pause: draw.pick(0, 0, 0, 1, 20),
    stallAfter: Math.floor(draw.float() * 20_000),
    stall: draw.pick(0, 0, 100, faultless ? 0 : 5000),
    closes: orderly
      ? draw.pick("sent", "sent", "end")
      : draw.pick("sent", "end", "at", "abort", "abort", "deaf"),
    closesAt: draw.pick(0, 1, draw.between(0, 1000), draw.between(0, 30_000)),
    changes,
  };
}

/** Bounds the segments that a connection takes, for there are many connections: most are short, some are longer. */
function affordable(
  draw: Draw,
  hosts: readonly [HostPlan, HostPlan],
  family: 4 | 6,
): readonly [HostPlan, HostPlan] {
  const segments = draw.chance(0.003) ? 2000 : draw.pick(10, 30, 30, 100, 100, 400);
  const bounded = (host: HostPlan, peer: HostPlan): HostPlan => {
    const most = segments * segmentBytes(host.settings, peer.settings, family);
    const bytes = Math.floor(Math.min(host.application.bytes, most));
    return { ...host, application: { ...host.application, bytes } };
  };
  return [bounded(hosts[0], hosts[1]), bounded(hosts[1], hosts[0])];
}

/** About how much data a segment has, where the buffers or the MSS keep it small. */
function segmentBytes(from: SettingsInput, to: SettingsInput, family: 4 | 6): number {
  const headers = family === 4 ? 40 : 60;
  const link = Math.min(from.mtu!, to.mtu!) - headers;
  const announced = to.mss === 0 ? link : Math.min(link, to.mss!);
  const own = from.mss === 0 ? link : from.mss!;
  const mss = Math.min(link, own, Math.max(announced, from.minMss!)) - 12;
  return Math.max(1, Math.min(mss, from.sndBufMax === 1 ? from.sndBuf! / 2 : mss, to.rcvBuf! / 2));
}

/** Two that wait for each other's FIN would do so for ever. */
function atLeastOneCloses(
  hosts: readonly [HostPlan, HostPlan],
  orderly: boolean,
): readonly [HostPlan, HostPlan] {
  if (hosts[0].application.closes !== "end" || hosts[1].application.closes !== "end") return hosts;
  const application = { ...hosts[0].application, closes: orderly ? ("sent" as const) : ("abort" as const) };
  return [{ ...hosts[0], application }, hosts[1]];
}

function path(draw: Draw, faultless: boolean, heals: number, delay: number, family: number): PathPlan {
  const fixed = { delay, queueBytes: draw.pick(20_000, 100_000) };
  if (faultless) return { settings: { delay }, changes: [], icmp: false };
  const settings = { ...fixed, ...faults(draw, delay), rate: rate(draw) };
  const changes: PathChange[] = [];
  for (let left = draw.pick(0, 0, 1, 2, 4); left > 0; left--) {
    changes.push({ at: draw.between(0, heals), settings: change(draw, delay, family) });
  }
  changes.sort((a, b) => a.at - b.at);
  changes.push({ at: heals, settings: HEALED });
  return { settings, changes, icmp: draw.chance(0.6) };
}

/** Everything as it should be, but for the rate and the delay. */
const HEALED: Partial<PathSettings> = {
  loss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
  jitter: 0,
  down: false,
  mtu: Number.POSITIVE_INFINITY,
  queueBytes: Number.POSITIVE_INFINITY,
};

function faults(draw: Draw, delay: number): Partial<PathSettings> {
  return {
    loss: draw.pick<Pick>(
      0,
      0,
      0.01,
      0.1,
      0.3,
      { enter: 0.02, leave: 0.3 },
      { enter: 0.01, leave: 0.1, bad: 0.7, good: 0.02 },
    ),
    duplicate: draw.pick(0, 0, 0.02, 0.3),
    reorder: draw.pick(0, 0, 0.05, 0.3),
    reorderDelay: draw.pick(0.05, 1, delay / 2 + 0.1, 3 * delay + 1),
    corrupt: draw.pick(0, 0, 0.02, 0.2),
    corruptBits: draw.pick(1, 1, 2, 3, 16),
    jitter: draw.pick(0, 0, delay / 4, 2 * delay),
    markAbove: draw.pick(Number.POSITIVE_INFINITY, 0, 5000),
  };
}

function rate(draw: Draw): number {
  return draw.pick(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 100e6, 10e6, 1e6);
}

function change(draw: Draw, delay: number, family: number): Partial<PathSettings> {
  return draw.pick<Partial<PathSettings>>(
    { mtu: family === 6 ? 1280 : draw.pick(1400, 576, 296, 68) },
    { mtu: Number.POSITIVE_INFINITY },
    { down: true },
    { down: false },
    faults(draw, delay),
    { delay: draw.pick(delay * 3, delay / 3) },
    { rate: rate(draw) },
  );
}

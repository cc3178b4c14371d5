// What later plans have besides: listeners with a SYN cache, clamped windows, hosts that vanish, and TIME-WAIT that ends early.
import type { Draw } from "./draw.ts";
import type { HostPlan, PathPlan, Plan } from "./plan.ts";

/** What the second version adds to a plan of the first. */
export function secondPlan(plan: Plan, draw: Draw): Plan {
  const { faultless, orderly, heals } = plan;
  const [a, b] = plan.hosts;
  const isSearch = draw.chance(0.04);
  const pair = isSearch ? searching(draw, a, b) : ([a, b] as const);
  const hosts = [
    clamped(draw, pair[0], heals),
    clamped(draw, listening(draw, pair[1], plan), heals),
  ] as const;
  const most = { ...plan, version: 2, hosts } as const;
  if (faultless) return most;
  if (orderly) return draw.chance(0.2) ? { ...most, reopens: reopens(draw, hosts) } : most;
  const at = draw.pick(0, 5, draw.between(0, 1000), draw.between(0, 20_000));
  if (draw.chance(0.3)) {
    const paths = [cut(plan.paths[0], at), cut(plan.paths[1], at)] as const;
    return { ...most, hosts: draw.chance(0.4) ? [hosts[0], unread(hosts[1])] : hosts, paths };
  }
  return draw.chance(0.3) ? { ...most, reboots: { host: draw.pick(0, 1), at } } : most;
}

/** Enough to send, and room for it, that the path MTU is searched for (RFC 4821). */
function searching(draw: Draw, a: HostPlan, b: HostPlan): readonly [HostPlan, HostPlan] {
  const mtu = draw.pick(1500, 9000);
  const settings = { mtu, mss: 0, sndBuf: 65536, rcvBuf: 300_000, mtuProbing: "always" } as const;
  const bytes = draw.between(50_000, 200_000);
  const take = 1 << 20;
  return [
    {
      ...a,
      settings: { ...a.settings, ...settings },
      application: { ...a.application, bytes, chunk: 70_000, take },
    },
    { ...b, settings: { ...b.settings, ...settings }, application: { ...b.application, take } },
  ];
}

/** Its window closes, and stays so. */
function unread(host: HostPlan): HostPlan {
  const settings = { ...host.settings, rcvBuf: 2000, rcvBufMax: 2000 };
  const application = {
    ...host.application,
    stallAfter: 0,
    stall: 100_000_000,
    closesAt: 200_000_000,
    changes: [],
  };
  return { ...host, settings, application };
}

/** Windows that grow and shrink in the middle: what was offered is not taken back. */
function clamped(draw: Draw, host: HostPlan, heals: number): HostPlan {
  if (!draw.chance(0.15)) return host;
  const changes = [...host.application.changes];
  for (let left = draw.between(1, 4); left > 0; left--) {
    const rcvBuf = draw.pick(1, 20, 100, 536, 3000, 50_000);
    changes.push({ at: draw.between(0, Math.max(heals, 500)), settings: { rcvBuf } });
  }
  changes.sort((x, y) => x.at - y.at);
  // Lest a long stream goes through byte by byte.
  changes.push({ at: changes[changes.length - 1].at + 100, settings: { rcvBuf: draw.pick(1000, 65536) } });
  return { ...host, application: { ...host.application, changes } };
}

function listening(draw: Draw, host: HostPlan, { faultless, orderly }: Plan): HostPlan {
  if (host.opens === "active" || !draw.chance(0.4)) return host;
  // A cookie is lost with the acknowledgment that brings it: the client then holds a connection that the listener does
  // not know of. What comes next may be a RST (RFC 4987 3.6).
  const cookies = orderly && !faultless ? "never" : draw.pick("never", "full", "full", "always");
  return { ...host, listener: { cookies, isCrowded: draw.chance(0.5) } };
}

function reopens(draw: Draw, hosts: readonly [HostPlan, HostPlan]): Plan["reopens"] {
  const used: number[] = hosts.map(({ initialSequence }) => initialSequence);
  let initialSequence =
    draw.pick(0, 0x7fffffff, 0xffffffff, draw.u32(), used[0] + 1_000_000, used[1] + 1_000_000) >>> 0;
  // Its number has to tell it from the one before.
  while (used.includes(initialSequence)) initialSequence = (initialSequence + 1) >>> 0;
  return { after: draw.pick(0, 1, 1000, draw.between(0, 4_000_000)), initialSequence };
}

/** From then on nothing arrives any more: whoever is left has to find out by himself. */
function cut(path: PathPlan, at: number): PathPlan {
  const changes = path.changes.filter((change) => change.at < at);
  return { ...path, changes: [...changes, { at, settings: { down: true } }] };
}

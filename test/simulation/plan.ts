// What a seed stands for: two hosts, what they do with their connection, and what the path does to it. A plan is plain
// data, so that a failure can print it; all that is drawn later comes from the seed too.
import { type PathSettings, Random } from "../../src/sim/index.ts";
import type { SettingsInput } from "../../src/tcp/index.ts";
import { Draw } from "./draw.ts";
import { firstPlan } from "./plan-1.ts";
import { secondPlan } from "./plan-2.ts";

/** A host's clock: what it shows is `origin + rate * time`, and more after each jump. */
export interface ClockPlan {
  readonly origin: number;
  readonly rate: number;
  /** Forward, in milliseconds, at a time of the world. */
  readonly jumps: readonly { readonly at: number; readonly by: number }[];
  /** Timers run late, at multiples of this many milliseconds; 0 runs them on time. */
  readonly granularity: number;
}

/** How an application behaves. It acts on events alone: one that is lost leaves it waiting for ever. */
export interface ApplicationPlan {
  /** Bytes to send in all. */
  readonly bytes: number;
  /** The most that one `send` is given, and the milliseconds between two. */
  readonly chunk: number;
  readonly think: number;
  /** Sends what it has before the connection stands. */
  readonly early: boolean;
  /** Probabilities that a `send` is `more` or `urgent`. */
  readonly more: number;
  readonly urgent: number;
  /** The most that one `receive` takes, and the milliseconds between two. */
  readonly take: number;
  readonly pause: number;
  /** After so many bytes it reads nothing for `stall` milliseconds. */
  readonly stallAfter: number;
  readonly stall: number;
  /**
   * `sent`: CLOSE behind its last byte. `end`: CLOSE when the peer has closed. `at`: at a time, whatever is sent by
   * then. `abort`, `deaf`: ABORT, or `stopReceiving` and CLOSE, at that time.
   */
  readonly closes: "sent" | "end" | "at" | "abort" | "deaf";
  readonly closesAt: number;
  /** Settings that change in the middle. */
  readonly changes: readonly { readonly at: number; readonly settings: SettingsInput }[];
}

export interface ListenerPlan {
  readonly cookies: "never" | "full" | "always";
  /** A stranger's requests have taken every place. */
  readonly isCrowded: boolean;
}

export interface HostPlan {
  /** `any`: a passive OPEN that names no peer. */
  readonly opens: "active" | "passive" | "any";
  /** Who opens passively may do so with a SYN cache, which answers requests without making a connection of them; null. */
  readonly listener: ListenerPlan | null;
  readonly initialSequence: number;
  readonly settings: SettingsInput;
  /** RFC 7413. `serves` is for who listens; the others `ask` for a cookie, `know` the server's, or a wrong one. */
  readonly fastOpen: "off" | "serves" | "asks" | "knows" | "errs";
  readonly clock: ClockPlan;
  readonly application: ApplicationPlan;
  /** Segments that the interface takes at a time, through `output`; 0 drains the endpoint through `poll`. */
  readonly slots: number;
}

/** A change of the path from a host to the other. */
export interface PathChange {
  readonly at: number;
  readonly settings: Partial<PathSettings>;
}

export interface PathPlan {
  readonly settings: Partial<PathSettings>;
  readonly changes: readonly PathChange[];
  /** Whether the sender hears of packets that were too large. */
  readonly icmp: boolean;
}

export interface Plan {
  readonly seed: number;
  readonly version: PlanVersion;
  readonly family: 4 | 6;
  readonly hosts: readonly [HostPlan, HostPlan];
  /** `paths[i]` is what host `i` sends over. */
  readonly paths: readonly [PathPlan, PathPlan];
  /** When all faults end, in milliseconds. */
  readonly heals: number;
  /** Both ends close in an orderly way: every byte has to arrive, and both have to end "finished". */
  readonly orderly: boolean;
  /** Nothing goes wrong from the beginning: nothing may be sent twice. */
  readonly faultless: boolean;
  /** This host forgets its connection then, as one that loses power, and answers with RST from then on; null. */
  readonly reboots: { readonly host: 0 | 1; readonly at: number } | null;
  /**
   * When one end is in TIME-WAIT and the other CLOSED, that one opens the next connection of the same sockets so many
   * milliseconds later, with this initial number; null.
   */
  readonly reopens: { readonly after: number; readonly initialSequence: number } | null;
}

/**
 * What a plan may have, so that a seed that is known keeps its meaning. 2 adds listeners with SYN cache and cookies,
 * windows that are clamped, hosts that vanish or reboot, and TIME-WAIT that makes way for the next connection.
 */
export const PLANS = [1, 2] as const;
export type PlanVersion = (typeof PLANS)[number];
export const NEWEST_PLAN: PlanVersion = 2;

/** The plan of a seed, 0 to 2^32 - 1. */
export function planOf(seed: number, version: PlanVersion = NEWEST_PLAN): Plan {
  const random = new Random(seed);
  const plan = firstPlan(seed, new Draw(random.fork("plan")));
  return version === 1 ? plan : secondPlan(plan, new Draw(random.fork("plan 2")));
}

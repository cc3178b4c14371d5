export { type BalancerOptions, LoadBalancer, type Policy, type UnknownSession } from "./boxes/balancer.ts";
export { Attacker, Box, type Drop, Router, type Surroundings } from "./boxes/box.ts";
export { Filter, type FilterRule, type Rejection } from "./boxes/filter.ts";
export { Firewall, type FirewallOptions } from "./boxes/firewall.ts";
export { type IcmpReason, icmpErrorAbout } from "./boxes/icmp.ts";
export { ipPacket, tcpPacket } from "./boxes/ip.ts";
export { Nat, type NatOptions } from "./boxes/nat.ts";
export { OptionStripper } from "./boxes/stripper.ts";
export { Clock, type Task } from "./clock.ts";
export type { Bursts, Pick } from "./faults.ts";
export {
  type Emphasis,
  type Event,
  type LadderView,
  ladderOf,
  type Side,
  type States,
  type Step,
} from "./ladder.ts";
export {
  type Accept,
  type Application,
  Connection,
  type IsnSource,
  Machine,
  type MachineOptions,
} from "./machine.ts";
export { Port, type PortObserver, type Station } from "./network.ts";
export {
  CORRUPTED,
  type Deliver,
  DROPPED,
  DUPLICATED,
  fateNames,
  LOST,
  MARKED,
  Path,
  type PathCounters,
  type PathSettings,
  QUEUE_FULL,
  REORDERED,
  TOO_BIG,
  type Watch,
} from "./path.ts";
export { Place } from "./place.ts";
export { Random } from "./random.ts";
export { type SimulateOptions, scenarios, simulate } from "./scenarios/index.ts";
export {
  type ChoiceParameter,
  type Language,
  type NumberParameter,
  type Parameter,
  ParameterError,
  type Text,
} from "./scenarios/parameter.ts";
export type { Scenario } from "./scenarios/scenario.ts";
export type { ActStage, Stage } from "./scenarios/stage.ts";
export type { Act, Moment, Story, StoryLadder, Table } from "./scenarios/story.ts";
export { Tap } from "./tap.ts";
export { type Flight, type Remark, type StateChange, Trace } from "./trace.ts";
export { type Cable, World, type WorldOptions } from "./world.ts";

import { loadBalancer } from "./balancer.ts";
import { fourWayClose, halfClose, simultaneousClose } from "./closing.ts";
import { checksumCorruption, dataAndAcks, windowScaling, wraparound } from "./data.ts";
import { finDropped, keepAliveAnswered, zombie } from "./keepalive.ts";
import { handshake, simultaneousOpen, synRetransmission } from "./opening.ts";
import type { Language } from "./parameter.ts";
import { pathMtu } from "./path-mtu.ts";
import { lossRecovery, zeroWindow } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { blindInjection, randomIsn } from "./sequence.ts";
import { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

/** Every scenario by name, in the order in which they are best seen. */
export const scenarios: readonly Scenario[] = [
  handshake,
  dataAndAcks,
  fourWayClose,
  halfClose,
  simultaneousOpen,
  simultaneousClose,
  randomIsn,
  blindInjection,
  wraparound,
  windowScaling,
  checksumCorruption,
  synRetransmission,
  lossRecovery,
  pathMtu,
  zeroWindow,
  keepAliveAnswered,
  zombie,
  finDropped,
  loadBalancer,
];

export interface SimulateOptions {
  /** All randomness comes of it; 1. */
  readonly seed?: number | string;
  /** "en" */
  readonly language?: Language;
  /** Parameters by name; those left out have their defaults. */
  readonly parameters?: Readonly<Record<string, number | string | undefined>>;
}

/**
 * Plays a scenario in virtual time. The same name, seed, language and parameters give the same bytes, everywhere.
 *
 * @throws {RangeError} for a name that is no scenario's; {ParameterError} for a parameter that the scenario does not have
 *   or that is outside its range
 *
 * @example
 * ```ts
 * import { simulate } from "tcpwire/sim";
 *
 * const story = simulate("handshake");
 * story.acts[0].ladders[0].rungs.length; // -> 5
 * const file = story.capture(); // pcapng
 * ```
 */
export function simulate(
  name: string,
  { seed = 1, language = "en", parameters = {} }: SimulateOptions = {},
): Story {
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(`no such scenario: ${name}`);
  const stage = new Stage(seed, language, scenario.parameters, parameters);
  scenario.play(stage);
  for (const { world } of stage.acts) world.close();
  const { acts, captured } = stage;
  return {
    name,
    title: scenario.title[language],
    summary: scenario.summary[language],
    seed,
    parameters: stage.values,
    acts: acts.map((act) => act.told()),
    tables: stage.tables,
    lesson: stage.lesson,
    packets: captured.length,
    trace: () => acts.map(({ world }) => world.trace!.text()).join("\n\n"),
    capture: (format = "pcapng") => (format === "pcap" ? captured.pcap() : captured.pcapng()),
  };
}

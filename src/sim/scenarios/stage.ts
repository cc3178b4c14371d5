import { formatSockets } from "../../net/index.ts";
import { type Event, type LadderView, ladderOf, type Step } from "../ladder.ts";
import type { Connection, Machine } from "../machine.ts";
import { Tap } from "../tap.ts";
import { World } from "../world.ts";
import { koreanNote } from "./notes.ts";
import { chosen, type Language, type Parameter, ParameterError, type Text } from "./parameter.ts";
import type { Act, Moment, StoryLadder, Table } from "./story.ts";

/** Where a scenario is played: its parameters, its worlds, and everything that it shows and tells on the way. */
export class Stage {
  readonly acts: ActStage[] = [];
  readonly tables: Table[] = [];
  /** What is to be learned, at the end. */
  lesson = "";
  readonly language: Language;
  readonly #seed: number | string;
  readonly #values: ReadonlyMap<string, number | string>;

  constructor(
    seed: number | string,
    language: Language,
    parameters: readonly Parameter[],
    given: Readonly<Record<string, number | string | undefined>>,
  ) {
    this.#seed = seed;
    this.language = language;
    this.#values = new Map(
      parameters.map((parameter) => [parameter.name, chosen(parameter, given[parameter.name])]),
    );
    for (const name in given) {
      if (given[name] !== undefined && !this.#values.has(name))
        throw new ParameterError(`${name} is no parameter of this scenario`);
    }
  }

  /** The parameters, as they are played. */
  get values(): Readonly<Record<string, number | string>> {
    return Object.fromEntries(this.#values);
  }

  number(name: string): number {
    return this.#values.get(name) as number;
  }

  /** A parameter in seconds, as milliseconds. */
  ms(name: string): number {
    return this.number(name) * 1000;
  }

  choice(name: string): string {
    return this.#values.get(name) as string;
  }

  /** In the language that is spoken. */
  say(text: Text): string {
    return text[this.language];
  }

  /** Begins an act in a world of its own, an hour after the one before. */
  act(title: Text = { en: "", ko: "" }): ActStage {
    const made = new ActStage(this, this.say(title), `${this.#seed}`, this.acts.length);
    this.acts.push(made);
    return made;
  }

  conclude(text: Text): void {
    this.lesson = this.say(text);
  }

  table(title: Text, columns: readonly Text[], rows: readonly (readonly string[])[]): void {
    this.tables.push({ title: this.say(title), columns: columns.map((column) => this.say(column)), rows });
  }

  /** What all acts have captured, one after the other. */
  get captured(): Tap {
    return Tap.join(this.acts.map(({ tap }) => tap));
  }
}

/** 1 January 2026, 03:00 UTC: the small hours, in which pooled sessions are idle. */
const NIGHT = 1_767_236_400_000;
const DAY = 86_400_000;

/** One world with what is told of it. */
export class ActStage {
  readonly world: World;
  /** The capture. It listens nowhere until the scenario says where. */
  readonly tap: Tap;
  readonly #stage: Stage;
  readonly #title: string;
  readonly #moments: Moment[] = [];
  readonly #ladders: StoryLadder[] = [];
  readonly #programs = new Map<Machine, string>();

  constructor(stage: Stage, title: string, seed: string, place: number) {
    this.#stage = stage;
    this.#title = title;
    this.world = new World({ seed: `${seed} ${place}`, epoch: NIGHT + place * DAY });
    this.tap = this.world.tap();
  }

  get now(): number {
    return this.world.now;
  }

  /** A host with a program on it, which the socket table names. */
  host(...args: [...Parameters<World["host"]>, program?: string]): Machine {
    const [name, address, options, program = `${700 + this.#programs.size * 41}/${name}`] = args;
    const machine = this.world.host(name, address, options);
    for (const each of machine.addresses) this.tap.name(each, name);
    this.#programs.set(machine, program);
    return machine;
  }

  /** Tells what comes next; the next packet captured carries it as a comment. */
  tell(text: Text): void {
    const said = this.#stage.say(text);
    this.#moments.push({ at: this.now, text: said });
    this.world.comment(said);
  }

  /** Tells what has just been seen. */
  look(text: Text): void {
    this.#moments.push({ at: this.now, text: this.#stage.say(text) });
  }

  /** Somebody does something that no packet shows: a host, or the program that has a connection. */
  does(whose: Machine | Connection, what: string): void {
    this.world.remark(whose, what);
  }

  /** Shows the socket tables of some hosts, now. */
  sockets(...machines: readonly Machine[]): void {
    this.#moments.push({
      at: this.now,
      sockets: machines.map((machine) => {
        const rows = machine.sockets();
        // Without its first line, which says "Active Internet connections" each time.
        const [, ...text] = formatSockets(rows, this.#programs.get(machine)).split("\n");
        return { host: machine.name, rows, text };
      }),
    });
  }

  /** Draws the conversation of a socket on the left with a host on the right, up to now. */
  ladder(
    connection: Connection,
    right: Machine,
    title?: Text,
    view: Partial<Pick<LadderView, "states" | "absolute">> = {},
  ): void {
    const { machine, localPort: port } = connection;
    const [address] = machine.addresses;
    const states = ["CLOSED", "LISTEN"] as const;
    this.ladderAt({ left: machine.name, right: right.name, address, port, states, ...view }, title);
  }

  /** Draws any conversation, up to now. */
  ladderAt(view: LadderView, title: Text = { en: "", ko: "" }): void {
    this.#ladders.push({
      title: this.#stage.say(title),
      left: `${view.left} ${view.address}:${view.port}`,
      right: view.right,
      rungs: ladderOf(this.world.trace!, view).map((rung) => this.#translated(rung)),
    });
  }

  /** What a rung says, in the language that is spoken. */
  #translated(rung: Step | Event): Step | Event {
    if (this.#stage.language === "en") return rung;
    if ("event" in rung) return { ...rung, event: koreanNote(rung.event) };
    return { ...rung, notes: rung.notes.map(koreanNote) };
  }

  /** All of it. */
  told(): Act {
    return { title: this.#title, moments: this.#moments, ladders: this.#ladders };
  }
}

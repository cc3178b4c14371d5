import type { SettingsInput } from "../../tcp/index.ts";
import { Unsupported } from "../calls/outcome.ts";
import { Process } from "../calls/process.ts";
import { type CodeOutcome, runCode } from "../code/evaluate.ts";
import type { Value } from "../code/values.ts";
import { applyShell, type ReadScript } from "../config/apply.ts";
import { configOf, type RunConfig } from "../config/config.ts";
import { TCP_INFO_CONSTANTS } from "../constants.ts";
import type { Connection } from "../host/connection.ts";
import { Host } from "../host/host.ts";
import type { Socket } from "../host/socket.ts";
import {
  type EventTime,
  type Header,
  type Script,
  ScriptError,
  type ScriptEvent,
  type ScriptPacket,
} from "../script.ts";
import { Clock, toleranceOf, type Window } from "./clock.ts";
import { Exchange } from "./exchange.ts";
import { Failure, type ScriptOutcome } from "./outcome.ts";
import { PendingCall } from "./pending.ts";
import { tcpInfo } from "./tcp-info.ts";

export interface RunOptions {
  /** Settings of the endpoints, which the script's headers and shell lines change. */
  readonly settings?: SettingsInput;
  /** Headers that stand before the script's own. */
  readonly headers?: readonly Header[];
  /** What shell lines run: `../common/defaults.sh` as the script says it. */
  readonly readScript?: ReadScript;
  /** Fails a script that leaves a packet of its connections unmentioned. */
  readonly strict?: boolean;
  /** The endpoint's initial sequence number, and what is added to the peer's in the script: to run near a wrap. */
  readonly initialSequence?: number;
  readonly remoteOffset?: number;
}

/** Runs a script against the endpoint in virtual time. */
export function runScript(script: Script, options: RunOptions = {}): ScriptOutcome {
  const notes = new Set<string>();
  let line = 0;
  try {
    const runner = new Runner(script, options, notes);
    for (const event of script.events) {
      line = event.line;
      runner.run(event);
    }
    runner.finish();
    return { status: "passed", notes: [...notes] };
  } catch (error) {
    if (error instanceof Unsupported)
      return { status: "skipped", line, reason: error.message, notes: [...notes] };
    if (error instanceof Failure) {
      const { message, expected, got } = error;
      return {
        status: "failed",
        line: error.line,
        message,
        ...(expected === undefined ? {} : { expected }),
        ...(got === undefined ? {} : { got }),
        notes: [...notes],
      };
    }
    if (error instanceof ScriptError || error instanceof SyntaxError) {
      const at = error instanceof ScriptError ? error.line : line;
      return { status: "failed", line: at, message: error.message, notes: [...notes] };
    }
    throw error;
  }
}

const WRITES = ["write", "writev", "send", "sendto", "sendmsg"];

class Runner {
  readonly #config: RunConfig;
  readonly #host: Host;
  readonly #process: Process;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #options: RunOptions;
  readonly #notes: Set<string>;
  readonly #variables = new Map<string, Value>();
  #pending: { readonly call: PendingCall; readonly returns: Window } | null = null;
  /** The socket whose figures assertions are about. */
  #focus: Socket | null = null;

  constructor(script: Script, options: RunOptions, notes: Set<string>) {
    this.#options = options;
    this.#notes = notes;
    this.#config = configOf([...(options.headers ?? []), ...script.headers], options.settings ?? {});
    this.#host = new Host(this.#config, options.initialSequence);
    this.#process = new Process(this.#host);
    this.#clock = new Clock(this.#host, () => this.#retry());
    this.#host.onEstablished = () => {
      if (this.#pending !== null && WRITES.includes(this.#pending.call.call.name)) this.#retry();
    };
    this.#exchange = new Exchange(this.#host, this.#clock, this.#config, options.remoteOffset ?? 0);
    this.#process.onSocket = (socket) => {
      this.#focus = socket;
      this.#exchange.follow(socket);
    };
  }

  run(event: ScriptEvent): void {
    const { action, time, line } = event;
    if (action.type === "unsupported") throw new Unsupported(action.reason);
    const when = time === null ? null : this.#clock.window(time, isInbound(event));
    if (action.type === "packet" && action.packet.direction === "out") {
      this.#exchange.expect(action.packet, event, when!);
      this.#clock.note(event, null);
      return;
    }
    if (action.type === "call") this.#finishPending();
    if (when !== null) this.#clock.advance(when.fromUs);
    switch (action.type) {
      case "packet":
        this.#exchange.inject(action.packet, line);
        this.#retry();
        break;
      case "call":
        this.#begin(
          new PendingCall(action.call, line, this.#process),
          action.call.until,
          time!,
          when!.baseUs,
        );
        break;
      case "command":
        for (const note of applyShell(this.#config, action.text, this.#readScript)) this.#notes.add(note);
        break;
      case "code":
        this.#assert(action.text, line);
    }
    this.#clock.note(event, when);
  }

  /** What the script has begun has to end, and with `strict` nothing may have been sent that it does not mention. */
  finish(): void {
    this.#finishPending();
    if (this.#options.strict) this.#exchange.nothingLeft();
  }

  readonly #readScript: ReadScript = (path) => this.#options.readScript?.(path) ?? null;

  #begin(call: PendingCall, until: number | null, time: EventTime, baseUs: number): void {
    const returns =
      until === null ? null : returning(time.type === "absolute" ? until : baseUs + until, baseUs);
    if (call.isThrough()) {
      if (returns !== null) this.#checkReturn(call, returns);
      return;
    }
    if (returns === null)
      throw new Failure(call.line, `${call.call.name}() waits where the script says that it does not`);
    this.#pending = { call, returns };
    this.#clock.deadline = call.deadline;
  }

  /** Something has happened: perhaps the call that waits can go on. */
  #retry(): void {
    const pending = this.#pending;
    if (pending === null) return;
    if (!pending.call.isThrough()) return;
    this.#pending = null;
    this.#clock.deadline = Number.POSITIVE_INFINITY;
    this.#checkReturn(pending.call, pending.returns);
  }

  #checkReturn({ line, call }: PendingCall, returns: Window): void {
    const expected = `${call.name}() returns at ${(returns.toUs / 1e6).toFixed(6)}`;
    const late = Math.abs(this.#clock.nowUs - returns.toUs);
    if (late <= toleranceOf(this.#config, returns)) return;
    const got = `${call.name}() returns at ${(this.#clock.nowUs / 1e6).toFixed(6)}`;
    throw new Failure(line, "the call returns at another time", expected, got);
  }

  #finishPending(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#retry();
    const limit = pending.returns.toUs + toleranceOf(this.#config, pending.returns);
    while (this.#pending !== null && this.#clock.step(limit)) {}
    if (this.#pending === null) return;
    const { name } = pending.call.call;
    throw new Failure(pending.call.line, `${name}() has not returned by ${(limit / 1e6).toFixed(6)}`);
  }

  #assert(text: string, line: number): void {
    const connection = this.#exchange.connection ?? this.#focus?.connection ?? null;
    const { failure, unknown } = this.#evaluated(text, connection, line);
    for (const name of unknown) this.#notes.add(`not checked: ${name}`);
    if (failure !== null) throw new Failure(line, `assertion: ${failure}`);
  }

  /** Python would raise an error where values do not suit what is done with them. */
  #evaluated(text: string, connection: Connection | null, line: number): CodeOutcome {
    try {
      return runCode(text, {
        variables: this.#variables,
        figure: (name) => TCP_INFO_CONSTANTS[name] ?? this.#figure(name, connection),
      });
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      throw new Failure(line, `assertion: ${error.message}`);
    }
  }

  #figure(name: string, connection: Connection | null): number | undefined {
    return connection === null ? undefined : tcpInfo(name, connection.endpoint.status());
  }
}

function returning(untilUs: number, baseUs: number): Window {
  return { baseUs, fromUs: untilUs, toUs: untilUs };
}

function isInbound({ action }: ScriptEvent): boolean {
  return action.type === "packet" && (action.packet as ScriptPacket).direction === "in";
}

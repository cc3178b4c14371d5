import { SYN } from "../../../assembly/layout/wire.ts";
import { parseSegment } from "../../wire/segment.ts";
import type { RunConfig } from "../config/config.ts";
import type { Connection } from "../host/connection.ts";
import type { Departure, Host } from "../host/host.ts";
import type { Socket } from "../host/socket.ts";
import type { ScriptEvent, ScriptPacket, TcpBody } from "../script.ts";
import { type Clock, toleranceOf, type Window } from "./clock.ts";
import { difference } from "./compare.ts";
import { Conversation } from "./conversation.ts";
import { continues, decode, type Emitted, joined } from "./emitted.ts";
import { encodeIcmp, encodeSegment } from "./encode.ts";
import { showExpectedTime, showPacket, showTime } from "./format.ts";
import { Failure } from "./outcome.ts";

/** The peer's first port, where the script names none. */
const PEER_PORT = 40000;
/** A `*` waits this long, in microseconds: two days. */
const LONGEST_WAIT = 2 * 86_400 * 1e6;

/** Packets between the script's peer and the host: those that come are made, those that leave are compared. */
export class Exchange {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #config: RunConfig;
  readonly #remoteOffset: number;
  readonly #conversations: Conversation[] = [];
  /** What packets without ports belong to. */
  #current: Conversation | null = null;
  /** A socket that has not talked yet. */
  #fresh: Socket | null = null;
  #nextPeerPort = PEER_PORT;
  /** Up to here departures have been compared or passed over. */
  #taken = 0;

  constructor(host: Host, clock: Clock, config: RunConfig, remoteOffset: number) {
    this.#host = host;
    this.#clock = clock;
    this.#config = config;
    this.#remoteOffset = remoteOffset;
  }

  /** Packets belong to this socket from now on. */
  follow(socket: Socket): void {
    this.#fresh = socket;
    this.#current = null;
    if (socket.connection !== null) this.#current = this.#conversationOf(socket.connection);
  }

  /** The connection that packets belong to now; what it was, once it is gone. */
  get connection(): Connection | null {
    const found = this.#current;
    if (found === null) return null;
    return (
      this.#host.find(found.localPort, found.remotePort) ?? this.#host.last(found.localPort, found.remotePort)
    );
  }

  /** A packet of the script's peer arrives. */
  inject(packet: ScriptPacket, line: number): void {
    const { body, ip } = packet;
    const conversation = this.#inbound(packet);
    const { localPort, remotePort } = conversation;
    if (body.protocol === "icmp") {
      const error = encodeIcmp(body, conversation, this.#config, line);
      this.#host.arriveIcmp(error, localPort, remotePort);
      return;
    }
    if (body.flags & SYN && this.#begins(conversation)) conversation.learnRemote(body.seq);
    const bytes = encodeSegment(body, conversation, this.#config, line);
    this.#host.arrive(bytes, typeof ip.ecn === "number" ? ip.ecn : 0, localPort, remotePort);
  }

  /** The next packet that leaves has to be this one, in its time. */
  expect(packet: ScriptPacket, event: ScriptEvent, when: Window): void {
    const body = packet.body as TcpBody;
    const conversation = this.#outbound(packet);
    const tolerance = toleranceOf(this.#config, when);
    const limit = Math.min(when.toUs + tolerance, this.#clock.nowUs + LONGEST_WAIT);
    const first = this.#next(conversation, limit, event, body, when);
    this.#learn(first, body, conversation);
    let actual = decode(first, conversation);
    while (actual.length < body.length && !this.#config.strictSegments) {
      const more = this.#peek(conversation);
      if (more === null) break;
      const next = decode(more, conversation);
      if (!continues(actual, next) || next.length > body.length - actual.length) break;
      this.#claim(more);
      actual = joined(actual, next);
    }
    this.#check(event, packet, actual, when, tolerance);
  }

  /** @throws {Failure} when something has left that no event has claimed */
  nothingLeft(): void {
    const left = this.#host.departures.find((departure) => !this.#claimed.has(departure));
    if (left === undefined) return;
    const conversation = this.#conversation(left.localPort, left.remotePort);
    throw new Failure(
      this.#lastLine,
      "a packet left that the script does not mention",
      undefined,
      show(left, conversation),
    );
  }

  readonly #claimed = new Set<Departure>();
  #lastLine = 0;

  #inbound({ ports }: ScriptPacket): Conversation {
    if (ports !== null) return this.#become(this.#conversation(ports.dst, ports.src));
    if (this.#current !== null) return this.#current;
    const socket = this.#fresh;
    const port = socket === null || socket.port === 0 ? this.#config.bindPort : socket.port;
    return this.#become(this.#conversation(port, this.#nextPeerPort++));
  }

  #outbound({ ports }: ScriptPacket): Conversation {
    if (ports !== null) return this.#become(this.#conversation(ports.src, ports.dst));
    if (this.#current !== null) return this.#current;
    return this.#become(this.#conversation(this.#config.bindPort, this.#nextPeerPort++));
  }

  #conversationOf(connection: Connection): Conversation {
    return this.#conversation(connection.localPort, connection.remotePort);
  }

  #conversation(localPort: number, remotePort: number): Conversation {
    const known = this.#conversations.find((c) => c.localPort === localPort && c.remotePort === remotePort);
    if (known !== undefined) return known;
    const made = new Conversation(localPort, remotePort, this.#remoteOffset);
    this.#conversations.push(made);
    return made;
  }

  #become(conversation: Conversation): Conversation {
    this.#current = conversation;
    return conversation;
  }

  /** A SYN names the peer's first number where no connection stands yet, or an old one has ended. */
  #begins({ localPort, remotePort }: Conversation): boolean {
    const state = this.#host.find(localPort, remotePort)?.endpoint.state;
    return state === undefined || state === "SYN-SENT" || state === "TIME-WAIT" || state === "LISTEN";
  }

  #learn(departure: Departure, body: TcpBody, conversation: Conversation): void {
    const segment = parseSegment(departure.bytes);
    if (segment.flags & body.flags & SYN) conversation.learnLocal(segment.seq, body.seq);
    const real = segment.options.find((option) => option.type === "timestamps");
    const script = body.options?.find((option) => option.type === "timestamps");
    if (real?.type === "timestamps" && script?.type === "timestamps") {
      conversation.learnTimestamp(script.tsval, real.tsval);
    }
  }

  #next(
    conversation: Conversation,
    limit: number,
    event: ScriptEvent,
    body: TcpBody,
    when: Window,
  ): Departure {
    this.#lastLine = event.line;
    for (;;) {
      const found = this.#peek(conversation);
      if (found !== null) {
        this.#claim(found);
        return found;
      }
      if (this.#clock.step(limit)) continue;
      const expected = `${showExpectedTime(event.time!, when.fromUs, when.toUs)} ${showPacket(">", body)}`;
      throw new Failure(event.line, "nothing was sent", expected, `no packet by ${showTime(limit / 1000)}`);
    }
  }

  #peek({ localPort, remotePort }: Conversation): Departure | null {
    const { departures } = this.#host;
    while (this.#taken < departures.length && this.#claimed.has(departures[this.#taken])) this.#taken++;
    for (let i = this.#taken; i < departures.length; i++) {
      const found = departures[i];
      if (found.localPort === localPort && found.remotePort === remotePort && !this.#claimed.has(found))
        return found;
    }
    return null;
  }

  #claim(departure: Departure): void {
    this.#claimed.add(departure);
  }

  #check(event: ScriptEvent, packet: ScriptPacket, actual: Emitted, when: Window, tolerance: number): void {
    const body = packet.body as TcpBody;
    const at = actual.at * 1000;
    const wrong = difference(body, packet.ip, actual, this.#config);
    const isOnTime = at >= when.fromUs - tolerance - 0.5 && at <= when.toUs + tolerance + 0.5;
    if (wrong === null && isOnTime) return;
    const expected = showPacket(">", { ...body, ...packet.ip });
    throw new Failure(
      event.line,
      wrong === null ? "another time" : `another ${wrong}`,
      `${showExpectedTime(event.time!, when.fromUs, when.toUs)} ${expected}`,
      `${showTime(actual.at)} ${showPacket(">", { ...shown(actual, body), ...(packet.ip.ecn === undefined ? {} : { ecn: actual.ecn }) })}`,
    );
  }
}

/** A segment with as much of it as the script's packet says. */
function shown(
  actual: Emitted,
  { window, options, ace }: TcpBody,
): Omit<Emitted, "ecn" | "window"> & { window: number | null; ace: boolean } {
  const { ecn: _, ...rest } = actual;
  return {
    ...rest,
    ace,
    window: window === null ? null : actual.window,
    options: options === null ? [] : actual.options,
  };
}

function show(departure: Departure, conversation: Conversation): string {
  const { ecn: _, ...segment } = decode(departure, conversation);
  return `${showTime(departure.at)} ${showPacket(">", segment)}`;
}

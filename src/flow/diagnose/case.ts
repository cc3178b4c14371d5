import type { Direction } from "../reassembly/reassembler.ts";
import type { FlowRecord, FlowSide } from "../records.ts";
import type { Finding } from "./diagnosis.ts";
import type { SideStory, Story } from "./story.ts";

/** What all conversations with one server address and port show together. */
export interface ServerFacts {
  /** The longest silence that a session with it survived, nanoseconds. */
  survivedIdle: bigint;
  /** Handshakes in which it agreed to an option that the client had offered. */
  scaled: number;
  sacked: number;
  timestamped: number;
}

/** What a rule looks at. */
export interface Case {
  readonly record: FlowRecord;
  readonly story: Story;
  readonly server: ServerFacts;
  /** Time of the capture's last segment. */
  readonly captureEnd: bigint;
  /** The conversation with the same ends before this one, where `record` reuses its ports. */
  readonly before: FlowRecord | undefined;
}

/** Says what is wrong with a conversation as far as it is the rule's subject. */
export type Rule = (c: Case) => Finding[];

export const NANOSECONDS = 1e6;

/** Nanoseconds as milliseconds. */
export function ms(nanoseconds: bigint | number): number {
  return Number(nanoseconds) / NANOSECONDS;
}

export function nameOf(direction: Direction): "client" | "server" {
  return direction === 0 ? "client" : "server";
}

/** An end as a reader knows it: `the client 192.0.2.7:50000`. */
export function endOf(c: Case, direction: Direction): string {
  const { address, port } = recordSide(c, direction);
  return `the ${nameOf(direction)} ${address.includes(":") ? `[${address}]` : address}:${port}`;
}

export function recordSide(c: Case, direction: Direction): FlowSide {
  return direction === 0 ? c.record.client : c.record.server;
}

export function storySide(c: Case, direction: Direction): SideStory {
  return c.story.sides[direction];
}

/** The server's address and port: what conversations of the same kind have in common. */
export function serverOf(c: Case): string {
  const { address, port } = c.record.server;
  return `${address} ${port}`;
}

export const directions: readonly Direction[] = [0, 1];

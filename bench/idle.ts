// Memory of connections that do nothing, each time in a process of its own: nothing else lies in its heap.
import { spawnSync } from "node:child_process";
import type { Contender, Race } from "../src/bench/race.ts";

/** `program` is the bundle of idle-process.ts. */
export function idleRace(program: string): Race {
  return {
    name: "endpoint/idle",
    title: "heap and WebAssembly memory of an idle connection's end, of 10,000 connections in one process",
    amount: 1,
    unit: "memory",
    reference: after(program, "after a request and an answer of 1 KiB", 1024),
    others: [after(program, "after the handshake", 0), after(program, "after 64 KiB each way", 65536)],
  };
}

function after(program: string, name: string, bytes: number): Contender {
  return {
    name,
    maxRepeats: 1,
    run: () => measure(program, bytes),
    outcome: () => ({}),
  };
}

function measure(program: string, bytes: number): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", program, String(bytes)]);
  if (status !== 0) throw new Error(stderr.toString().trim());
  return Number(stdout.toString());
}

// Reassembly of a stream whose segments come in the worst order.
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender } from "../src/bench/race.ts";
import { StreamAssembler } from "../src/flow/reassembly/stream.ts";

const MOST_HELD = 32 << 20;

/** `count` segments of one byte each, first to last and last to first. Work of n² would show at the larger count. */
export function reassemblyRace(count: number): PlannedRace {
  const name = `reassembly/${count}`;
  return {
    name,
    make: () => ({
      name,
      title: `${count} one-byte segments of a stream, at most ${MOST_HELD >> 20} MiB held`,
      amount: count,
      unit: "segment",
      reference: assembler("in order", count, (i) => i),
      others: [assembler("in reverse", count, (i) => count - 1 - i)],
    }),
  };
}

function assembler(name: string, count: number, place: (i: number) => number): Contender {
  const bytes = Uint8Array.from({ length: count }, (_, i) => i * 7);
  const assemble = () => {
    const told = { bytes: 0, hash: 0, gaps: 0, conflicts: 0 };
    let most = 0;
    const stream = new StreamAssembler(
      { policy: "first", maxHeldBytes: MOST_HELD, maxHeldSegments: count, history: 0 },
      {
        data(delivered) {
          told.bytes += delivered.length;
          for (const byte of delivered) told.hash = Math.imul(told.hash ^ byte, 0x01000193);
        },
        gap: () => told.gaps++,
        conflict: () => told.conflicts++,
      },
    );
    stream.start(0);
    for (let i = 0; i < count; i++) {
      const at = place(i);
      stream.push(at, bytes.subarray(at, at + 1), 1);
      most = Math.max(most, stream.heldBytes);
    }
    if (most > MOST_HELD) throw new Error(`${most} bytes were held`);
    return told;
  };
  return {
    name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) assemble();
      return undefined;
    },
    outcome: assemble,
  };
}

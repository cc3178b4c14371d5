// What a capture can do to the flow table whose conversations were chosen to fall together.
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender } from "../src/bench/race.ts";
import { Random } from "../src/bench/random.ts";
import type { Segments } from "../src/capture/segments.ts";
import { FlowTracker } from "../src/flow/index.ts";
import { batchesOf, type FlowKey } from "./flow-keys.ts";
import { collidingKeys, type LinearHash, toeplitz, xorFold } from "./linear-hash.ts";

const CONVERSATIONS = 1 << 18;
const PACKETS = 1_000_000;

/** A million packets of a quarter of a million conversations; each one's packets lie far apart. */
export function collisionRace(): PlannedRace {
  const name = "collisions";
  return {
    name,
    rounds: 5,
    make: () => ({
      name,
      title: `${PACKETS} packets of ${CONVERSATIONS} conversations followed, by how their addresses were chosen`,
      amount: PACKETS,
      unit: "packet",
      reference: follower("at random", randomKeys(new Random(1))),
      others: [
        follower("with one XOR of all words", colliding(xorFold)),
        follower("with one Toeplitz hash (RSS)", colliding(toeplitz)),
      ],
    }),
  };
}

function randomKeys(random: Random): (i: number) => FlowKey {
  const keys = Array.from({ length: CONVERSATIONS }, () => {
    const ports = random.next();
    return { src: random.next(), dst: random.next(), srcPort: ports >>> 16, dstPort: ports & 0xffff };
  });
  return (i) => keys[i % CONVERSATIONS];
}

function colliding(hash: LinearHash): (i: number) => FlowKey {
  const keys = collidingKeys(hash, CONVERSATIONS);
  return (i) => keys[i % CONVERSATIONS];
}

function follower(name: string, key: (i: number) => FlowKey): Contender {
  const batches = batchesOf(PACKETS, key);
  return {
    name,
    maxRepeats: 1,
    run(repeats) {
      for (let i = 0; i < repeats; i++) follow(batches);
      return undefined;
    },
    outcome: () => ({ conversations: follow(batches).streamCount }),
  };
}

function follow(batches: readonly Segments[]): FlowTracker {
  const tracker = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
  for (const batch of batches) tracker.add(batch);
  return tracker;
}

// One suite for every runtime: each case is computed by the built package and told by its digest, so that
// two runtimes agree exactly when their digests do.
import { seq } from "tcpwire/wire";
import { digest } from "./digest.js";
import { generator } from "./vectors.js";

/** Digests by the case's name. */
export async function suite() {
  const digests = {};
  for (const [name, run] of Object.entries(cases)) digests[name] = await digest(await run());
  return digests;
}

const cases = {
  "sequence arithmetic": () => {
    const random = generator(1);
    const edges = [0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff];
    const numbers = [...edges, ...Array.from({ length: 60 }, () => random.next())];
    return numbers.flatMap((a) => numbers.map((b) => [seq.lt(a, b), seq.add(a, b), seq.distance(a, b)]));
  },
};

// One suite for every runtime: each case is computed by the built package and told by its digest, so that
// two runtimes agree exactly when their digests do.
import { captureCases } from "./capture-cases.js";
import { digest } from "./digest.js";
import { hostCases } from "./host-cases.js";
import { initCases } from "./init-cases.js";
import { pairCases } from "./pair-cases.js";
import { simCases } from "./sim-cases.js";
import { wireCases } from "./wire-cases.js";
import { writtenCases } from "./written-cases.js";

/** Digests by the case's name. `captures` are files to read beside those that the suite makes. */
export async function suite(captures = {}) {
  const digests = {};
  // init() last: until then every first use compiles the inlined module by itself.
  const all = [wireCases, captureCases(captures), writtenCases, simCases, pairCases, hostCases, initCases];
  for (const cases of all) {
    for (const [name, run] of Object.entries(cases)) digests[name] = await digest(await run());
  }
  return digests;
}

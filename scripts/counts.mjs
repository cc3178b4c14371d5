// A check that runs several tests tells its real counts to check.mjs through a file, so that the closing
// line of a run adds up tests and not steps.
import { readFileSync, writeFileSync } from "node:fs";

/** Called by a check: `{ passed, failed, skipped }`. Does nothing when no one asked. */
export function recordCounts(counts) {
  if (process.env.TCPWIRE_COUNTS) writeFileSync(process.env.TCPWIRE_COUNTS, JSON.stringify(counts));
}

/** What the check recorded, or undefined. */
export function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The counts in a report of `vitest --reporter=json`; undefined when there is none. */
export function vitestCounts(file) {
  const report = readCounts(file);
  if (report === undefined) return undefined;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report;
  // A file that does not load fails without a failed test in it.
  const broken = testResults.filter((t) => t.status === "failed" && t.assertionResults.length === 0).length;
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken,
    skipped: numPendingTests + numTodoTests,
  };
}

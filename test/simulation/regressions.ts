/** Seeds of plans that once broke an assertion. What they showed is in the history of this file. */
export const REGRESSIONS: readonly number[] = [
  // Numbers 0 and corrupt or refused SYNs, which Wireshark's rules take as they come; probes that carry an acknowledgment.
  93_960,
  138_740, 147_940, 148_600, 150_860, 153_660, 178_920, 197_740, 222_580, 303_000,
];

import type { PlanVersion } from "./plan.ts";

/** Seeds that once broke an assertion, with the version of their plan. The history of this file says which and why. */
export const REGRESSIONS: readonly { readonly plan: PlanVersion; readonly seeds: readonly number[] }[] = [
  {
    // Numbers 0, corrupt and refused SYNs, which Wireshark's rules take as they come; probes that carry an acknowledgment.
    plan: 1,
    seeds: [
      93_960, 138_740, 147_940, 148_600, 150_860, 153_660, 178_920, 197_740, 222_580, 303_000, 345_080,
      355_480, 402_760, 403_980, 410_720, 419_140, 424_020, 513_620, 517_500, 519_700, 555_060, 561_480,
      571_520, 617_440, 619_360, 627_020, 627_680, 629_000, 632_060, 656_200, 714_800, 762_920, 767_800,
      775_800, 777_820, 812_020, 818_680, 822_080, 867_780, 887_560, 891_120, 901_280, 910_640, 929_580,
      959_820, 986_320, 991_240, 993_320,
    ],
  },
  {
    // An MSS that a cookie rounded up; a shift that changed between two SYN,ACKs; a last ACK that no cookie fits; two
    // cookies for one SYN; a Fast Open's SYN that came after the cookie for the SYN which had overtaken it; a retransmission
    // as alike to the segment before as 16 bits can tell; early data whose SYN,ACK came later, or never; a
    // path that was cut under segments on their way; a retransmission whose clock made up for a PSH in the checksum.
    plan: 2,
    seeds: [
      1125, 2620, 5502, 11_021, 13_596, 14_513, 22_387, 22_956, 26_832, 36_970, 44_308, 48_490, 118_981,
      213_977, 477_240, 590_820, 620_371, 737_580, 739_100, 5_693_640, 7_828_740,
    ],
  },
];

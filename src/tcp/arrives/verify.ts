import { fold, swap } from "../../wire/sum.ts";
import { canPlaceUnseen } from "../receivebuffer.ts";
import { isIn, RECEIVING } from "../state.ts";
import type { Tcb } from "../tcb.ts";
import type { Segment } from "./segment.ts";

/**
 * Whether the checksum is good (MUST-3). Data that is next in order is copied to its place in the same pass
 * (`seg.placed`): a segment that turns out corrupt leaves bytes there that RCV.NXT does not reach.
 */
export function isIntact(tcb: Tcb, seg: Segment): boolean {
  let sum = tcb.pseudo + seg.bytes + seg.headerSum;
  if (seg.dataLength > 0) {
    if (isIn(tcb.state, RECEIVING) && canPlaceUnseen(tcb, seg.seq, seg.dataLength)) {
      seg.placed = true;
      sum += swap(tcb.rcv.ring!.copyInSummed(seg.seq, seg.data, seg.dataLength, 0));
    } else {
      sum += swap(tcb.pool.memory.exports.checksumPart(seg.data, seg.dataLength, 0));
    }
  }
  return fold(sum) === 0xffff;
}

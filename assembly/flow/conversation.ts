// From ends and ports to a conversation.
import { IN_DST_PORT, IN_FLAGS, IN_FRAME, IN_SRC_PORT, IN_TIME } from "../layout/flow-columns";
import { SCALE_UNKNOWN } from "../layout/flow-findings";
import {
  K_CONTEXT,
  K_HIGH,
  K_LOW,
  R_CLIENT,
  R_FIRST,
  R_FIRST_FRAME,
  R_FLAGS,
  R_LAST,
  R_STATISTICS,
  R_STREAM,
  RECORD_COUNTED,
  RECORD_DETACHED,
  RECORD_REUSED,
  RECORD_TURNED,
  S_SCALE,
  SIDE_BYTES,
} from "../layout/flow-record";
import { LETTER_FLIPPED } from "../layout/flow-statistics";
import { ACK, SYN } from "../layout/wire";
import { hashAt, hashKey, IPV6, isSame, keyAt, turnedAt } from "./keys";
import { givePair, giveRecord, giveStatistics, keyOf, recordOf, takePair, takeRecord } from "./pool";
import { addSlot, removeSlot, replaceSlot, tableMask, tableSlots } from "./table";
import { forget } from "./unacknowledged";

/** Conversations opened so far: the next one's stream number. */
export let streams: u32 = 0;
/** Conversations held now, detached ones included. */
export let held: u32 = 0;

/** The conversation of a key; 0 when there is none. */
export function lookUp(key: u32, hash: u32): u32 {
  const slots = tableSlots();
  const mask = tableMask();
  let j = hash & mask;
  while (true) {
    const slot = load<u64>(slots + (j << 3));
    const known = <u32>slot;
    if (known == 0) return 0;
    if (<u32>(slot >> 32) == hash && isSame(known, key)) return recordOf(known);
    j = (j + 1) & mask;
  }
}

/**
 * Opens a conversation for row `i`, the group's `k`-th; in the place of `old`, where that is not 0.
 * Returns 0 when memory or the table is full.
 */
export function open(i: u32, k: u32, old: u32): u32 {
  const hash = hashAt(k);
  const record = takeRecord();
  if (record == 0) return 0;
  const key = keyOf(record);
  if (!storeKey(key, keyAt(k))) {
    giveRecord(record);
    return 0;
  }
  if (old) {
    replaceSlot(hash, keyOf(old), key);
    store<u8>(old, load<u8>(old, R_FLAGS) | (RECORD_DETACHED | RECORD_REUSED), R_FLAGS);
  } else if (!addSlot(hash, key)) {
    freeRecord(record);
    return 0;
  }
  held++;
  store<u32>(record, streams++, R_STREAM);
  store<u32>(record, load<u32>(i << 2, IN_FRAME), R_FIRST_FRAME);
  store<i64>(record, load<i64>(i << 3, IN_TIME), R_FIRST);
  store<i64>(record, load<i64>(i << 3, IN_TIME), R_LAST);
  store<i8>(sideOf(record, 0), SCALE_UNKNOWN, S_SCALE);
  store<i8>(sideOf(record, 1), SCALE_UNKNOWN, S_SCALE);
  const flipped = fromServer(i);
  if (turnedAt(k) != <u32>flipped) store<u8>(record, RECORD_TURNED, R_FLAGS);
  if (flipped) store<u32>(record, LETTER_FLIPPED, R_STATISTICS);
  return record;
}

/**
 * Whether the first segment seen comes from the server: a SYN-ACK does, a SYN does not. Of others the end
 * with a well-known port is the server, or else the one that did not speak first.
 */
function fromServer(i: u32): bool {
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  if (flags & SYN) return (flags & ACK) != 0;
  return load<u16>(i << 1, IN_SRC_PORT) < 1024 && load<u16>(i << 1, IN_DST_PORT) >= 1024;
}

function storeKey(own: u32, key: u32): bool {
  v128.store(own, v128.load(key));
  if (!(load<u32>(key, K_CONTEXT) & IPV6)) return true;
  const pair = takePair();
  if (pair == 0) return false;
  v128.store(pair, v128.load(load<u32>(key, K_LOW)));
  v128.store(pair, v128.load(load<u32>(key, K_HIGH)), 16);
  store<u32>(own, pair, K_LOW);
  store<u32>(own, pair + 16, K_HIGH);
  return true;
}

/** The side of a direction. */
// @ts-ignore: decorator
@inline
export function sideOf(record: u32, direction: u32): u32 {
  return record + R_CLIENT + direction * SIDE_BYTES;
}

/** Takes a conversation out of the table; `release` frees it later. */
export function detach(record: u32): void {
  held--;
  if (load<u8>(record, R_FLAGS) & RECORD_DETACHED) return;
  const key = keyOf(record);
  removeSlot(hashKey(key), key);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_DETACHED, R_FLAGS);
}

/** Frees a detached conversation with all that belongs to it. */
export function freeRecord(record: u32): void {
  forget(sideOf(record, 0));
  forget(sideOf(record, 1));
  if (load<u8>(record, R_FLAGS) & RECORD_COUNTED) giveStatistics(load<u32>(record, R_STATISTICS));
  const key = keyOf(record);
  if (load<u32>(key, K_CONTEXT) & IPV6) givePair(load<u32>(key, K_LOW));
  giveRecord(record);
}

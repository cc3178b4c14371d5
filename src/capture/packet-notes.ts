import {
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_EPB_DROPCOUNT,
  PCAPNG_EPB_FLAGS,
  PCAPNG_PACKET,
} from "../../assembly/layout/capture.ts";
import { BlockError, BlockReader } from "./block-reader.ts";

/** What a pcapng packet block says beside its packet. */
export interface PacketNotes {
  readonly comments: readonly string[];
  readonly direction: "inbound" | "outbound" | undefined;
  /** Packets that were dropped between the one before on this interface and this one. */
  readonly dropped: number | undefined;
}

/**
 * Reads the options behind the packet whose `captured` bytes lie at `frame`; none where the packet is not in a block that
 * has options. What is malformed ends them.
 */
export function readPacketNotes(
  bytes: Uint8Array,
  frame: number,
  captured: number,
  bigEndian: boolean,
): PacketNotes {
  const notes = {
    comments: [] as string[],
    direction: undefined,
    dropped: undefined,
  } as Writable<PacketNotes>;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => view.getUint32(at, !bigEndian);
  // Enhanced packet blocks, and the obsolete ones before them, have 28 bytes before the packet.
  const block = frame - PACKET_DATA;
  const type = word(block);
  const total = word(block + 4);
  const options = frame + ((captured + 3) & ~3);
  const end = block + total - 4;
  if ((type !== PCAPNG_ENHANCED_PACKET && type !== PCAPNG_PACKET) || word(block + 20) !== captured)
    return notes;
  if (end < options || end + 4 > bytes.length || word(end) !== total) return notes;
  try {
    const reader = new BlockReader(bytes.subarray(options, end), bigEndian);
    reader.options(notes.comments as string[], (code, value) => {
      if (type !== PCAPNG_ENHANCED_PACKET) return;
      if (code === PCAPNG_EPB_FLAGS) notes.direction = DIRECTIONS[value.u32() & 3];
      else if (code === PCAPNG_EPB_DROPCOUNT) notes.dropped = Number(value.u64());
    });
  } catch (error) {
    if (!(error instanceof BlockError)) throw error;
  }
  return notes;
}

export const NO_NOTES: PacketNotes = { comments: [], direction: undefined, dropped: undefined };

const PACKET_DATA = 28;
const DIRECTIONS = [undefined, "inbound", "outbound", undefined] as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

import { MAX_RECORD } from "../../assembly/layout/limits.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** A packet to be written to a capture. */
export interface CapturePacket {
  /** Nanoseconds since 1970-01-01T00:00Z. */
  readonly time: bigint;
  /** The frame, from its link header on, as far as it was captured. */
  readonly bytes: Uint8Array;
  /** Bytes of the frame on the wire; as many as `bytes` has when left out. */
  readonly length?: number;
}

/**
 * What the writers have in common. A writer makes bytes; where they go is the caller's: `take` them from time to time, or
 * make a stream of the writer, `new TransformStream(writer)`, which is packets in and chunks of 64 KiB out.
 */
export abstract class CaptureWriter<P extends CapturePacket> implements Transformer<P, Uint8Array> {
  /** @internal */
  protected abstract readonly out: ByteWriter;

  /** Writes a packet, whose bytes are copied. */
  abstract write(packet: P): void;

  /** Bytes that `take` would give. */
  get pending(): number {
    return this.out.length;
  }

  /** The bytes written since the last `take` (the file's header is in the first), which are the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    return this.out.take();
  }

  /** For `TransformStream`. */
  transform(packet: P, controller: TransformStreamDefaultController<Uint8Array>): void {
    this.write(packet);
    if (this.pending >= CHUNK) controller.enqueue(this.take());
  }

  /** For `TransformStream`. */
  flush(controller: TransformStreamDefaultController<Uint8Array>): void {
    if (this.pending > 0) controller.enqueue(this.take());
  }
}

const CHUNK = 64 * 1024;

/**
 * Bytes of a packet that are captured under a snapshot length (0 for none) and bytes that it had on the wire.
 * @throws {TypeError} when it is no packet, {RangeError} when its length is below what was captured
 */
export function packetLengths(
  packet: CapturePacket,
  snapLength: number,
): { captured: number; length: number } {
  const { bytes, length = bytes?.length } = packet;
  if (!(bytes instanceof Uint8Array)) throw new TypeError("packet: expected bytes to be a Uint8Array");
  if (typeof packet.time !== "bigint")
    throw new TypeError("packet: expected time to be nanoseconds in a bigint");
  if (!(Number.isInteger(length) && length >= bytes.length && length <= 0xffffffff)) {
    throw new RangeError(
      `packet: ${length} is no length of a frame of which ${bytes.length} bytes are given`,
    );
  }
  if (bytes.length > MAX_PACKET)
    throw new RangeError(`packet: ${bytes.length} bytes are more than readers take`);
  return { captured: snapLength > 0 ? Math.min(bytes.length, snapLength) : bytes.length, length };
}

// What this package reads back, with a block of pcapng around it.
const MAX_PACKET = MAX_RECORD - 64 * 1024;

import { type CaptureSource, type ReadCaptureOptions, readCapture } from "../../capture/index.ts";
import { FlowTracker, type FlowTrackerOptions } from "../tracker.ts";
import { type Direction, Reassembler, type ReassemblyOptions } from "./reassembler.ts";
import type { Conflict, GapReason } from "./stream.ts";

/** A stretch of a conversation, in the order in which it could be read. */
export type FollowChunk =
  | {
      readonly kind: "data";
      readonly direction: Direction;
      /** From the first byte of the direction. */
      readonly offset: number;
      /** Owned: it may be kept. */
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly kind: "gap";
      readonly direction: Direction;
      readonly offset: number;
      readonly length: number;
      readonly reason: GapReason;
    }
  | {
      readonly kind: "conflict";
      readonly direction: Direction;
      readonly frame: number;
      readonly conflict: Conflict;
    };

export interface FollowOptions
  extends ReadCaptureOptions,
    Pick<FlowTrackerOptions, "random" | "separateVlans" | "separateTunnels">,
    Omit<ReassemblyOptions, "flow" | "maxFlows" | "maxTotalHeldBytes"> {
  /** The conversation's number (`tcp.stream`). */
  readonly flow: number;
}

/**
 * Follows one conversation through a capture: the bytes of both directions in the order in which a reader
 * could have had them, gaps as gaps. Memory is bounded by what one direction may hold out of order.
 *
 * @example
 * ```ts
 * const random = (bytes) => crypto.getRandomValues(bytes);
 * for await (const chunk of follow(file, { flow: 0, random })) {
 *   if (chunk.kind === "data") console.log(chunk.direction, chunk.bytes);
 * }
 * ```
 *
 * @throws as `readCapture`, after all that could be followed
 */
export async function* follow(
  source: CaptureSource,
  options: FollowOptions,
): AsyncGenerator<FollowChunk, void> {
  const tracker = new FlowTracker(options);
  let chunks: FollowChunk[] = [];
  const reassembler = new Reassembler(
    {
      data: (_, direction, bytes, offset) =>
        chunks.push({ kind: "data", direction, offset, bytes: new Uint8Array(bytes) }),
      gap: (_, direction, offset, length, reason) =>
        chunks.push({ kind: "gap", direction, offset, length, reason }),
      conflict: (_, direction, conflict, frame) =>
        chunks.push({ kind: "conflict", direction, frame, conflict }),
    },
    { ...options, maxFlows: 1 },
  );
  let failure: unknown;
  try {
    for await (const batch of readCapture(source, options)) {
      reassembler.add(batch, tracker.add(batch));
      yield* chunks;
      chunks = [];
    }
  } catch (error) {
    failure = error;
  }
  reassembler.end();
  yield* chunks;
  if (failure !== undefined) throw failure;
}

/**
 * One direction of a conversation as a web stream of bytes. A gap ends it with an error, unless `gaps` says
 * that the bytes on either side are to be joined.
 *
 * @param options `direction`: whose bytes; `gaps`: `error` (default) or `join`
 */
export function followStream(
  source: CaptureSource,
  options: FollowOptions & { readonly direction: Direction; readonly gaps?: "error" | "join" },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = follow(source, options);
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value: chunk } = await chunks.next();
        if (done) return controller.close();
        if (chunk.direction !== options.direction) continue;
        if (chunk.kind === "data") return controller.enqueue(chunk.bytes);
        if (chunk.kind === "gap" && options.gaps !== "join") {
          await chunks.return();
          throw new Error(`${chunk.length} bytes are missing at offset ${chunk.offset} (${chunk.reason})`);
        }
      }
    },
    async cancel() {
      await chunks.return();
    },
  });
}

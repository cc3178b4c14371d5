/** Frames that belong together, on one link type, and what there is to say about them. */
export interface Case {
  /** A sentence. */
  name: string;
  linkType: number;
  /** Frames, or what the snapshot length left of frames. */
  frames: (Uint8Array | { bytes: Uint8Array; length: number })[];
  /** TCP headers to be found. */
  rows: number;
  /** Why Wireshark's answer is not the right one, where it is not. */
  unlikeWireshark?: string;
}

export const on = (linkType: number, name: string, ...frames: Case["frames"]): Case => ({
  name,
  linkType,
  frames,
  rows: 1,
});

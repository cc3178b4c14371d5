import { ENO_FIRST_TEP, ENO_WITH_DATA } from "../../../assembly/layout/options.ts";
import { copy, put } from "../bytes.ts";
import { byteCount, unsigned } from "../range.ts";

/**
 * One suboption of the encryption negotiation (RFC 8547 4.1): a global one, or a TCP encryption protocol's
 * identifier with or without data.
 */
export type EnoSuboption =
  | {
      /** 0 to 0x1f: b in the lowest bit (1 for the passive opener), a above it, three bits reserved. */
      readonly global: number;
    }
  | {
      /** 0x20 to 0x7f. */
      readonly tep: number;
      readonly data?: Uint8Array;
      /** Set where the last suboption has a length byte, which it does not need. */
      readonly explicitLength?: true;
    };

/**
 * Encryption negotiation (kind 69, RFC 8547; before that experiment 454E). Without SYN its contents belong to
 * the protocol that was negotiated and may look like anything.
 */
export type EnoOption = {
  readonly type: "eno";
  /** The kind, when sent as an experiment. */
  readonly experiment?: 253 | 254;
} & (
  | { readonly suboptions: readonly EnoSuboption[]; readonly data?: undefined }
  | {
      /** Contents that are no suboptions. */
      readonly data: Uint8Array;
      readonly suboptions?: undefined;
    }
);

/** Reads the contents in `bytes[start, end)`. */
export function readEno(bytes: Uint8Array, start: number, end: number): EnoOption {
  const suboptions = readSuboptions(bytes, start, end);
  return suboptions === undefined
    ? { type: "eno", data: copy(bytes, start, end) }
    : { type: "eno", suboptions };
}

/** Bytes of the contents. */
export function enoLength(option: EnoOption): number {
  if (option.suboptions === undefined) return option.data.length;
  const { suboptions } = option;
  return suboptions.reduce((sum, suboption, i) => {
    const { data, length } = dataOf(suboption, i === suboptions.length - 1);
    return sum + 1 + Number(length) + (data?.length ?? 0);
  }, 0);
}

/** Writes the contents at `at`. */
export function writeEno(target: Uint8Array, at: number, option: EnoOption): void {
  if (option.suboptions === undefined) {
    byteCount("eno.data", option.data, 0, 38);
    put(target, at, option.data);
    return;
  }
  for (const [i, suboption] of option.suboptions.entries()) {
    if ("global" in suboption) {
      unsigned("eno.global", suboption.global, 0x1f);
      target[at++] = suboption.global;
      continue;
    }
    unsigned("eno.tep", suboption.tep, 0x7f);
    if (suboption.tep < ENO_FIRST_TEP) throw new RangeError(`eno.tep: ${suboption.tep} is not 0x20 to 0x7f`);
    const { data, length } = dataOf(suboption, i === option.suboptions.length - 1);
    if (data === undefined) {
      target[at++] = suboption.tep;
      continue;
    }
    byteCount("eno.suboption.data", data, length ? 1 : 0, length ? 32 : 38);
    if (length) target[at++] = ENO_WITH_DATA | (data.length - 1);
    target[at++] = ENO_WITH_DATA | suboption.tep;
    at = put(target, at, data);
  }
}

/** A suboption's data, and whether a length byte stands before it: data without one reach to the end. */
function dataOf(suboption: EnoSuboption, last: boolean): { data: Uint8Array | undefined; length: boolean } {
  if ("global" in suboption) return { data: undefined, length: false };
  const { data, explicitLength } = suboption;
  return { data, length: data !== undefined && (!last || explicitLength === true) };
}

/** `undefined` when the contents are malformed (RFC 8547 4.1 and 4.3). */
function readSuboptions(bytes: Uint8Array, start: number, end: number): EnoSuboption[] | undefined {
  const found: EnoSuboption[] = [];
  for (let at = start; at < end; ) {
    const first = bytes[at++];
    if (first < ENO_FIRST_TEP) {
      found.push({ global: first });
    } else if (first < ENO_WITH_DATA) {
      found.push({ tep: first });
    } else if (first >= (ENO_WITH_DATA | ENO_FIRST_TEP)) {
      found.push({ tep: first & 0x7f, data: copy(bytes, at, end) });
      at = end;
    } else {
      const length = (first & 0x1f) + 1;
      if (at + 1 + length > end) return undefined;
      const tep = bytes[at++];
      if (tep < (ENO_WITH_DATA | ENO_FIRST_TEP)) return undefined;
      const data = copy(bytes, at, at + length);
      at += length;
      found.push({ tep: tep & 0x7f, data, ...(at === end ? { explicitLength: true as const } : {}) });
    }
  }
  return found;
}

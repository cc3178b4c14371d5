export interface Generator {
  next(): number;
  below(n: number): number;
  chance(n: number): boolean;
}
export function generator(seed: number): Generator;
export function randomBytes(random: Generator, length: number): Uint8Array<ArrayBuffer>;
export function frames(seed: number, count: number): Uint8Array<ArrayBuffer>[];
export function conversations(seed: number, count: number, rounds: number): Uint8Array<ArrayBuffer>[];
export function pcap(
  list: readonly Uint8Array[],
  options?: { bigEndian?: boolean; nanoseconds?: boolean },
): Uint8Array<ArrayBuffer>;
export function pcapng(
  list: readonly Uint8Array[],
  options?: { bigEndian?: boolean },
): Uint8Array<ArrayBuffer>;

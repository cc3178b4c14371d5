import { type Address, addressBytes } from "../wire/address.ts";
import { copyOf } from "../wire/bytes.ts";
import { LISTEN } from "./state.ts";
import type { Tcb } from "./tcb.ts";

/** 4 or 6. */
export function familyOf(address: Address): number {
  if (typeof address === "number") return 4;
  return addressBytes(address).length === 4 ? 4 : 6;
}

// A host's connections have its own address in common, and many that of a peer: sixteen bytes take 230 in a `Uint8Array`.
const MOST_RECENT = 4;
const recent: Uint8Array[] = [];
let oldest = 0;

/**
 * An address to keep: bytes that the caller may change are copied, once for neighbours that have the same, and of a number's
 * two forms it is the signed one, which V8 stores in place.
 */
export function kept(address: Address): Address {
  if (typeof address === "number") return address | 0;
  if (!(address instanceof Uint8Array)) return address;
  const known = recent.find((each) => isSame(each, address));
  if (known !== undefined) return known;
  const copy = copyOf(address);
  recent[oldest] = copy;
  oldest = (oldest + 1) % MOST_RECENT;
  return copy;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A kept address as others know it: what they do to its bytes is theirs. */
export function told(address: Address): Address {
  if (typeof address === "number") return address >>> 0;
  return address instanceof Uint8Array ? copyOf(address) : address;
}

/**
 * Whether the connection has a peer, or is to have that one. While it listens for any, `remote` is who sent the last
 * segment, to whom a RST may go.
 */
export function hasPeer(tcb: Tcb): boolean {
  return tcb.remote !== null && !(tcb.anyRemote && tcb.state === LISTEN);
}

/** Names our own socket. */
export function nameLocal(tcb: Tcb, address: Address, port: number): void {
  tcb.local = address;
  tcb.family = familyOf(address);
  tcb.ports = (port << 16) | tcb.remotePort;
}

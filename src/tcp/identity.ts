import { type Address, addressBytes } from "../wire/address.ts";
import { copyOf } from "../wire/bytes.ts";
import { LISTEN } from "./state.ts";
import type { Tcb } from "./tcb.ts";

/** 4 or 6. */
export function familyOf(address: Address): number {
  if (typeof address === "number") return 4;
  return addressBytes(address).length === 4 ? 4 : 6;
}

/**
 * An address to keep: bytes that the caller may change are copied, and of a number's two forms it is the signed one, which
 * V8 stores in place.
 */
export function kept(address: Address): Address {
  if (typeof address === "number") return address | 0;
  return address instanceof Uint8Array ? copyOf(address) : address;
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

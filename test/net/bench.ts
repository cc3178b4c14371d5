// A host on a wire whose other end is the test's.
import { Host, type Link, linkPair } from "../../src/net/index.ts";
import type { Ends } from "./packets.ts";
import { seeded, VirtualClock } from "./virtual.ts";

export const US4 = "192.0.2.1";
export const THEM4 = "198.51.100.9";
export const US6 = "2001:db8::1";
export const THEM6 = "2001:db8:9::9";
export const TO4: Ends = { src: THEM4, dst: US4 };
export const TO6: Ends = { src: THEM6, dst: US6 };

export interface Bench {
  readonly host: Host;
  readonly wire: Link;
  readonly clock: VirtualClock;
  /** What the host has sent since it was last looked at. */
  sent(): Uint8Array[];
}

export function bench(mtu = 1500): Bench {
  const clock = new VirtualClock();
  const [link, wire] = linkPair({ mtu });
  const packets: Uint8Array[] = [];
  wire.start(
    (packet) => packets.push(packet.slice()),
    () => {},
    () => {},
  );
  const host = new Host({ link, addresses: [`${US4}/24`, `${US6}/64`], clock, random: seeded(5) });
  return { host, wire, clock, sent: () => packets.splice(0) };
}

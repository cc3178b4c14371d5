// What every IP header does, of either version.
import { load32 } from "./bytes";
import { packets, passPacket, passTunnel } from "./cursor";
import { ipDestination, ipHeader, ipSource, ipVersion } from "./segment";

/** Notes an IP header. The one around it, if any, becomes part of the tunnel's identity. */
export function openPacket(version: u32, source: u32, destination: u32, hops: u32, traffic: u32): void {
  // The sum is the same in both directions.
  if (packets) passTunnel(identity(ipSource) + identity(ipDestination));
  passPacket();
  ipHeader(version, source, destination, hops, traffic);
}

function identity(address: u32): u32 {
  let h = load32(address) * 0x85ebca6b;
  if (ipVersion == 6) {
    for (let i: u32 = 4; i < 16; i += 4) h = (rotl<u32>(h, 13) ^ load32(address + i)) * 0x85ebca6b;
  }
  return h ^ (h >> 16);
}

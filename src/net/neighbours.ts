import type { IpAddress } from "./ip-address.ts";
import type { IpPacket } from "./ip-packet.ts";

/** The stations on an Ethernet link, and how to reach them. */
export interface Neighbours {
  /** Whether frames to `address` can be sent. If not, asks for its station; waiting connections are told later. */
  isKnown(address: IpAddress): boolean;
  /** Writes the Ethernet header of a frame to `address` at `at`; false when its station is not known. */
  writeHeader(dv: DataView, at: number, address: IpAddress): boolean;
  /** A frame of the link, at `at`: returns whether it holds an IP packet for this host. */
  arrived(at: number, length: number): boolean;
  /** A neighbour solicitation or advertisement, its checksum good. Returns false when it is malformed. */
  discovery(packet: IpPacket): boolean;
}

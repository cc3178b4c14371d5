import { isSame, keyAt, separate, takeKeys } from "../flow/keys";
import {
  FLOW_GROUP,
  FLOW_HASHES,
  FLOW_KEY,
  FLOW_KEY_WORDS,
  FLOW_KEYS,
  FLOW_TURNED,
  IN_ADDRESSES,
  IN_DST,
  IN_DST_PORT,
  IN_IP_VERSION,
  IN_SRC,
  IN_SRC_PORT,
  IN_TUNNEL,
  IN_VLAN,
} from "../layout/flow-columns";

// A generator for the tests: splitmix64.
let seed: u64 = 7;
function random(): u64 {
  seed += 0x9e3779b97f4a7c15;
  let z = seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

const KEPT: u32 = 28 << 20;
const TABLES: u32 = FLOW_GROUP * 24; // keys, hashes, turned: side by side

function row(i: u32, version: u32, src: u32, dst: u32, srcPort: u32, dstPort: u32): void {
  store<u8>(i, <u8>version, IN_IP_VERSION);
  store<u32>(i << 2, src, IN_SRC);
  store<u32>(i << 2, dst, IN_DST);
  store<u16>(i << 1, <u16>srcPort, IN_SRC_PORT);
  store<u16>(i << 1, <u16>dstPort, IN_DST_PORT);
  store<u32>(i << 2, 0, IN_VLAN);
}

describe("the keys of a group of rows", () => {
  it("are the same whether four rows are taken at a time or one, equal addresses and ports included", () => {
    for (let i: u32 = 0; i < <u32>FLOW_KEY_WORDS; i++) store<u64>(FLOW_KEY + (i << 3), random());
    let turned: u32 = 0;
    for (let round: u32 = 0; round < 200; round++) {
      for (let i: u32 = 0; i < <u32>FLOW_GROUP; i++) {
        const any = random();
        const src = <u32>any & (any >> 63 ? 0xffffffff : 3);
        const dst = <u32>(any >> 20) & (any >> 62 & 1 ? 0xffffffff : 3);
        row(i, 4, src, dst, <u32>(any >> 40) & (any >> 61 & 1 ? 0xffff : 1), <u32>(any >> 44) & 0xffff);
      }
      separate(false, false);
      takeKeys(0, FLOW_GROUP);
      memory.copy(KEPT, FLOW_KEYS, TABLES);
      // Where VLANs separate, rows are taken one by one; these have none.
      separate(true, false);
      takeKeys(0, FLOW_GROUP);
      separate(false, false);
      expect(memory.compare(KEPT, FLOW_KEYS, FLOW_GROUP * 20)).toBe(0);
      for (let i: u32 = 0; i < <u32>FLOW_GROUP; i++) {
        const one = load<u32>(FLOW_TURNED + (i << 2)) & 1;
        if (one != (load<u32>(KEPT + (FLOW_TURNED - FLOW_KEYS) + (i << 2)) & 1)) turned++;
      }
    }
    expect(turned).toBe(0);
  });

  it("are others in another VLAN or tunnel, whoever chose the numbers of both", () => {
    separate(true, true);
    for (let round: u32 = 0; round < 64; round++) {
      for (let i: u32 = 0; i < <u32>FLOW_KEY_WORDS; i++) store<u64>(FLOW_KEY + (i << 3), random());
      for (let i: u32 = 0; i < <u32>FLOW_GROUP; i++) {
        row(i, 4, 10, 20, 1000, 80);
        const vlan = (round << 5) | i;
        store<u32>(i << 2, vlan, IN_VLAN);
        // What was the same context for all of them when nothing secret went into it.
        store<u32>(i << 2, vlan * 0x9e3779b1, IN_TUNNEL);
      }
      takeKeys(0, FLOW_GROUP);
      let together: u32 = 0;
      for (let k: u32 = 1; k < <u32>FLOW_GROUP; k++) if (isSame(keyAt(k), keyAt(k - 1))) together++;
      expect(together).toBe(0);
    }
    separate(false, false);
    memory.fill(IN_TUNNEL, 0, FLOW_GROUP * 4);
  });

  it("are the same in both directions, for IPv4 and IPv6", () => {
    for (let i: u32 = 0; i < 16; i++) store<u8>(IN_ADDRESSES + i, <u8>(i + 1));
    for (let i: u32 = 0; i < 16; i++) store<u8>(IN_ADDRESSES + 16 + i, <u8>(i + 2));
    for (let i: u32 = 0; i < <u32>FLOW_GROUP; i += 4) {
      row(i, 4, 10, 20, 1000, 80);
      row(i + 1, 4, 20, 10, 80, 1000);
      row(i + 2, 6, 0, 1, 1000, 80);
      row(i + 3, 6, 1, 0, 80, 1000);
    }
    takeKeys(0, FLOW_GROUP);
    for (let k: u32 = 0; k < 4; k += 2) {
      expect(memory.compare(keyAt(k), keyAt(k + 1), 16)).toBe(0);
      expect(load<u32>(FLOW_HASHES + (k << 2))).toBe(load<u32>(FLOW_HASHES + ((k + 1) << 2)));
      expect((load<u32>(FLOW_TURNED + (k << 2)) ^ load<u32>(FLOW_TURNED + ((k + 1) << 2))) & 1).toBe(1);
    }
    expect(isSame(keyAt(0), keyAt(1))).toBe(true);
    expect(isSame(keyAt(0), keyAt(2))).toBe(false);
  });
});

import { hash4, hash6 } from "../flow/hash";
import { addSlot, openTable, removeSlot, replaceSlot, tableMask, tableSlots } from "../flow/table";
import { FLOW_KEY, FLOW_KEY_WORDS } from "../layout/flow-columns";

// A generator for the tests: splitmix64.
let seed: u64 = 1;
function random(): u64 {
  seed += 0x9e3779b97f4a7c15;
  let z = seed;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

function newKey(): void {
  for (let i: u32 = 0; i < <u32>FLOW_KEY_WORDS; i++) store<u64>(FLOW_KEY + (i << 3), random());
}

/** The most of `n` keys that share one of 4096 slots, for ends that count up by `step`. */
function fullestSlot(n: u32, step: u32): u32 {
  const counts: u32 = 24 << 20;
  memory.fill(counts, 0, 4096 * 4);
  let most: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const at = counts + ((hash4(i * step, 0xc0a80001, 443, 0) & 4095) << 2);
    store<u32>(at, load<u32>(at) + 1);
    most = max(most, load<u32>(at));
  }
  return most;
}

function lookUp(hash: u32, record: u32): bool {
  let j = hash & tableMask();
  while (load<u32>(tableSlots() + (j << 3)) != 0) {
    const slot = tableSlots() + (j << 3);
    if (load<u32>(slot) == record && load<u32>(slot, 4) == hash) return true;
    j = (j + 1) & tableMask();
  }
  return false;
}

describe("the hash of a conversation's key", () => {
  it("spreads ends that count up, by any step, about as evenly as chance", () => {
    newKey();
    // 4096 keys in 4096 slots: chance gives about 6 in the fullest, 12 once in a billion times.
    for (let shift: u32 = 0; shift <= 20; shift++) {
      expect(fullestSlot(4096, 1 << shift)).toBeLessThan(14);
    }
  });

  it("spreads keys that were made to collide under another secret", () => {
    newKey();
    const keys: u32 = 25 << 20;
    let found: u32 = 0;
    for (let low: u32 = 0; found < 2000; low++) {
      if (hash4(low, 1, 2, 0) & 1023) continue;
      store<u32>(keys + (found << 2), low);
      found++;
    }
    newKey();
    let together: u32 = 0;
    for (let i: u32 = 0; i < found; i++) {
      if ((hash4(load<u32>(keys + (i << 2)), 1, 2, 0) & 1023) == 0) together++;
    }
    // Two are expected; 20 are as good as impossible.
    expect(together).toBeLessThan(20);
  });

  it("depends on every byte of two IPv6 addresses, on the ports and on the context", () => {
    newKey();
    const p: u32 = 26 << 20;
    memory.fill(p, 7, 32);
    const before = hash6(p, p + 16, 9, 1);
    for (let i: u32 = 0; i < 32; i++) {
      store<u8>(p + i, 8);
      expect(hash6(p, p + 16, 9, 1)).not.toBe(before);
      store<u8>(p + i, 7);
    }
    expect(hash6(p, p + 16, 10, 1)).not.toBe(before);
    expect(hash6(p, p + 16, 9, 3)).not.toBe(before);
    expect(hash6(p, p + 16, 9, 1)).toBe(before);
  });
});

describe("the table", () => {
  it("finds all that was added, growing, and nothing that was removed, clusters and their wrapping included", () => {
    openTable();
    const n: u32 = 5000;
    // Few hash values, at the end of the table too: long probes and clusters that wrap.
    for (let i: u32 = 1; i <= n; i++) expect(addSlot(-(i % 700), i)).toBe(true);
    for (let i: u32 = 1; i <= n; i += 3) removeSlot(-(i % 700), i);
    let wrong: u32 = 0;
    for (let i: u32 = 1; i <= n; i++) {
      if (lookUp(-(i % 700), i) == (i % 3 == 1)) wrong++;
    }
    expect(wrong).toBe(0);
    for (let i: u32 = 1; i <= n; i += 3) addSlot(-(i % 700), i);
    for (let i: u32 = 1; i <= n; i++) if (!lookUp(-(i % 700), i)) wrong++;
    expect(wrong).toBe(0);
  });

  it("puts a record in another's place", () => {
    openTable();
    addSlot(5, 100);
    addSlot(5, 200);
    replaceSlot(5, 100, 300);
    expect(lookUp(5, 100)).toBe(false);
    expect(lookUp(5, 200)).toBe(true);
    expect(lookUp(5, 300)).toBe(true);
  });
});

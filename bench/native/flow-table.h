// The table that the tracker's is held against: assembly/flow's keyed multiply-add hash, slots of 8 bytes with the
// key's number below its hash, at most half of them taken, keys of 16 bytes side by side. IPv4 only.
#ifndef TCPWIRE_FLOW_TABLE_H
#define TCPWIRE_FLOW_TABLE_H

#include "bytes.h"
#include "layout.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct flow_key { uint32_t low, high, ports, context; };

// Keys as rows have them: columns, one batch at a time in the same place.
static uint32_t row_src[ROWS] __attribute__((aligned(64))), row_dst[ROWS] __attribute__((aligned(64)));
static uint16_t row_src_port[ROWS] __attribute__((aligned(64))), row_dst_port[ROWS] __attribute__((aligned(64)));

static uint64_t hash_key[4];
static uint64_t *flow_slots;
static struct flow_key *flow_keys;
static uint32_t flow_mask, flow_count;

INLINE struct flow_key key_of_row(uint32_t i) {
  uint32_t src = row_src[i], dst = row_dst[i];
  uint32_t src_port = row_src_port[i], dst_port = row_dst_port[i];
  bool turned = src > dst || (src == dst && src_port > dst_port);
  return turned ? (struct flow_key){dst, src, dst_port << 16 | src_port, 0}
                : (struct flow_key){src, dst, src_port << 16 | dst_port, 0};
}

INLINE uint32_t hash_of(struct flow_key key) {
  uint64_t sum = hash_key[0] + hash_key[1] * key.low + hash_key[2] * key.high + hash_key[3] * key.ports;
  uint32_t h = (uint32_t)(sum >> 32);
  h ^= h >> 16;
  h *= 0x7feb352du;
  return h ^ h >> 15;
}

// The key's number plus one; 0 for none.
INLINE uint32_t find_flow(struct flow_key key, uint32_t hash) {
  for (uint32_t j = hash & flow_mask;; j = (j + 1) & flow_mask) {
    uint64_t slot = flow_slots[j];
    uint32_t number = (uint32_t)slot;
    if (!number) return 0;
    if ((uint32_t)(slot >> 32) != hash) continue;
    const struct flow_key *k = &flow_keys[number - 1];
    if (k->low == key.low && k->high == key.high && k->ports == key.ports) return number;
  }
}

static bool open_flow_table(uint32_t flows) {
  uint32_t slots = 1024;
  while (slots < 2 * flows) slots *= 2;
  free(flow_slots);
  free(flow_keys);
  flow_slots = aligned_alloc(64, slots * sizeof *flow_slots);
  flow_keys = aligned_alloc(64, (flows * sizeof *flow_keys + 63) & ~(size_t)63);
  if (!flow_slots || !flow_keys) return false;
  memset(flow_slots, 0, slots * sizeof *flow_slots);
  memset(flow_keys, 0, flows * sizeof *flow_keys);
  flow_mask = slots - 1;
  flow_count = 0;
  return true;
}

static void add_rows(uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    struct flow_key key = key_of_row(i);
    uint32_t hash = hash_of(key);
    if (find_flow(key, hash)) continue;
    flow_keys[flow_count] = key;
    uint32_t j = hash & flow_mask;
    while (flow_slots[j]) j = (j + 1) & flow_mask;
    flow_slots[j] = (uint64_t)hash << 32 | ++flow_count;
  }
}

static __attribute__((noinline)) uint32_t count_known(uint32_t n) {
  uint32_t known = 0;
  for (uint32_t i = 0; i < n; i++) {
    struct flow_key key = key_of_row(i);
    known += find_flow(key, hash_of(key)) != 0;
  }
  return known;
}

// Batches as bench/flow-keys.ts writes them: the four columns of ROWS rows, one after the other.
#define FLOW_BATCH_BYTES (ROWS * 12u)

static void take_flow_batch(const uint8_t *batch) {
  memcpy(row_src, batch, sizeof row_src);
  memcpy(row_dst, batch + ROWS * 4, sizeof row_dst);
  memcpy(row_src_port, batch + ROWS * 8, sizeof row_src_port);
  memcpy(row_dst_port, batch + ROWS * 10, sizeof row_dst_port);
}

#endif

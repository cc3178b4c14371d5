// Layouts of options that are known, as assembly/known.ts has them: a header whose bytes of kind and length are those of
// one read before is read by it, with one comparison of 256 bits and no branch on what its options are.
#ifndef TCPWIRE_KNOWN_H
#define TCPWIRE_KNOWN_H

#include "bytes.h"
#include "columns.h"
#include "options.h"
#include <stdbool.h>

#if defined(__AVX2__)
#include <immintrin.h>
#define HAVE_KNOWN 1

// Offsets count from behind padded timestamps, or from the first option where these do not come first.
struct layout {
  uint8_t bytes[32], mask[32];
  uint64_t times_mask;
  uint32_t key;
  uint16_t mss_mask;
  uint8_t seen, blocks, mss_at, shift_at, shift_mask, sack_at;
  int8_t times_at;
} __attribute__((aligned(32)));

static struct layout layouts[KNOWN_LAYOUTS];
static uint8_t layout_of[1 << KNOWN_BITS];
static uint32_t next_layout;

INLINE bool is_padded(const uint8_t *o, uint32_t length) { return load32(o) == PADDED_TIMESTAMPS && length >= 12; }

// Of the first option's kind and length; two NOPs and MSS say less than what follows them.
INLINE uint32_t layout_hash(const uint8_t *o, uint32_t length, uint32_t key) {
  const uint64_t word = load64(o), first = word & 0xffff;
  uint64_t mask = 0xffff;
  mask = first == 0x0101 ? 0xffffffff : mask;
  mask = first == 0x0402 && length > 4 ? 0x0000ffff0000ffff : mask;
  return (uint32_t)((((word & mask) | (uint64_t)key << 48) * 0x9e3779b97f4a7c15) >> (64 - KNOWN_BITS));
}

// The option columns of row `i`, and how many blocks of SACK; -1 where the layout is not known.
INLINE int read_known(const uint8_t *o, uint32_t length, uint32_t i, uint32_t sacks) {
  const uint32_t padded = is_padded(o, length), key = length | padded << 6;
  const uint8_t *from = o + padded * 12;
  const struct layout *l = &layouts[layout_of[layout_hash(from, length - padded * 12, key)]];
  const __m256i differs = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)from), *(const __m256i *)l->bytes);
  if (!_mm256_testz_si256(differs, *(const __m256i *)l->mask) | (l->key != key)) return -1;
  const uint64_t times = __builtin_bswap64(load64(from + l->times_at)) & l->times_mask;
  col.tsval[i] = (uint32_t)(times >> 32);
  col.tsecr[i] = (uint32_t)times;
  col.mss[i] = net16(from + l->mss_at) & l->mss_mask;
  col.window_scale[i] = from[l->shift_at] & l->shift_mask;
  col.options_seen[i] = l->seen;
  col.sack_count[i] = l->blocks;
  col.sack_start[i] = l->blocks ? sacks : 0;
  const __m256i longs = _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  const __m256i edges = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(from + l->sack_at)), longs);
  _mm256_storeu_si256((__m256i *)(sack_edges + sacks * 2), edges);
  return l->blocks;
}

INLINE void note_value(uint32_t *seen, uint32_t bit) { *seen |= *seen & bit ? SEEN_OTHER : bit; }

// Takes note of options that are in order.
static void learn(const uint8_t *o, uint32_t length) {
  const uint32_t padded = is_padded(o, length), key = length | padded << 6;
  const uint8_t *from = o + padded * 12;
  const uint32_t rest = length - padded * 12;
  struct layout l = {0};
  uint32_t seen = 0;
  if (padded) seen = SEEN_TIMESTAMPS, l.times_at = -8, l.times_mask = ~0ull;
  for (uint32_t at = 0; at < rest;) {
    const uint32_t kind = from[at], size = kind == OPT_EOL || kind == OPT_NOP ? 1 : from[at + 1];
    if (at + (size > 1) >= sizeof l.bytes) return;
    memcpy(l.bytes + at, from + at, size > 1 ? 2 : 1);
    memset(l.mask + at, 255, size > 1 ? 2 : 1);
    if (kind == OPT_EOL) break;
    const uint8_t value = (uint8_t)(at + 2);
    if (kind == OPT_SACK) {
      if (seen & SEEN_SACK) return;
      seen |= SEEN_SACK, l.sack_at = value, l.blocks = (uint8_t)(size >> 3);
    } else if (kind == OPT_TIMESTAMPS) {
      note_value(&seen, SEEN_TIMESTAMPS), l.times_at = (int8_t)value, l.times_mask = ~0ull;
    } else if (kind == OPT_MSS) {
      note_value(&seen, SEEN_MSS), l.mss_at = value, l.mss_mask = 0xffff;
    } else if (kind == OPT_WINDOW_SCALE) {
      note_value(&seen, SEEN_WINDOW_SCALE), l.shift_at = value, l.shift_mask = 0xff;
    } else if (kind == OPT_SACK_PERMITTED) {
      seen |= SEEN_SACK_PERMITTED;
    } else if (kind != OPT_NOP) {
      seen |= SEEN_OTHER;
    }
    at += size;
  }
  l.seen = (uint8_t)seen;
  l.key = key;
  layouts[next_layout] = l;
  layout_of[layout_hash(from, rest, key)] = (uint8_t)next_layout;
  next_layout = (next_layout + 1) % KNOWN_LAYOUTS;
}

#endif
#endif

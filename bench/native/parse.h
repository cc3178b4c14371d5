// pcap records (little-endian, microseconds, Ethernet) to columns: what assembly/batch.ts does on its fast
// path, and the same work on the way. What the generated captures do not hold (tunnels, fragments) is
// counted in `unhandled` and makes the comparison refuse.
#ifndef TCPWIRE_PARSE_H
#define TCPWIRE_PARSE_H

#include "bytes.h"
#include "checksum.h"
#include "columns.h"
#include "known.h"
#include "options.h"
#include <stdbool.h>
#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

struct parser {
  size_t at;           // the next record
  uint32_t frame;      // number of the last frame
  uint32_t unhandled;  // frames that this program does not know
  uint32_t rare;       // rare columns that hold something from the batch before
  // What the codec counts besides
  uint64_t bytes, captured, cut, ipv4, ipv6, verdicts[4], malformed;
  int64_t earliest, latest;
};

enum rare { RARE_SACK = 1, RARE_MISSING = 2, RARE_VLAN = 4 };

enum kernel { ADC, AVX2, MIXED };

INLINE uint64_t sum_words(const uint8_t *p, size_t n, enum kernel kernel) {
#if defined(HAVE_AVX2)
  if (kernel == AVX2 || (kernel == MIXED && n >= 96)) return sum_avx2(p, n);
#endif
#if defined(__x86_64__)
  return sum_adc(p, n);
#else
  return sum_plain(p, n);
#endif
}

INLINE bool is_tag(uint32_t ethertype) {
  return ethertype == __builtin_bswap16(ETHERTYPE_VLAN) || ethertype == __builtin_bswap16(ETHERTYPE_QINQ) ||
         ethertype == __builtin_bswap16(ETHERTYPE_QINQ_OLD);
}

INLINE uint32_t parse(const uint8_t *restrict base, size_t end, struct parser *parser, bool verify,
                      enum kernel kernel, bool shuffle, bool known) {
  size_t p = parser->at;
  uint32_t i = 0, frame = parser->frame, pool = 0, sacks = 0;
  uint64_t bytes = 0, kept = 0;
  int64_t earliest = INT64_MAX, latest = INT64_MIN;
  uint32_t rare = 0;
  if (parser->rare & RARE_SACK) memset(col.sack_start, 0, sizeof col.sack_start);
  if (parser->rare & RARE_MISSING) memset(col.missing, 0, sizeof col.missing);
  if (parser->rare & RARE_VLAN) memset(col.vlan, 0, sizeof col.vlan);
#if defined(__SSE4_1__)
  const __m128i words = _mm_setr_epi8(1, 0, 3, 2, 7, 6, 5, 4, 11, 10, 9, 8, 13, 12, 15, 14);
  const __m128i longs = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
#endif
  while (i < ROWS && p + PCAP_RECORD_HEADER <= end) {
    const uint8_t *r = base + p;
    const uint32_t captured = load32(r + 8), wire = load32(r + 12);
    const size_t after = p + PCAP_RECORD_HEADER + captured;
    if (UNLIKELY(after > end)) break;
    p = after;
    frame++;
    bytes += wire;
    kept += captured;
    if (UNLIKELY(captured < wire)) parser->cut++;
    const int64_t time = (int64_t)((uint64_t)load32(r) * 1000000000u + (uint64_t)load32(r + 4) * 1000u);
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
    const uint8_t *f = r + PCAP_RECORD_HEADER, *stop = f + captured, *q = f + 14;
    if (UNLIKELY(captured < 34)) { parser->unhandled += captured < 14; continue; }
    uint32_t ethertype = load16(f + 12), vlan = 0;
    while (UNLIKELY(is_tag(ethertype))) {
      if (q + 4 > stop) break;
      vlan = vlan << 16 | net16(q);
      ethertype = load16(q + 2);
      q += 4;
    }
    const uint8_t *t;
    uint32_t length;
    uint64_t pseudo;
    if (LIKELY(ethertype == __builtin_bswap16(ETHERTYPE_IPV4))) {
      if (UNLIKELY(q + 20 > stop)) { parser->unhandled++; continue; }
      const uint32_t header = (q[0] & 15) * 4, total = net16(q + 2);
      if (UNLIKELY(load16(q + 6) & __builtin_bswap16(0x3fff))) { parser->unhandled++; continue; }
      if (q[9] != IPPROTO_TCP) { parser->unhandled += q[9] != IPPROTO_UDP; continue; }
      t = q + header;
      length = total - header;
      if (UNLIKELY(header < 20 || total < header + 20 || t + 20 > stop)) { parser->unhandled++; continue; }
#if defined(__SSE4_1__)
      if (shuffle) {
        __m128i v = _mm_shuffle_epi8(_mm_loadl_epi64((const __m128i *)(q + 12)), longs);
        col.src[i] = (uint32_t)_mm_cvtsi128_si32(v);
        col.dst[i] = (uint32_t)_mm_extract_epi32(v, 1);
      } else
#endif
      {
        col.src[i] = net32(q + 12);
        col.dst[i] = net32(q + 16);
      }
      col.ip_version[i] = 4;
      col.ttl[i] = q[8];
      col.traffic_class[i] = q[1];
      pseudo = (uint64_t)load32(q + 12) + load32(q + 16);
    } else if (ethertype == __builtin_bswap16(ETHERTYPE_IPV6)) {
      if (UNLIKELY(q + 60 > stop)) { parser->unhandled++; continue; }
      if (q[6] != IPPROTO_TCP) { parser->unhandled += q[6] != IPPROTO_UDP; continue; }
      t = q + 40;
      length = net16(q + 4);
      if (UNLIKELY(length < 20)) { parser->unhandled++; continue; }
      const uint64_t a = load64(q + 8), b = load64(q + 16), c = load64(q + 24), d = load64(q + 32);
      memcpy(addresses + (size_t)pool * 16, q + 8, 32);
      col.src[i] = pool;
      col.dst[i] = pool + 1;
      pool += 2;
      col.ip_version[i] = 6;
      col.ttl[i] = q[7];
      col.traffic_class[i] = (uint8_t)(net16(q) >> 4);
      pseudo = (a >> 32) + (uint32_t)a + (b >> 32) + (uint32_t)b + (c >> 32) + (uint32_t)c + (d >> 32) + (uint32_t)d;
    } else {
      parser->unhandled += ethertype != __builtin_bswap16(ETHERTYPE_ARP);
      continue;
    }
    const uint32_t header = (uint32_t)(t[12] >> 4) * 4;
    if (UNLIKELY(header < 20 || header > length || t + header > stop)) { parser->unhandled++; continue; }

    col.time[i] = time;
    col.frame[i] = frame;
    col.frame_offset[i] = (uint32_t)(f - base);
    col.frame_captured[i] = captured;
    col.frame_length[i] = wire;
    col.header_offset[i] = (uint32_t)(t - base);
    col.payload_length[i] = length - header;
#if defined(__SSE4_1__)
    if (shuffle) {
      __m128i v = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)t), words);
      col.src_port[i] = (uint16_t)_mm_extract_epi16(v, 0);
      col.dst_port[i] = (uint16_t)_mm_extract_epi16(v, 1);
      col.seq[i] = (uint32_t)_mm_extract_epi32(v, 1);
      col.acknowledgment[i] = (uint32_t)_mm_extract_epi32(v, 2);
      col.flags[i] = (uint16_t)_mm_extract_epi16(v, 6) & FLAGS_MASK;
      col.window[i] = (uint16_t)_mm_extract_epi16(v, 7);
    } else
#endif
    {
      col.src_port[i] = net16(t);
      col.dst_port[i] = net16(t + 2);
      col.seq[i] = net32(t + 4);
      col.acknowledgment[i] = net32(t + 8);
      col.flags[i] = net16(t + 12) & FLAGS_MASK;
      col.window[i] = net16(t + 14);
    }
    const uint32_t stored = load16(t + 16);
    col.checksum[i] = __builtin_bswap16((uint16_t)stored);
    col.urgent[i] = net16(t + 18);
    col.header_length[i] = (uint8_t)header;
    uint32_t status = SEGMENT_OK;
    int blocks = 0;
    (void)blocks, (void)known;
    if (LIKELY(header == 32 && load32(t + 20) == PADDED_TIMESTAMPS)) {
      col.tsval[i] = net32(t + 24);
      col.tsecr[i] = net32(t + 28);
      col.mss[i] = 0;
      col.window_scale[i] = 0;
      col.options_seen[i] = SEEN_TIMESTAMPS;
      col.sack_count[i] = 0;
#if defined(HAVE_KNOWN)
    } else if (known && header > 20 && (blocks = read_known(t + 20, header - 20, i, sacks)) >= 0) {
      sacks += (uint32_t)blocks;
      rare |= blocks ? RARE_SACK : 0;
#endif
    } else {
      struct seen seen;
      walk_options(t + 20, t + header, sacks, &seen);
      col.tsval[i] = seen.tsval;
      col.tsecr[i] = seen.tsecr;
      col.mss[i] = (uint16_t)seen.mss;
      col.window_scale[i] = (uint8_t)seen.window_scale;
      col.options_seen[i] = (uint8_t)seen.bits;
      col.sack_count[i] = (uint8_t)seen.sack_count;
      if (seen.sack_count) { col.sack_start[i] = sacks; sacks += seen.sack_count; rare |= RARE_SACK; }
      status = seen.status;
#if defined(HAVE_KNOWN)
      if (known && header > 20 && !status) learn(t + 20, header - 20);
#endif
    }
    if (vlan) { col.vlan[i] = vlan; rare |= RARE_VLAN; }
    uint32_t verdict = CHECKSUM_UNVERIFIED;
    if (UNLIKELY(t + length > stop)) {
      col.missing[i] = (uint32_t)(t + length - stop);
      rare |= RARE_MISSING;
      if (!status) status = SEGMENT_PAYLOAD_TRUNCATED;
    } else if (verify) {
      pseudo += __builtin_bswap16((uint16_t)length) + (IPPROTO_TCP << 8);
      verdict = CHECKSUM_GOOD;
      if (UNLIKELY(!is_whole(sum_words(t, length, kernel) + pseudo))) {
        verdict = fold(pseudo) == stored ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
      }
    }
    parser->verdicts[verdict]++;
    if (status && status != SEGMENT_PAYLOAD_TRUNCATED) parser->malformed++;
    col.status[i] = (uint8_t)status;
    col.checksum_status[i] = (uint8_t)verdict;
    i++;
  }
  parser->at = p;
  parser->frame = frame;
  parser->rare = rare;
  parser->bytes += bytes;
  parser->captured += kept;
  parser->ipv6 += pool / 2;
  parser->ipv4 += i - pool / 2;
  if (earliest < parser->earliest) parser->earliest = earliest;
  if (latest > parser->latest) parser->latest = latest;
  return i;
}

#endif

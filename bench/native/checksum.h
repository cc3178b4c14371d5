// Sums of little-endian 16-bit words (RFC 1071), each kernel the best its instructions gave.
// All may read up to 31 bytes past the end.
#ifndef TCPWIRE_CHECKSUM_H
#define TCPWIRE_CHECKSUM_H

#include "bytes.h"
#include <stddef.h>

INLINE uint32_t fold(uint64_t sum) {
  sum = (sum >> 32) + (uint32_t)sum;
  sum = (sum >> 32) + (uint32_t)sum;
  uint32_t t = (uint32_t)(sum >> 16) + (uint32_t)(sum & 0xffff);
  return (t >> 16) + (t & 0xffff);
}

// Whether a sum folds to 0xffff: the inverse of 65535 modulo 2^64 takes its multiples below 2^64 / 65535.
INLINE int is_whole(uint64_t sum) {
  return sum * 0xfffefffefffeffffu <= 0x0001000100010001u;
}

// What gcc makes of the obvious loop.
INLINE uint64_t sum_plain(const uint8_t *p, size_t n) {
  uint64_t sum = 0;
  size_t i = 0;
  for (; i + 2 <= n; i += 2) sum += load16(p + i);
  return i < n ? sum + p[i] : sum;
}

#if defined(__x86_64__)

// 64-bit add with carry, 64 bytes a turn: how the Linux kernel does it (arch/x86/lib/csum-partial).
INLINE uint64_t sum_adc(const uint8_t *p, size_t n) {
  uint64_t sum = 0;
  for (; n >= 64; p += 64, n -= 64) {
    __asm__("addq 0*8(%1),%0\n\tadcq 1*8(%1),%0\n\tadcq 2*8(%1),%0\n\tadcq 3*8(%1),%0\n\t"
            "adcq 4*8(%1),%0\n\tadcq 5*8(%1),%0\n\tadcq 6*8(%1),%0\n\tadcq 7*8(%1),%0\n\tadcq $0,%0"
            : "+r"(sum) : "r"(p) : "memory", "cc");
  }
  if (n & 32) {
    __asm__("addq 0*8(%1),%0\n\tadcq 1*8(%1),%0\n\tadcq 2*8(%1),%0\n\tadcq 3*8(%1),%0\n\tadcq $0,%0"
            : "+r"(sum) : "r"(p) : "memory", "cc");
    p += 32;
  }
  if (n & 16) {
    __asm__("addq 0*8(%1),%0\n\tadcq 1*8(%1),%0\n\tadcq $0,%0" : "+r"(sum) : "r"(p) : "memory", "cc");
    p += 16;
  }
  if (n & 8) {
    __asm__("addq (%1),%0\n\tadcq $0,%0" : "+r"(sum) : "r"(p) : "memory", "cc");
    p += 8;
  }
  n &= 7;
  if (n) {
    uint64_t rest = load64(p) << (64 - 8 * n) >> (64 - 8 * n);
    __asm__("addq %1,%0\n\tadcq $0,%0" : "+r"(sum) : "r"(rest) : "cc");
  }
  return (sum >> 32) + (uint32_t)sum;
}

#endif

#if defined(__SSE4_1__)
#include <immintrin.h>
#define HAVE_SSE 1

// The width that WebAssembly has: what is lost to the kernels of 256 bits below is lost to the width.

INLINE __m128i load128(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }

INLINE __m128i tail128(const uint8_t *p, size_t n) {
  static const uint8_t ones_then_zeros[32] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  };
  return _mm_and_si128(load128(p), load128(ones_then_zeros + 16 - n));
}

INLINE uint64_t lanes128(__m128i v) {
  return (uint64_t)_mm_cvtsi128_si64(v) + (uint64_t)_mm_extract_epi64(v, 1);
}

INLINE __m128i pairs128(__m128i v) {
  return _mm_madd_epi16(_mm_xor_si128(v, _mm_set1_epi16(-32768)), _mm_set1_epi16(1));
}

// Multiply-add over lanes biased by 0x8000, four accumulators: exact below 2^19 bytes.
INLINE uint64_t sum_sse(const uint8_t *p, size_t n) {
  const uint64_t bias = (uint64_t)((n + 15) >> 4) << 18;
  __m128i a = _mm_setzero_si128();
  if (n >= 64) {
    __m128i b = a, c = a, d = a;
    do {
      a = _mm_add_epi32(a, pairs128(load128(p)));
      b = _mm_add_epi32(b, pairs128(load128(p + 16)));
      c = _mm_add_epi32(c, pairs128(load128(p + 32)));
      d = _mm_add_epi32(d, pairs128(load128(p + 48)));
      p += 64, n -= 64;
    } while (n >= 64);
    a = _mm_add_epi32(_mm_add_epi32(a, b), _mm_add_epi32(c, d));
  }
  for (; n >= 16; p += 16, n -= 16) a = _mm_add_epi32(a, pairs128(load128(p)));
  if (n) a = _mm_add_epi32(a, pairs128(tail128(p, n)));
  return lanes128(_mm_add_epi64(_mm_cvtepi32_epi64(a), _mm_cvtepi32_epi64(_mm_srli_si128(a, 8)))) + bias;
}

INLINE __m128i halves128(__m128i v) {
  return _mm_add_epi64(_mm_and_si128(v, _mm_set1_epi64x(0xffffffff)), _mm_srli_epi64(v, 32));
}

// What assembly/checksum.ts does: whole lanes, and their carries from the means of eight. At most 2^18 bytes.
INLINE uint64_t sum_sse_means(const uint8_t *p, size_t n) {
  __m128i a = _mm_setzero_si128();
  if (n >= 128) {
    __m128i c = a, top = _mm_set1_epi64x(1 << 11);
    do {
      const __m128i s = load128(p), t = load128(p + 16), u = load128(p + 32), v = load128(p + 48);
      const __m128i w = load128(p + 64), x = load128(p + 80), y = load128(p + 96), z = load128(p + 112);
      c = _mm_add_epi64(c, _mm_add_epi64(_mm_add_epi64(s, t), _mm_add_epi64(u, v)));
      c = _mm_add_epi64(c, _mm_add_epi64(_mm_add_epi64(w, x), _mm_add_epi64(y, z)));
      const __m128i first = _mm_avg_epu16(_mm_avg_epu16(s, t), _mm_avg_epu16(u, v));
      const __m128i second = _mm_avg_epu16(_mm_avg_epu16(w, x), _mm_avg_epu16(y, z));
      top = _mm_add_epi64(top, _mm_srli_epi64(_mm_avg_epu16(first, second), 48));
      p += 128, n -= 128;
    } while (n >= 128);
    const __m128i carries = _mm_srli_epi64(_mm_sub_epi64(_mm_slli_epi64(top, 3), _mm_srli_epi64(c, 48)), 16);
    a = _mm_add_epi64(halves128(c), carries);
  }
  for (; n >= 16; p += 16, n -= 16) a = _mm_add_epi64(a, halves128(load128(p)));
  if (n) a = _mm_add_epi64(a, halves128(tail128(p, n)));
  return lanes128(a);
}

#endif

#if defined(__AVX2__)
#define HAVE_AVX2 1

static const uint8_t ones_then_zeros[64] = {
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

INLINE uint64_t lanes64(__m256i v) {
  __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return (uint64_t)_mm_cvtsi128_si64(sum) + (uint64_t)_mm_extract_epi64(sum, 1);
}

INLINE __m256i load256(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

INLINE __m256i tail256(const uint8_t *p, size_t n) {
  return _mm256_and_si256(load256(p), load256(ones_then_zeros + 32 - n));
}

// Both halves of each 64-bit lane into two accumulators: the usual way.
INLINE uint64_t sum_avx2_lanes(const uint8_t *p, size_t n) {
  const __m256i low = _mm256_set1_epi64x(0xffffffff);
  __m256i a = _mm256_setzero_si256(), b = a;
  for (; n >= 64; p += 64, n -= 64) {
    __m256i x = load256(p), y = load256(p + 32);
    a = _mm256_add_epi64(a, _mm256_add_epi64(_mm256_and_si256(x, low), _mm256_srli_epi64(x, 32)));
    b = _mm256_add_epi64(b, _mm256_add_epi64(_mm256_and_si256(y, low), _mm256_srli_epi64(y, 32)));
  }
  while (n) {
    __m256i x = n >= 32 ? load256(p) : tail256(p, n);
    a = _mm256_add_epi64(a, _mm256_add_epi64(_mm256_and_si256(x, low), _mm256_srli_epi64(x, 32)));
    if (n <= 32) break;
    p += 32, n -= 32;
  }
  return lanes64(_mm256_add_epi64(a, b));
}

INLINE __m256i pairs(__m256i v) {
  return _mm256_madd_epi16(_mm256_xor_si256(v, _mm256_set1_epi16(-32768)), _mm256_set1_epi16(1));
}

// Multiply-add over lanes biased by 0x8000, four accumulators: exact below 2^20 bytes.
INLINE uint64_t sum_avx2(const uint8_t *p, size_t n) {
  const uint64_t bias = (uint64_t)((n + 31) >> 5) << 19;
  __m256i a = _mm256_setzero_si256();
  if (n >= 128) {
    __m256i b = a, c = a, d = a;
    do {
      a = _mm256_add_epi32(a, pairs(load256(p)));
      b = _mm256_add_epi32(b, pairs(load256(p + 32)));
      c = _mm256_add_epi32(c, pairs(load256(p + 64)));
      d = _mm256_add_epi32(d, pairs(load256(p + 96)));
      p += 128, n -= 128;
    } while (n >= 128);
    a = _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d));
  }
  if (n & 64) {
    a = _mm256_add_epi32(a, _mm256_add_epi32(pairs(load256(p)), pairs(load256(p + 32))));
    p += 64;
  }
  if (n & 32) {
    a = _mm256_add_epi32(a, pairs(load256(p)));
    p += 32;
  }
  n &= 31;
  if (n) a = _mm256_add_epi32(a, pairs(tail256(p, n)));
  __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(a)),
                                  _mm256_cvtepi32_epi64(_mm256_extracti128_si256(a, 1)));
  return lanes64(wide) + bias;
}

#endif
#endif

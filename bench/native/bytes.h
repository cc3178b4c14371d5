// Unaligned loads, in memory order and in network order.
#ifndef TCPWIRE_BYTES_H
#define TCPWIRE_BYTES_H

#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

INLINE uint16_t load16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return v; }
INLINE uint32_t load32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
INLINE uint64_t load64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
INLINE uint16_t net16(const uint8_t *p) { return __builtin_bswap16(load16(p)); }
INLINE uint32_t net32(const uint8_t *p) { return __builtin_bswap32(load32(p)); }

#endif

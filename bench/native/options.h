// TCP options, one by one: what assembly/options.ts does.
#ifndef TCPWIRE_OPTIONS_H
#define TCPWIRE_OPTIONS_H

#include "bytes.h"
#include "columns.h"
#include <stdbool.h>

// The lengths that the options' RFCs allow: what assembly/options.ts holds them to.
static bool length_allowed(uint32_t kind, uint32_t length) {
  switch (kind) {
    case OPT_MSS: case OPT_USER_TIMEOUT: return length == 4;
    case OPT_WINDOW_SCALE: case OPT_PARTIAL_ORDER_PROFILE: case OPT_ALT_CHECKSUM_REQUEST:
    case OPT_TRAILER_CHECKSUM: return length == 3;
    case OPT_SACK_PERMITTED: case OPT_PARTIAL_ORDER_PERMITTED: return length == 2;
    case OPT_SACK: return (length & 7) == 2;
    case OPT_ECHO: case OPT_ECHO_REPLY: case OPT_CC: case OPT_CC_NEW: case OPT_CC_ECHO: return length == 6;
    case OPT_TIMESTAMPS: return length == 10;
    case OPT_MD5: return length == 18;
    case OPT_QUICK_START: return length == 8;
    case OPT_TCP_AO: case OPT_EXPERIMENT_1: case OPT_EXPERIMENT_2: return length >= 4;
    case OPT_MPTCP: return length >= 3;
    case OPT_FAST_OPEN: return length == 2 || (length >= 6 && length <= 18 && !(length & 1));
    case OPT_ACCECN_0: case OPT_ACCECN_1: return length == 2 || length == 5 || length == 8 || length == 11;
    default: return true;
  }
}

#define PADDED_TIMESTAMPS 0x0a080101

struct seen {
  uint32_t bits, tsval, tsecr, mss, window_scale, sack_count, status;
};

INLINE void mark(struct seen *seen, uint32_t status) {
  seen->bits |= SEEN_MALFORMED;
  if (!seen->status) seen->status = status;
}

// Every option but the block of timestamps alone.
INLINE void walk_options(const uint8_t *o, const uint8_t *end, uint32_t sack_start, struct seen *seen) {
  *seen = (struct seen){0};
  if (o + 12 <= end && load32(o) == PADDED_TIMESTAMPS) {
    seen->bits = SEEN_TIMESTAMPS;
    seen->tsval = net32(o + 4);
    seen->tsecr = net32(o + 8);
    o += 12;
  }
  while (o < end) {
    const uint32_t kind = o[0];
    if (kind == OPT_EOL) break;
    if (kind == OPT_NOP) { o++; continue; }
    if (o + 1 >= end) { mark(seen, SEGMENT_OPTION_PAST_END); break; }
    const uint32_t length = o[1];
    if (length < 2) { mark(seen, SEGMENT_OPTION_LENGTH_SMALL); break; }
    if (o + length > end) { mark(seen, SEGMENT_OPTION_PAST_END); break; }
    if (kind == OPT_SACK && (length & 7) == 2) {
      seen->bits |= SEEN_SACK;
      for (uint32_t i = 2; i < length; i += 8) {
        const uint64_t edges = __builtin_bswap64(load64(o + i));
        const uint32_t at = (sack_start + seen->sack_count++) * 2;
        sack_edges[at] = (uint32_t)(edges >> 32);
        sack_edges[at + 1] = (uint32_t)edges;
      }
    } else if (kind == OPT_TIMESTAMPS && length == 10) {
      seen->bits |= seen->bits & SEEN_TIMESTAMPS ? SEEN_OTHER : SEEN_TIMESTAMPS;
      seen->tsval = net32(o + 2);
      seen->tsecr = net32(o + 6);
    } else if (kind == OPT_MSS && length == 4) {
      seen->bits |= seen->bits & SEEN_MSS ? SEEN_OTHER : SEEN_MSS;
      seen->mss = net16(o + 2);
    } else if (kind == OPT_WINDOW_SCALE && length == 3) {
      seen->bits |= seen->bits & SEEN_WINDOW_SCALE ? SEEN_OTHER : SEEN_WINDOW_SCALE;
      seen->window_scale = o[2];
    } else if (kind == OPT_SACK_PERMITTED && length == 2) {
      seen->bits |= SEEN_SACK_PERMITTED;
    } else {
      seen->bits |= SEEN_OTHER;
      if (!length_allowed(kind, length)) mark(seen, SEGMENT_OPTION_LENGTH_WRONG);
    }
    o += length;
  }
}

#endif

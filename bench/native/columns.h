// The columns of assembly/layout/columns.ts. layout.h is written from that file by the runner, and the
// assertions below hold this struct to it: same columns, same types, same stagger.
#ifndef TCPWIRE_COLUMNS_H
#define TCPWIRE_COLUMNS_H

#include "layout.h"
#include <stddef.h>
#include <stdint.h>

#define COLUMN(type, name) type name[ROWS]; uint8_t after_##name[STAGGER];

struct columns {
  COLUMN(int64_t, time)
  COLUMN(uint32_t, frame)
  COLUMN(uint32_t, frame_offset)
  COLUMN(uint32_t, frame_captured)
  COLUMN(uint32_t, frame_length)
  COLUMN(uint32_t, src)
  COLUMN(uint32_t, dst)
  COLUMN(uint32_t, seq)
  COLUMN(uint32_t, acknowledgment)
  COLUMN(uint32_t, header_offset)
  COLUMN(uint32_t, payload_length)
  COLUMN(uint32_t, tsval)
  COLUMN(uint32_t, tsecr)
  COLUMN(uint16_t, src_port)
  COLUMN(uint16_t, dst_port)
  COLUMN(uint16_t, flags)
  COLUMN(uint16_t, window)
  COLUMN(uint16_t, checksum)
  COLUMN(uint16_t, urgent)
  COLUMN(uint16_t, mss)
  COLUMN(uint8_t, header_length)
  COLUMN(uint8_t, ip_version)
  COLUMN(uint8_t, ttl)
  COLUMN(uint8_t, traffic_class)
  COLUMN(uint8_t, status)
  COLUMN(uint8_t, checksum_status)
  COLUMN(uint8_t, window_scale)
  COLUMN(uint8_t, options_seen)
  COLUMN(uint8_t, sack_count)
  // Zero but in rare rows
  COLUMN(uint32_t, sack_start)
  COLUMN(uint32_t, missing)
  COLUMN(uint32_t, tunnel)
  COLUMN(uint32_t, vlan)
  COLUMN(uint16_t, interface)
};

#define AT(field, address) _Static_assert(offsetof(struct columns, field) == (address) - COLUMNS, #field)
AT(time, TIME);
AT(frame, FRAME);
AT(src, SRC);
AT(acknowledgment, ACKNOWLEDGMENT);
AT(tsecr, TSECR);
AT(src_port, SRC_PORT);
AT(mss, MSS);
AT(header_length, HEADER_LENGTH);
AT(sack_count, SACK_COUNT);
AT(sack_start, SACK_START);
AT(vlan, VLAN);
AT(interface, INTERFACE);
_Static_assert(sizeof(((struct columns *)0)->time[0]) == 8 && RARE_END - RARE == 18 * ROWS + 5 * STAGGER, "rare");

// Pools that rows point into
static uint8_t addresses[ROWS * 32] __attribute__((aligned(64)));
static uint32_t sack_edges[ROWS * MAX_SACK_BLOCKS * 2] __attribute__((aligned(64)));
static struct columns col __attribute__((aligned(4096)));

#endif

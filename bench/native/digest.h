// The hash over columns of src/bench/digest.ts: what makes "the same result" a fact.
#ifndef TCPWIRE_DIGEST_H
#define TCPWIRE_DIGEST_H

#include "bytes.h"
#include "columns.h"
#include <stdio.h>

#define DIGESTS(X) \
  X(time) X(frame) X(fileOffset) X(frameCaptured) X(frameLength) X(src) X(dst) X(srcPort) X(dstPort) X(seq) X(ack) X(flags) \
  X(window) X(checksum) X(checksumStatus) X(urgentPointer) X(headerOffset) X(headerLength) X(payloadLength) \
  X(missing) X(status) X(ipVersion) X(ttl) X(trafficClass) X(optionsSeen) X(mss) X(windowScale) X(tsval) \
  X(tsecr) X(sackEdges) X(tunnel) X(vlan) X(interfaceId)

struct digest {
#define X(name) uint32_t name;
  DIGESTS(X)
#undef X
};

INLINE void mix(uint32_t *hash, uint32_t word) {
  uint32_t x = *hash ^ word;
  *hash = (x << 15 | x >> 17) * 0x9e3779b1u;
}

INLINE void mix_address(uint32_t *hash, uint32_t version, uint32_t value) {
  if (version == 4) { mix(hash, value); return; }
  for (int k = 0; k < 16; k += 4) mix(hash, net32(addresses + (size_t)value * 16 + k));
}

static void digest_rows(struct digest *d, const uint8_t *base, uint32_t rows, uint64_t file_base) {
  for (uint32_t i = 0; i < rows; i++) {
    mix(&d->time, (uint32_t)col.time[i]);
    mix(&d->time, (uint32_t)((uint64_t)col.time[i] >> 32));
    mix(&d->frame, col.frame[i]);
    const uint64_t at = file_base + col.frame_offset[i];
    mix(&d->fileOffset, (uint32_t)at);
    mix(&d->fileOffset, (uint32_t)(at >> 32));
    mix(&d->frameCaptured, col.frame_captured[i]);
    mix(&d->frameLength, col.frame_length[i]);
    mix_address(&d->src, col.ip_version[i], col.src[i]);
    mix_address(&d->dst, col.ip_version[i], col.dst[i]);
    mix(&d->srcPort, col.src_port[i]);
    mix(&d->dstPort, col.dst_port[i]);
    mix(&d->seq, col.seq[i]);
    mix(&d->ack, col.acknowledgment[i]);
    mix(&d->flags, col.flags[i]);
    mix(&d->window, col.window[i]);
    mix(&d->checksum, col.checksum[i]);
    mix(&d->checksumStatus, col.checksum_status[i]);
    mix(&d->urgentPointer, col.urgent[i]);
    // An offset into memory: what counts is what is there.
    mix(&d->headerOffset, net32(base + col.header_offset[i]));
    mix(&d->headerOffset, net32(base + col.header_offset[i] + 4));
    mix(&d->headerLength, col.header_length[i]);
    mix(&d->payloadLength, col.payload_length[i]);
    mix(&d->missing, col.missing[i]);
    mix(&d->status, col.status[i]);
    mix(&d->ipVersion, col.ip_version[i]);
    mix(&d->ttl, col.ttl[i]);
    mix(&d->trafficClass, col.traffic_class[i]);
    mix(&d->optionsSeen, col.options_seen[i]);
    mix(&d->mss, col.mss[i]);
    mix(&d->windowScale, col.window_scale[i]);
    mix(&d->tsval, col.tsval[i]);
    mix(&d->tsecr, col.tsecr[i]);
    mix(&d->sackEdges, col.sack_count[i]);
    for (uint32_t k = 0; k < col.sack_count[i] * 2u; k++) mix(&d->sackEdges, sack_edges[col.sack_start[i] * 2 + k]);
    mix(&d->tunnel, col.tunnel[i]);
    mix(&d->vlan, col.vlan[i]);
    mix(&d->interfaceId, col.interface[i]);
  }
}

static void print_digest(const struct digest *d) {
#define X(name) printf(" " #name "=%08x", d->name);
  DIGESTS(X)
#undef X
}

#endif

// TCP segments that continue each other, as one packet with a virtio_net_hdr before it: what Linux calls GRO, done by
// whoever hands packets to a TUN device. The kernel takes such a packet for its parts, gso_size bytes each.
#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

enum {
  MOST_PARTS = 64,
  MOST_BYTES = 65535,
  IPV4_HEADER = 20,
  IPV6_HEADER = 40,
  TCP_HEADER = 20,
  TCP_PROTOCOL = 6,
  FLAG_ACK = 0x10,
  FLAG_PSH = 0x08,
};

/** Packets of one connection; only the last may be shorter than the first, or have PSH. */
struct run {
  /** The first one's headers, and the payloads of all, where they lie in the batch. */
  uint8_t headers[IPV6_HEADER + 60];
  struct virtio_net_hdr offload;
  struct iovec parts[MOST_PARTS + 2];
  int count;
  uint32_t ip, tcp, part, bytes, next;
  int is_ended;
};

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t get16(const uint8_t *at) {
  return (uint32_t)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static uint32_t sum_of(const uint8_t *at, uint32_t length) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < length; i += 2) sum += get16(at + i);
  return sum;
}

static uint32_t folded(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

/** Bytes of the IP header where a TCP header follows it at once and the packet is whole; else 0. */
static uint32_t ip_header(const uint8_t *packet, uint32_t length) {
  if (length >= IPV4_HEADER + TCP_HEADER && packet[0] == 0x45) {
    int is_whole = (get16(packet + 6) & 0x3fff) == 0 && get16(packet + 2) == length;
    return packet[9] == TCP_PROTOCOL && is_whole ? IPV4_HEADER : 0;
  }
  if (length >= IPV6_HEADER + TCP_HEADER && packet[0] >> 4 == 6) {
    int is_whole = get16(packet + 4) + IPV6_HEADER == length;
    return packet[6] == TCP_PROTOCOL && is_whole ? IPV6_HEADER : 0;
  }
  return 0;
}

/** Begins a run with a packet, which may be one that nothing can follow. */
static void run_begin(struct run *run, uint8_t *packet, uint32_t length) {
  uint32_t ip = ip_header(packet, length);
  uint32_t tcp = ip ? (uint32_t)(packet[ip + 12] >> 4) * 4 : 0;
  uint32_t flags = ip ? packet[ip + 13] : 0;
  uint32_t head = ip + tcp;
  run->count = 1;
  run->is_ended = ip == 0 || tcp < TCP_HEADER || head >= length || flags != FLAG_ACK;
  if (run->is_ended) head = 0; // goes as it is
  else memcpy(run->headers, packet, head);
  run->ip = ip;
  run->tcp = tcp;
  run->part = length - head;
  run->bytes = length - head;
  if (!run->is_ended) run->next = get32(packet + ip + 4) + run->part;
  run->parts[2] = (struct iovec){packet + head, length - head};
  run->parts[1] = (struct iovec){run->headers, head};
}

/** Whether the packet continues the run, and is part of it now. */
static int run_add(struct run *run, uint8_t *packet, uint32_t length) {
  uint32_t ip = run->ip, head = ip + run->tcp;
  const uint8_t *first = run->headers;
  if (run->is_ended || run->count == MOST_PARTS || length <= head || ip_header(packet, length) != ip) return 0;
  uint32_t part = length - head;
  if (part > run->part || head + run->bytes + part > MOST_BYTES) return 0;
  // IP: all but length, identification and checksum. TCP: ports, acknowledgment, offset, window, urgent, options.
  int is_like = ip == IPV4_HEADER ? memcmp(packet, first, 2) == 0 && memcmp(packet + 8, first + 8, 2) == 0 &&
                                      memcmp(packet + 12, first + 12, 8) == 0
                                  : memcmp(packet, first, 4) == 0 && memcmp(packet + 6, first + 6, 34) == 0;
  const uint8_t *tcp = packet + ip, *its = first + ip;
  is_like = is_like && memcmp(tcp, its, 4) == 0 && get32(tcp + 4) == run->next && memcmp(tcp + 8, its + 8, 5) == 0;
  is_like = is_like && (tcp[13] & ~FLAG_PSH) == FLAG_ACK && memcmp(tcp + 14, its + 14, 2) == 0;
  is_like = is_like && memcmp(tcp + 18, its + 18, run->tcp - 18) == 0;
  if (!is_like) return 0;
  run->headers[ip + 13] |= tcp[13];
  run->is_ended = part < run->part || tcp[13] & FLAG_PSH;
  run->parts[2 + run->count++] = (struct iovec){packet + head, part};
  run->bytes += part;
  run->next += part;
  return 1;
}

/**
 * What the kernel has to know of a packet of TCP that stands for segments with `size` bytes of data each. It sums them
 * itself: the checksum's field has the sum of the pseudo-header. `header` and `length`: bytes of IP's header, and of
 * TCP's with its data.
 */
static void offload_to_kernel(struct virtio_net_hdr *offload, const uint8_t *ip, uint8_t *tcp, uint32_t header,
                              uint32_t length, uint32_t size) {
  int is_v4 = header == IPV4_HEADER;
  uint32_t addresses = is_v4 ? sum_of(ip + 12, 8) : sum_of(ip + 8, 32);
  put16(tcp + 16, folded(addresses + TCP_PROTOCOL + length));
  offload->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  offload->gso_type = is_v4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
  offload->hdr_len = (uint16_t)(header + (uint32_t)(tcp[12] >> 4) * 4);
  offload->gso_size = (uint16_t)size;
  offload->csum_start = (uint16_t)header;
  offload->csum_offset = 16;
}

/** The run as `count` + 2 parts of one packet. A single one goes with the checksum that it has. */
static struct iovec *run_parts(struct run *run) {
  run->offload = (struct virtio_net_hdr){0};
  run->parts[0] = (struct iovec){&run->offload, sizeof run->offload};
  if (run->count == 1) return run->parts;
  uint8_t *ip = run->headers, *tcp = ip + run->ip;
  uint32_t length = run->tcp + run->bytes;
  if (run->ip == IPV4_HEADER) {
    put16(ip + 2, run->ip + length);
    put16(ip + 10, 0);
    put16(ip + 10, ~folded(sum_of(ip, IPV4_HEADER)));
  } else {
    put16(ip + 4, length);
  }
  offload_to_kernel(&run->offload, ip, tcp, run->ip, length, run->part);
  return run->parts;
}

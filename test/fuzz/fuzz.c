// libFuzzer over the shipped codec.wasm, as C (wasm2c). Input: four bytes that say how to read the rest, then a capture's
// records, pcapng blocks, one frame, or one TCP segment.
//
// Held in every run: nothing outside the input and its SLACK is read (the sanitizer's poison), what lies there changes
// nothing (each input is parsed twice, with other bytes around it), the input stays as it was, every call consumes what
// it says and ends, and no row claims bytes that are not there.
#include "codec.c"
#include "columns.h"
#include <sanitizer/asan_interface.h>

#define ROOM (1u << 20)
#define BEFORE 4096u
#define MOST (ROOM - 2 * BEFORE)

static w2c_codec codec;
static uint32_t room;
static const uint32_t links[] = {
  LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2, LINKTYPE_NULL, LINKTYPE_LOOP, LINKTYPE_PPP,
  LINKTYPE_PPP_HDLC, LINKTYPE_PPP_ETHER, LINKTYPE_C_HDLC, LINKTYPE_NFLOG, LINKTYPE_IPV4, LINKTYPE_IPV6, 147,
};

static void hold(bool what, const char *said) {
  if (what) return;
  fprintf(stderr, "broken: %s\n", said);
  abort();
}

static uint32_t word(uint32_t at, bool big) {
  uint32_t x;
  memcpy(&x, codec.w2c_memory.data + at, 4);
  return big ? __builtin_bswap32(x) : x;
}

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

// Looks at each row and mixes it into the hash: what is undefined where an option was not seen is left out.
static uint64_t rows_of(uint64_t hash, uint32_t rows, uint32_t start, uint32_t end) {
  const struct columns *c = (const struct columns *)(codec.w2c_memory.data + COLUMNS);
  hold(rows <= ROWS, "more rows than there is room for");
  for (uint32_t i = 0; i < rows; i++) {
    uint32_t frame = c->frame_offset[i], header = c->header_offset[i];
    // A header is 20 bytes, whatever its data offset says.
    uint64_t length = (c->header_length[i] < 20 ? 20 : c->header_length[i]) + (uint64_t)c->payload_length[i];
    hold(frame >= start && (uint64_t)frame + c->frame_captured[i] <= end, "a frame outside the input");
    hold(c->missing[i] <= length, "more is missing than there is");
    if (header >= start && header < end) hold(header + length - c->missing[i] <= end, "a segment past the input");
    else hold(header + length - c->missing[i] <= codec.w2c_memory.size, "a segment outside the memory");
    hold(c->sack_count[i] <= MAX_SACK_BLOCKS, "more SACK blocks than options hold");
#define COLUMN(field) hash = mix(hash, c->field[i]);
    COLUMN(time) COLUMN(frame) COLUMN(frame_offset) COLUMN(frame_captured) COLUMN(frame_length) COLUMN(src) COLUMN(dst)
    COLUMN(seq) COLUMN(acknowledgment) COLUMN(header_offset) COLUMN(payload_length) COLUMN(src_port) COLUMN(dst_port)
    COLUMN(flags) COLUMN(window) COLUMN(checksum) COLUMN(urgent) COLUMN(mss) COLUMN(header_length) COLUMN(ip_version)
    COLUMN(ttl) COLUMN(traffic_class) COLUMN(status) COLUMN(checksum_status) COLUMN(window_scale) COLUMN(options_seen)
    COLUMN(sack_count) COLUMN(missing) COLUMN(tunnel) COLUMN(vlan) COLUMN(interface)
#undef COLUMN
    if (c->options_seen[i] & SEEN_TIMESTAMPS) hash = mix(mix(hash, c->tsval[i]), c->tsecr[i]);
    for (uint32_t b = 0; b < 2u * c->sack_count[i]; b++) hash = mix(hash, word(SACK_EDGES + 8 * c->sack_start[i] + 4 * b, false));
    if (c->ip_version[i] == 6) {
      for (uint32_t b = 0; b < 4; b++)
        hash = mix(mix(hash, word(ADDRESSES + 16 * c->src[i] + 4 * b, false)), word(ADDRESSES + 16 * c->dst[i] + 4 * b, false));
    }
  }
  return hash;
}

// The block that parsing stopped at: what src/capture/parser.ts does with it, without the text. Returns its length.
static uint32_t take_block(uint32_t at, uint32_t end, bool *big) {
  if (word(at, false) == PCAPNG_SECTION_HEADER) {
    *big = word(at + 8, false) != PCAPNG_BYTE_ORDER_MAGIC;
    w2c_codec_configurePcapng(&codec, *big);
  }
  uint32_t length = word(at + 4, *big);
  hold(length >= 12 && length <= end - at, "a block outside the input");
  if (word(at, *big) == PCAPNG_INTERFACE && length >= 20) {
    uint32_t type = word(at + 8, *big);
    w2c_codec_addInterface(&codec, *big ? type >> 16 : type & 0xffff, (uint8_t)(length >> 2), 0, word(at + 12, *big));
  }
  return length;
}

static uint64_t parse(const uint8_t *data, uint32_t n, uint32_t split, bool blocks, uint8_t around) {
  uint8_t *memory = codec.w2c_memory.data;
  uint32_t start = room + BEFORE, full = start + n, end = start + split;
  __asan_unpoison_memory_region(memory + room, ROOM);
  memset(memory + start - 64, around, 64);
  memset(memory + full, around, SLACK);
  memcpy(memory + start, data, n);
  __asan_poison_memory_region(memory + room, BEFORE - 64);
  __asan_poison_memory_region(memory + full + SLACK, room + ROOM - full - SLACK);
  bool big = false;
  uint64_t hash = 0;
  uint32_t p = start, row = 0, calls = 0;
  for (;;) {
    hold(calls++ < 2 * n + 16, "it goes on and on");
    uint32_t rows = w2c_codec_parse(&codec, p, end, row);
    uint32_t at = word(STATE_CONSUMED, false), stop = word(STATE_STOP, false);
    hold(rows >= row && at >= p && at <= end, "more was consumed than there is");
    p = at;
    if (stop == STOP_BLOCK) {
      hold(blocks, "a block in pcap");
      p += take_block(p, end, &big);
      row = rows;
      continue;
    }
    hash = rows_of(hash, rows, start, end);
    hash = mix(hash, at);
    row = 0;
    if (stop == STOP_ERROR) break;
    if (stop == STOP_NEED_BYTES) {
      hold(word(STATE_NEEDED, false) > end - p, "bytes are needed that are there");
      if (end == full) break;
      end = full;
    } else hold(rows > 0, "it stopped for rows without one");
  }
  for (uint32_t i = COUNTERS; i < COUNTERS_END; i += 4) hash = mix(hash, word(i, false));
  hold(!memcmp(memory + start, data, n), "the input was written to");
  return hash;
}

// A record header, and for a bare segment an IP header, in front of the rest.
static uint32_t wrap(uint8_t *to, const uint8_t *data, uint32_t n, bool segment, bool ipv6) {
  uint32_t ip = segment ? ipv6 ? 40 : 20 : 0;
  memset(to, 0, 16 + ip);
  uint32_t length = ip + n;
  memcpy(to + 8, &length, 4);
  memcpy(to + 12, &length, 4);
  uint8_t *header = to + 16;
  if (segment && ipv6) memcpy(header, (uint8_t[]){0x60, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n, 6, 64}, 8);
  else if (segment) memcpy(header, (uint8_t[]){0x45, 0, (uint8_t)(length >> 8), (uint8_t)length, 0, 1, 0, 0, 64, 6}, 10);
  memcpy(header + ip, data, n);
  return 16 + length;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  wasm2c_codec_instantiate(&codec);
  room = w2c_codec_allocate(&codec, ROOM);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t wrapped[MOST];
  if (size < 4 || size > MOST - 64) return -1;
  uint32_t mode = data[0] & 3, how = data[1], n = (uint32_t)size - 4;
  uint32_t link = links[data[2] % (sizeof links / sizeof *links)];
  const uint8_t *bytes = data + 4;
  bool blocks = mode == 1;
  if (mode >= 2) {
    if (n > 65000) return -1;
    n = wrap(wrapped, bytes, n, mode == 3, how & 16);
    bytes = wrapped;
    if (mode == 3) link = LINKTYPE_RAW;
  }
  uint32_t split = (uint32_t)((uint64_t)n * data[3] / 255);
  uint64_t results[2];
  for (int again = 0; again < 2; again++) {
    w2c_codec_reset(&codec);
    w2c_codec_verifyChecksums(&codec, !(how & 1));
    if (blocks) w2c_codec_configurePcapng(&codec, 0);
    else if (mode >= 2) w2c_codec_configurePcap(&codec, 0, 1000, link, PCAP_RECORD_HEADER, PCAP_CAPTURED_FIRST);
    else w2c_codec_configurePcap(&codec, how >> 1 & 1, how & 4 ? 1 : 1000, link, how & 8 ? 24 : PCAP_RECORD_HEADER,
                                    (how >> 4 & 3) % 3);
    results[again] = parse(bytes, n, split, blocks, again ? 0xff : 0);
  }
  hold(results[0] == results[1], "what lies around the input changed the rows");
  if (mode == 3) {
    uint32_t at = room + BEFORE, to = room + ROOM / 2;
    uint32_t sum = w2c_codec_checksumPart(&codec, at, n, how);
    __asan_unpoison_memory_region(codec.w2c_memory.data + to, n);
    hold(w2c_codec_copyAndSum(&codec, to, at, n, how) == sum, "copying sums otherwise");
    hold(!memcmp(codec.w2c_memory.data + to, bytes, n), "the copy is another");
  }
  return 0;
}

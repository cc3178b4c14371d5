// The native yardstick, driven by bench/ over standard input: one command a line, one answer a line.
//
//   load PATH                                   ok BYTES
//   batch VARIANT VERIFY                        NANOSECONDS ROWS       resident bytes to columns
//   file VARIANT VERIFY pread|mmap PATH         NANOSECONDS ROWS       file to columns
//   digest batch|pread|mmap VARIANT VERIFY PATH ROWS UNHANDLED name=hash...   the same work, and its result
//   variants                                    NAME...
//   bytes PATH                                  ok BYTES               any sixteen buffers of equal size
//   checksum KERNEL SIZE REPEATS                NANOSECONDS
//   checksums KERNEL SIZE                       CHECKSUM...            of the sixteen
//   kernels                                     NAME...
//   flows COUNT                                 ok COUNT               a table of those whose keys were loaded (bytes)
//   known REPEATS                               NANOSECONDS COUNT      which keys that were loaded then are in it
#define _GNU_SOURCE
#include "digest.h"
#include "flow-table.h"
#include "parse.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLACK_BYTES 64
#define WINDOW_BYTES (1u << 20)
#define LONGEST_RECORD (1u << 18)

typedef uint32_t (*parse_function)(const uint8_t *, size_t, struct parser *, bool);

#define VARIANTS(X) \
  X(adc, ADC, false, false) X(mixed, MIXED, false, false) X(adc_shuffle, ADC, true, false) \
  X(avx2_shuffle, AVX2, true, false) X(mixed_shuffle, MIXED, true, false) KNOWN_VARIANTS(X)
#if defined(HAVE_KNOWN)
#define KNOWN_VARIANTS(X) X(adc_known, ADC, true, true) X(avx2_known, AVX2, true, true) X(mixed_known, MIXED, true, true)
#else
#define KNOWN_VARIANTS(X)
#endif

// `verify` is a constant in each copy, so that the loop has no branch on it.
#define X(name, kernel, shuffle, known) \
  static __attribute__((noinline)) uint32_t name##_verified(const uint8_t *b, size_t e, struct parser *p) { \
    return parse(b, e, p, true, kernel, shuffle, known); } \
  static __attribute__((noinline)) uint32_t name##_plain(const uint8_t *b, size_t e, struct parser *p) { \
    return parse(b, e, p, false, kernel, shuffle, known); } \
  static uint32_t parse_##name(const uint8_t *b, size_t e, struct parser *p, bool verify) { \
    return verify ? name##_verified(b, e, p) : name##_plain(b, e, p); }
VARIANTS(X)
#undef X

static const struct { const char *name; parse_function parse; } variants[] = {
#define X(name, kernel, shuffle, known) {#name, parse_##name},
  VARIANTS(X)
#undef X
};

static uint8_t *resident;
static size_t resident_bytes;
static uint8_t window[LONGEST_RECORD + WINDOW_BYTES + SLACK_BYTES] __attribute__((aligned(4096)));

// With --cpu-time, the time that this process has computed: waiting for a core does not count.
static clockid_t used_clock = CLOCK_MONOTONIC;

static double now(void) {
  struct timespec t;
  clock_gettime(used_clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static parse_function find(const char *name) {
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    if (!strcmp(variants[i].name, name)) return variants[i].parse;
  return NULL;
}

// pcap's own header decides nothing here but must be what this program reads.
static bool known_format(const uint8_t *header) {
  return load32(header) == PCAP_MAGIC_MICRO && load32(header + 20) == LINKTYPE_ETHERNET;
}

static bool load(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) < 0) return false;
  if (resident) munmap(resident, resident_bytes + SLACK_BYTES);
  resident_bytes = (size_t)info.st_size;
  resident = mmap(NULL, resident_bytes + SLACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (resident == MAP_FAILED) { resident = NULL; close(fd); return false; }
  for (size_t at = 0; at < resident_bytes;) {
    ssize_t n = pread(fd, resident + at, resident_bytes - at, (off_t)at);
    if (n <= 0) { close(fd); return false; }
    at += (size_t)n;
  }
  close(fd);
  return true;
}

// One pass over a capture: what it came to, and the columns' hashes if they are wanted.
struct pass {
  parse_function parse;
  bool verify;
  struct digest *digest;
  struct parser parser;
  uint64_t rows;
};

static struct pass begin(parse_function parse, bool verify, struct digest *digest) {
  return (struct pass){
    .parse = parse, .verify = verify, .digest = digest,
    .parser = {.rare = RARE_SACK | RARE_MISSING | RARE_VLAN, .earliest = INT64_MAX, .latest = INT64_MIN},
  };
}

// Takes the records in bytes [at, end), which lie at `file_base` + at in the file; returns where it stopped.
static size_t parse_all(struct pass *pass, const uint8_t *bytes, size_t at, size_t end, uint64_t file_base) {
  size_t before;
  pass->parser.at = at;
  do {
    before = pass->parser.at;
    uint32_t rows = pass->parse(bytes, end, &pass->parser, pass->verify);
    if (pass->digest) digest_rows(pass->digest, bytes, rows, file_base);
    pass->rows += rows;
  } while (pass->parser.at != before);
  return before;
}

static void parse_resident(struct pass *pass) {
  parse_all(pass, resident, PCAP_FILE_HEADER, resident_bytes, 0);
}

// What is left of a record moves before the place that is read to: so that place and the offset in the file stay aligned
// alike, which makes the kernel's copy up to twice as fast.
static void parse_pread(struct pass *pass, const char *path) {
  int fd = open(path, O_RDONLY);
  uint8_t *const into = window + LONGEST_RECORD;
  uint64_t at = 0;
  size_t have = 0;
  for (;;) {
    ssize_t n = pread(fd, into, WINDOW_BYTES, (off_t)at);
    if (n <= 0) break;
    uint8_t *const from = into - have;
    size_t used = parse_all(pass, from, at ? 0 : PCAP_FILE_HEADER, have + (size_t)n, at - have);
    at += (uint64_t)n;
    have += (size_t)n - used;
    memmove(into - have, from + used, have);
  }
  close(fd);
}

static void parse_mapped(struct pass *pass, const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat info;
  fstat(fd, &info);
  size_t size = (size_t)info.st_size;
  // One page more, so that reading past the end meets memory.
  uint8_t *bytes = mmap(NULL, size + 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mmap(bytes, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0);
  parse_all(pass, bytes, PCAP_FILE_HEADER, size, 0);
  munmap(bytes, size + 4096);
  close(fd);
}

static void run(const char *how, struct pass *pass, const char *path) {
  if (!strcmp(how, "pread")) parse_pread(pass, path);
  else if (!strcmp(how, "mmap")) parse_mapped(pass, path);
  else parse_resident(pass);
}

static void time_run(const char *how, parse_function f, bool verify, const char *path) {
  struct pass pass = begin(f, verify, NULL);
  double start = now();
  run(how, &pass, path);
  printf("%.0f %llu\n", now() - start, (unsigned long long)pass.rows);
}

static void digest_run(const char *how, parse_function f, bool verify, const char *path) {
  struct digest digest = {0};
  struct pass pass = begin(f, verify, &digest);
  run(how, &pass, path);
  printf("%llu %u", (unsigned long long)pass.rows, pass.parser.unhandled);
  printf(" frames=%u", pass.parser.frame);
  print_digest(&digest);
  putchar('\n');
}

#define KERNEL(name) \
  static __attribute__((noinline)) uint32_t checksum_##name(const uint8_t *p, size_t n) { return fold(sum_##name(p, n)); }
KERNEL(plain)
#if defined(__x86_64__)
KERNEL(adc)
#endif
#if defined(HAVE_SSE)
KERNEL(sse)
KERNEL(sse_means)
#endif
#if defined(HAVE_AVX2)
KERNEL(avx2_lanes)
KERNEL(avx2)
#endif

static const struct { const char *name; uint32_t (*sum)(const uint8_t *, size_t); } kernels[] = {
  {"plain", checksum_plain},
#if defined(__x86_64__)
  {"adc", checksum_adc},
#endif
#if defined(HAVE_SSE)
  {"sse", checksum_sse},
  {"sse_means", checksum_sse_means},
#endif
#if defined(HAVE_AVX2)
  {"avx2_lanes", checksum_avx2_lanes},
  {"avx2", checksum_avx2},
#endif
};

typedef uint32_t (*sum_function)(const uint8_t *, size_t);

static sum_function find_kernel(const char *name) {
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
    if (!strcmp(kernels[i].name, name)) return kernels[i].sum;
  return NULL;
}

static void checksum(sum_function sum, size_t size, uint32_t repeats) {
  volatile uint32_t last = 0;
  double start = now();
  for (uint32_t r = 0; r < repeats; r++) last = sum(resident + size * (r & 15), size);
  printf("%.0f %u\n", now() - start, last);
}

static void checksums(sum_function sum, size_t size) {
  for (size_t i = 0; i < 16; i++) {
    printf("%s%u", i ? " " : "", (uint16_t)~__builtin_bswap16((uint16_t)sum(resident + size * i, size)));
  }
  putchar('\n');
}

static uint32_t make_flow_table(uint32_t flows) {
  static const uint64_t odd = 0x9e3779b97f4a7c15u;
  for (uint32_t i = 0; i < 4; i++) hash_key[i] = (i + 1) * odd ^ odd >> (i + 3);
  if (resident_bytes < (flows + ROWS - 1) / ROWS * FLOW_BATCH_BYTES || !open_flow_table(flows)) return 0;
  for (uint32_t from = 0; from < flows; from += ROWS) {
    take_flow_batch(resident + from / ROWS * FLOW_BATCH_BYTES);
    add_rows(flows - from < ROWS ? flows - from : ROWS);
  }
  return flow_count;
}

// The clock runs while keys are looked up, not while a batch of them is brought.
static void look_flows_up(uint32_t repeats) {
  double spent = 0;
  uint32_t known = 0;
  for (uint32_t r = 0; r < repeats; r++) {
    known = 0;
    for (size_t at = 0; at < resident_bytes; at += FLOW_BATCH_BYTES) {
      take_flow_batch(resident + at);
      double start = now();
      known += count_known(ROWS);
      spent += now() - start;
    }
  }
  printf("%.0f %u\n", spent, known);
}

int main(int count, char **arguments) {
  if (count > 1 && !strcmp(arguments[1], "--cpu-time")) used_clock = CLOCK_PROCESS_CPUTIME_ID;
  static char line[8192], path[4096], name[64], how[16];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    int verify;
    size_t size;
    uint32_t repeats;
    parse_function f;
    sum_function sum;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "load %4095[^\n]", path) == 1) {
      if (load(path) && known_format(resident)) printf("ok %zu\n", resident_bytes);
      else puts("error cannot load");
    } else if (sscanf(line, "batch %63s %d", name, &verify) == 2 && (f = find(name))) {
      time_run("batch", f, verify, "");
    } else if (sscanf(line, "file %63s %d %15s %4095[^\n]", name, &verify, how, path) == 4 && (f = find(name))) {
      time_run(how, f, verify, path);
    } else if (sscanf(line, "digest %15s %63s %d %4095[^\n]", how, name, &verify, path) == 4 && (f = find(name))) {
      digest_run(how, f, verify, path);
    } else if (sscanf(line, "bytes %4095[^\n]", path) == 1) {
      if (load(path)) printf("ok %zu\n", resident_bytes);
      else puts("error cannot load");
    } else if (sscanf(line, "checksum %63s %zu %u", name, &size, &repeats) == 3 && (sum = find_kernel(name))) {
      if (size * 16 <= resident_bytes) checksum(sum, size, repeats);
      else puts("error not loaded");
    } else if (sscanf(line, "checksums %63s %zu", name, &size) == 2 && (sum = find_kernel(name))) {
      if (size * 16 <= resident_bytes) checksums(sum, size);
      else puts("error not loaded");
    } else if (sscanf(line, "flows %u", &repeats) == 1) {
      if (make_flow_table(repeats) == repeats) printf("ok %u\n", repeats);
      else puts("error not loaded, or no memory");
    } else if (sscanf(line, "known %u", &repeats) == 1) {
      if (flow_slots && resident_bytes % FLOW_BATCH_BYTES == 0) look_flows_up(repeats);
      else puts("error not loaded");
    } else if (!strcmp(line, "kernels")) {
      for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) printf("%s%s", i ? " " : "", kernels[i].name);
      putchar('\n');
    } else if (!strcmp(line, "variants")) {
      for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) printf("%s%s", i ? " " : "", variants[i].name);
      putchar('\n');
    } else {
      printf("error %s\n", line);
    }
  }
  return 0;
}

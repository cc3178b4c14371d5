// A TUN device at standard input and output: packets that the kernel sends through it are written to standard
// output, what comes in on standard input is given to the kernel, each behind its length (2 bytes, little endian) and
// 2 bytes more: of a packet of TCP that is to be cut, how many bytes of data each of its segments has, else 0.
// Many packets go in one write, as many as there are at the moment.
//
//   tun NAME            makes the device in the network namespace it runs in, and keeps it until standard input ends
//   tun NAME coalesce   puts TCP segments that continue each other together, as network cards do (receive offload):
//                       the kernel's receive path then runs once for some forty of them. Takes packets to be cut, too
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "coalesce.h"

enum { LENGTH = 4, LARGEST = MOST_BYTES, BATCH = 256 * 1024 };

static int device;
/** The device has a virtio_net_hdr before each packet. */
static int offloading;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) exit(0); // nobody listens any more
    bytes += written;
    length -= (size_t)written;
  }
}

static ssize_t read_packet(uint8_t *into) {
  if (!offloading) return read(device, into, LARGEST);
  // No offload was agreed to for this direction, so the header says nothing.
  struct virtio_net_hdr header;
  struct iovec parts[2] = {{&header, sizeof header}, {into, LARGEST}};
  ssize_t length = readv(device, parts, 2);
  return length < (ssize_t)sizeof header ? length : length - (ssize_t)sizeof header;
}

/** What the kernel does not take (the device is down, the packet malformed) is lost, as on any wire. */
static void note(ssize_t written) {
  if (written < 0 && errno != EINVAL && errno != EIO) perror("tun");
}

static void write_run(struct run *run) {
  if (run->count > 0) note(writev(device, run_parts(run), run->count + 2));
  run->count = 0;
}

/** A packet of TCP that stands for segments with `size` bytes of data each: cut, or taken as it is, by the kernel. */
static void write_long(uint8_t *packet, uint32_t length, uint32_t size) {
  uint32_t ip = ip_header(packet, length);
  struct virtio_net_hdr offload = {0};
  struct iovec parts[2] = {{&offload, sizeof offload}, {packet, length}};
  if (ip > 0) offload_to_kernel(&offload, packet, packet + ip, ip, length - ip, size);
  note(writev(device, parts, 2));
}

/** Kernel to standard output. */
static void *outward(void *nothing) {
  static uint8_t batch[BATCH];
  for (;;) {
    struct pollfd ready = {.fd = device, .events = POLLIN};
    if (poll(&ready, 1, -1) < 0 && errno != EINTR) fail("poll");
    size_t filled = 0;
    while (BATCH - filled >= LENGTH + LARGEST) {
      ssize_t length = read_packet(batch + filled + LENGTH);
      if (length <= 0) break;
      uint32_t head = (uint32_t)length;
      memcpy(batch + filled, &head, LENGTH);
      filled += LENGTH + (size_t)length;
    }
    if (filled > 0) write_all(batch, filled);
  }
  return nothing;
}

/** Standard input to kernel. */
static void inward(void) {
  static uint8_t batch[BATCH];
  static struct run run;
  size_t filled = 0;
  for (;;) {
    ssize_t got = read(0, batch + filled, BATCH - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) exit(0);
    filled += (size_t)got;
    size_t at = 0;
    while (filled - at >= LENGTH) {
      uint32_t head;
      memcpy(&head, batch + at, LENGTH);
      uint32_t length = head & 0xffff, size = head >> 16;
      if (size > 0 && !offloading) {
        fprintf(stderr, "tun: a packet to be cut, which this device does not take\n");
        exit(2);
      }
      if (filled - at < LENGTH + length) break;
      uint8_t *packet = batch + at + LENGTH;
      at += LENGTH + length;
      if (!offloading) {
        note(write(device, packet, length));
        continue;
      }
      if (size > 0) {
        write_run(&run);
        write_long(packet, length, size);
        continue;
      }
      if (run.count > 0 && run_add(&run, packet, length)) continue;
      write_run(&run);
      run_begin(&run, packet, length);
    }
    write_run(&run); // its packets lie in the batch
    memmove(batch, batch + at, filled - at);
    filled -= at;
  }
}

int main(int count, char **arguments) {
  offloading = count == 3 && strcmp(arguments[2], "coalesce") == 0;
  if (count != 2 && !offloading) {
    fprintf(stderr, "usage: tun NAME [coalesce]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  if (offloading) request.ifr_flags |= IFF_VNET_HDR;
  strncpy(request.ifr_name, arguments[1], IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  int room = 2 * 1024 * 1024;
  setsockopt(1, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  fprintf(stderr, "ready\n");
  pthread_t thread;
  if (pthread_create(&thread, NULL, outward, NULL) != 0) fail("pthread_create");
  inward();
}

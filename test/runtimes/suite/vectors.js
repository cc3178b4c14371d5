// Inputs made by rule from a seed, the same everywhere, without the package under test: TCP segments in
// Ethernet frames of several shapes, some damaged, and capture files around them.

/** A small generator of 32-bit numbers (xorshift); good enough to vary inputs, the same in every runtime. */
export function generator(seed) {
  let x = seed | 0 || 1;
  const next = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
  return { next, below: (n) => next() % n, chance: (n) => next() % n === 0 };
}

export function randomBytes(random, length) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.next() >>> 7;
  return bytes;
}

/** `count` frames; about one in eight is damaged or odd. */
export function frames(seed, count) {
  const random = generator(seed);
  return Array.from({ length: count }, () => frame(random));
}

/** Frames of whole conversations, `rounds` of data and acknowledgment each, several under way at a time. */
export function conversations(seed, count, rounds) {
  const random = generator(seed);
  const waiting = Array.from({ length: count }, () => conversation(random, rounds));
  const active = waiting.splice(0, 50);
  const list = [];
  while (active.length > 0) {
    const at = random.below(active.length);
    const { done, value } = active[at].next();
    if (!done) list.push(value);
    else if (waiting.length > 0) active[at] = waiting.pop();
    else active.splice(at, 1);
  }
  return list;
}

/** A classic pcap file around the frames. */
export function pcap(list, { bigEndian = false, nanoseconds = false } = {}) {
  const out = writer(bigEndian);
  out
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2)
    .u16(4)
    .u32(0)
    .u32(0)
    .u32(262144)
    .u32(1);
  list.forEach((bytes, i) => {
    const ticks = i * 1237;
    const second = nanoseconds ? 1e9 : 1e6;
    out.u32(1700000000 + Math.floor(ticks / second)).u32(ticks % second);
    out
      .u32(bytes.length)
      .u32(bytes.length + (i % 97 === 0 ? 10 : 0))
      .bytes(bytes);
  });
  return out.done();
}

/** A pcapng file of one section with two interfaces, the second in nanoseconds. */
export function pcapng(list, { bigEndian = false } = {}) {
  const out = writer(bigEndian);
  const block = (type, fill) => {
    const body = writer(bigEndian);
    fill(body);
    body.pad(4);
    const content = body.done();
    out
      .u32(type)
      .u32(content.length + 12)
      .bytes(content)
      .u32(content.length + 12);
  };
  block(0x0a0d0d0a, (b) => b.u32(0x1a2b3c4d).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff));
  block(1, (b) => b.u16(1).u16(0).u32(0));
  block(1, (b) =>
    b
      .u16(1)
      .u16(0)
      .u32(0)
      .u16(9)
      .u16(1)
      .bytes(new Uint8Array([9]))
      .pad(4)
      .u32(0),
  );
  list.forEach((bytes, i) => {
    if (i % 50 === 49) block(0x00000bad, (b) => b.bytes(new Uint8Array(i % 7)));
    if (i % 11 === 10) block(3, (b) => b.u32(bytes.length).bytes(bytes));
    const ticks = 1700000000n * (i % 2 ? 1000000000n : 1000000n) + BigInt(i * 1237);
    block(6, (b) => {
      b.u32(i % 2)
        .u32(Number(ticks >> 32n))
        .u32(Number(ticks & 0xffffffffn));
      b.u32(bytes.length).u32(bytes.length).bytes(bytes);
    });
  });
  return out.done();
}

function frame(random) {
  const v6 = random.chance(4);
  const payload = randomBytes(random, random.chance(2) ? 0 : random.below(1461));
  const options = optionBytes(random);
  const segment = writer(true);
  const flags = random.chance(10)
    ? random.next() & 0xfff
    : [0x10, 0x18, 0x02, 0x12, 0x11, 0x14][random.below(6)];
  const words = random.chance(40) ? random.below(16) : 5 + options.length / 4;
  segment.u16(random.below(65536)).u16(random.chance(2) ? 443 : random.below(65536));
  segment
    .u32(random.next())
    .u32(random.next())
    .u16((words << 12) | flags)
    .u16(random.below(65536));
  segment
    .u16(0)
    .u16(random.chance(30) ? random.below(65536) : 0)
    .bytes(options)
    .bytes(payload);
  const tcp = segment.done();

  const source = randomBytes(random, v6 ? 16 : 4);
  const destination = randomBytes(random, v6 ? 16 : 4);
  withChecksum(tcp, source, destination);
  if (random.chance(25)) tcp.set(randomBytes(random, 2), 16);

  const tag = random.chance(10) ? random.below(65536) : undefined;
  const whole = v6
    ? ipv6Frame(random, source, destination, tcp, tag)
    : ipv4Frame(random, source, destination, tcp, tag);
  return random.chance(40) ? whole.subarray(0, random.below(whole.length)) : whole;
}

function ipv4Frame(random, source, destination, tcp, tag) {
  const out = ethernet(random, 0x0800, tag);
  out
    .u16(0x4500)
    .u16(20 + tcp.length)
    .u16(random.below(65536))
    .u16(0x4000);
  return out.u16(0x4006).u16(0).bytes(source).bytes(destination).bytes(tcp).done();
}

function ipv6Frame(random, source, destination, tcp, tag) {
  const out = ethernet(random, 0x86dd, tag).u32(0x60000000 | random.below(1 << 20));
  return out.u16(tcp.length).u16(0x0640).bytes(source).bytes(destination).bytes(tcp).done();
}

function ethernet(random, type, tag) {
  const out = writer(true).bytes(randomBytes(random, 12));
  if (tag !== undefined) out.u16(0x8100).u16(tag);
  return out.u16(type);
}

/** The segment, its checksum filled in. */
function withChecksum(tcp, source, destination) {
  const pseudo = writer(true).bytes(source).bytes(destination).u32(tcp.length).u32(6).done();
  const sum = (sum16(tcp, sum16(pseudo, 0)) ^ 0xffff) & 0xffff;
  tcp[16] = sum >> 8;
  tcp[17] = sum & 255;
  return tcp;
}

function* conversation(random, rounds) {
  const client = { address: randomBytes(random, 4), port: 1024 + random.below(60000), seq: random.next() };
  const server = { address: randomBytes(random, 4), port: 443, seq: random.next() };
  const send = (from, to, flags, payload) => {
    const tcp = writer(true)
      .u16(from.port)
      .u16(to.port)
      .u32(from.seq)
      .u32(flags === 2 ? 0 : to.seq);
    tcp
      .u16(0x5000 | flags)
      .u16(65535)
      .u32(0)
      .bytes(payload);
    from.seq = (from.seq + payload.length + (flags & 3 ? 1 : 0)) >>> 0;
    return ipv4Frame(random, from.address, to.address, withChecksum(tcp.done(), from.address, to.address));
  };
  const nothing = new Uint8Array(0);
  yield send(client, server, 2, nothing);
  yield send(server, client, 0x12, nothing);
  yield send(client, server, 0x10, nothing);
  for (let i = 0; i < rounds; i++) {
    yield send(client, server, 0x18, randomBytes(random, 100));
    yield send(server, client, 0x10, randomBytes(random, 1460));
    yield send(server, client, 0x18, randomBytes(random, 700));
    yield send(client, server, 0x10, nothing);
  }
  yield send(client, server, 0x11, nothing);
  yield send(server, client, 0x11, nothing);
  yield send(client, server, 0x10, nothing);
}

function optionBytes(random) {
  const out = writer(true);
  for (let i = random.below(4); i > 0; i--) {
    const kind = random.below(7);
    if (kind === 0) out.u16(0x0204).u16(random.below(65536));
    else if (kind === 1) out.bytes(new Uint8Array([1, 3, 3, random.below(256)]));
    else if (kind === 2) out.u16(0x0101).u16(0x080a).u32(random.next()).u32(random.next());
    else if (kind === 3) out.u16(0x0101).u16(0x050a).u32(random.next()).u32(random.next());
    else if (kind === 4) out.u16(0x0101).u16(0x0402);
    else if (kind === 5) out.bytes(randomBytes(random, 4));
    else out.bytes(new Uint8Array([28, 4, random.below(256), random.below(256)]));
  }
  return out.done().subarray(0, 40);
}

function sum16(bytes, initial) {
  let sum = initial;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function writer(bigEndian) {
  let bytes = new Uint8Array(256);
  let view = new DataView(bytes.buffer);
  let n = 0;
  const room = (more) => {
    if (n + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, n + more));
    larger.set(bytes.subarray(0, n));
    bytes = larger;
    view = new DataView(bytes.buffer);
  };
  const self = {
    u16(value) {
      room(2);
      view.setUint16(n, value, !bigEndian);
      n += 2;
      return self;
    },
    u32(value) {
      room(4);
      view.setUint32(n, value, !bigEndian);
      n += 4;
      return self;
    },
    bytes(more) {
      room(more.length);
      bytes.set(more, n);
      n += more.length;
      return self;
    },
    pad(to) {
      return self.bytes(new Uint8Array(-n & (to - 1)));
    },
    done: () => bytes.slice(0, n),
  };
  return self;
}

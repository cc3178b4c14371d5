// What the sample shows: half a quarter of an hour of an application server, its connection pool behind a
// load balancer among it. All addresses are from the ranges kept for documentation.
import { Conversation } from "./conversation.mjs";
import { arpFrame, concat, u16, udpFrame } from "./frames.mjs";

const application = { mac: "02:00:5e:10:00:15", address: "192.0.2.15" };
const application6 = { mac: "02:00:5e:10:00:15", address: "2001:db8:20::15" };
const gateway = { mac: "02:00:5e:10:00:01", address: "192.0.2.1" };
const resolver = { mac: "02:00:5e:10:00:35", address: "192.0.2.53" };
const balancer = { mac: "02:00:5e:10:00:01", address: "198.51.100.80", ttl: 62 };
const web = { mac: "02:00:5e:10:00:01", address: "203.0.113.10", ttl: 54 };
const report = { mac: "02:00:5e:10:00:01", address: "203.0.113.77", ttl: 57 };
const mail6 = { mac: "02:00:5e:10:00:01", address: "2001:db8:80::25", ttl: 58 };
const storage = { mac: "02:00:5e:20:00:40", address: "198.51.100.140" };
const storageSide = { mac: "02:00:5e:20:00:15", address: "198.51.100.115" };

/** What the capture calls its hosts. */
export const names = [
  { address: application.address, names: ["app.example.com"] },
  { address: application6.address, names: ["app.example.com"] },
  { address: resolver.address, names: ["resolver.example.com"] },
  { address: balancer.address, names: ["queue.example.com"] },
  { address: web.address, names: ["www.example.com"] },
  { address: report.address, names: ["reports.example.com"] },
  { address: mail6.address, names: ["mail.example.com"] },
  { address: storage.address, names: ["nfs.example.com"] },
];

const SECOND = 1000;
const ETH0 = 0;
const STORAGE_LINK = 1;

const chapters = [
  { tell: nameLookup, at: 0, link: ETH0, comment: "ARP and DNS before the first connection" },
  {
    tell: downloadWithLoss,
    at: 20,
    link: ETH0,
    comment: "A download that loses a segment, which SACK gets sent again at once; sequence numbers wrap",
  },
  {
    tell: keptAlive,
    at: 1.5 * SECOND,
    link: ETH0,
    comment: "A pooled connection with keep-alive every 60 s: it works after ten idle minutes",
  },
  {
    tell: forgottenByTheBalancer,
    at: 1.9 * SECOND,
    link: ETH0,
    comment: "The same without keep-alive: the balancer forgets it after 350 s, the next request is reset",
  },
  { tell: refused, at: 31 * SECOND, link: ETH0, comment: "Nobody listens on this port" },
  {
    tell: zeroWindow,
    at: 42 * SECOND,
    link: ETH0,
    comment: "An upload to a receiver that stops reading for four seconds",
  },
  { tell: lostSyn, at: 75 * SECOND, link: ETH0, comment: "IPv6; the first SYN is lost and repeated" },
  {
    tell: storageNetwork,
    at: 90 * SECOND,
    link: STORAGE_LINK,
    comment: "A tagged link captured on the sender, before its card fills in checksums and cuts segments",
  },
];

/**
 * Everything that is captured, in the order of time; the first frame of a chapter has its comment.
 * @returns {{ at: number, link: number, frame: Uint8Array, comments: string[] }[]} `at`: milliseconds from the start
 */
export function story() {
  const frames = chapters.flatMap(({ tell, at, link, comment }) => {
    const told = [];
    tell((time, frame) => told.push({ at: time, link, frame, comments: [] }), at);
    told[0].comments.push(comment);
    return told;
  });
  return frames.sort((a, b) => a.at - b.at);
}

function nameLookup(capture, start) {
  capture(start, arpFrame(1, application, gateway));
  capture(start + 0.31, arpFrame(2, gateway, application));
  const question = concat(
    ...["www", "example", "com"].map((label) => concat(Uint8Array.of(label.length), ascii(label))),
    Uint8Array.of(0),
    u16(1),
    u16(1),
  );
  const counts = (answers) => concat(u16(1), u16(answers), u16(0), u16(0));
  capture(
    start + 2.1,
    udpFrame(application, resolver, 40053, 53, concat(u16(0x1f42), u16(0x0100), counts(0), question), 7001),
  );
  const answer = concat(
    u16(0xc00c),
    u16(1),
    u16(1),
    u16(0),
    u16(300),
    u16(4),
    Uint8Array.of(203, 0, 113, 10),
  );
  const reply = concat(u16(0x1f42), u16(0x8180), counts(1), question, answer);
  capture(start + 9.84, udpFrame(resolver, application, 53, 40053, reply, 912));
}

/** A page of eight segments, the third lost: duplicate ACKs with SACK, a fast retransmission, a four-way close. */
function downloadWithLoss(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: application,
      port: 51022,
      isn: 0x6fd31a20,
      window: 64240,
      clock: 771_204_118,
      id: 21000,
    },
    // The numbers wrap in the middle of the page.
    server: { station: web, port: 80, isn: 0xffffe500, window: 65160, clock: 2_914_001_377, id: 0 },
  });
  const rtt = 18.4;
  c.open(start, rtt);
  const pieces = page(8 * 1448).match(/.{1,1448}/gs);
  const first = c.ends.server.next;
  let at = start + rtt + 0.4;
  c.send(at, "client", "P.", {
    data: "GET /orders HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n",
  });
  at += rtt;
  c.send(at, "server", ".");
  at += 2.7;
  for (const [i, data] of pieces.entries()) {
    const lost = i === 2;
    c.send(at + i * 0.12, "server", i === pieces.length - 1 ? "P." : ".", { data, lost });
    if (!lost && i !== 0) c.send(at + i * 0.12 + 0.04, "client", ".");
  }
  at += rtt + 0.9;
  c.send(at, "server", ".", { data: pieces[2], seq: (first + 2 * 1448) >>> 0 });
  c.send(at + 0.03, "client", ".");
  c.close(at + 2.2, "client", rtt);
}

/** A pooled connection with keep-alive every 60 s: the balancer never sees it idle, and it works after ten minutes. */
function keptAlive(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: application,
      port: 51030,
      isn: 0x0b5c9e11,
      window: 64240,
      clock: 771_205_600,
      id: 33100,
    },
    server: { station: balancer, port: 5672, isn: 0x91ac40d7, window: 65160, clock: 1_200_455_010, id: 0 },
  });
  const rtt = 1.1;
  c.open(start, rtt);
  const last = request(c, start + 4, rtt, "PUBLISH orders 1\n", "OK 1\n");
  for (let probe = 1; probe <= 10; probe++) {
    const at = last + probe * 60 * SECOND;
    c.send(at, "client", ".", { seq: c.ends.client.next - 1 });
    c.send(at + rtt, "server", ".");
  }
  const end = request(c, start + 615 * SECOND, rtt, "PUBLISH orders 2\n", "OK 2\n");
  c.close(end + 3, "client", rtt);
}

/**
 * The same pool without keep-alive. The balancer forgets a session after 350 s without traffic and tells
 * nobody; the next request is answered by RST, and a new connection has to be opened.
 */
function forgottenByTheBalancer(capture, start) {
  const ends = (port, isn) => ({
    client: { station: application, port, isn, window: 64240, clock: 771_206_020, id: 40210 + (port & 15) },
    server: {
      station: balancer,
      port: 5672,
      isn: isn ^ 0x5bd1e995,
      window: 65160,
      clock: 1_200_455_400,
      id: 0,
    },
  });
  const c = new Conversation(capture, ends(51031, 0x2f00c1d4));
  const rtt = 1.1;
  c.open(start, rtt);
  request(c, start + 5, rtt, "PUBLISH orders 1\n", "OK 1\n");
  const late = start + 612 * SECOND;
  c.send(late, "client", "P.", { data: "PUBLISH orders 2\n" });
  c.send(late + 0.6, "server", "R", { seq: c.ends.client.expected, window: 0 });

  const again = new Conversation(capture, ends(51044, 0x73b00512));
  again.open(late + 4.2, rtt);
  const end = request(again, late + 4.2 + 2 * rtt, rtt, "PUBLISH orders 2\n", "OK 2\n");
  again.close(end + 2, "server", rtt);
}

/** Nobody listens on the port. */
function refused(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: application,
      port: 51058,
      isn: 0x4400be02,
      window: 64240,
      clock: 771_235_400,
      id: 5120,
    },
    server: { station: web, port: 8443, isn: 0, window: 0, id: 0 },
  });
  c.send(start, "client", "S");
  c.send(start + 18.2, "server", "R.", { bare: true });
}

/** An upload to a receiver that stops reading: zero window, probes of a byte, a window update, the rest. */
function zeroWindow(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: application,
      port: 51070,
      isn: 0x5e1f0a77,
      window: 64240,
      clock: 771_246_000,
      id: 61000,
    },
    server: { station: report, port: 9100, isn: 0x2b9d7713, window: 5792, scale: 0, clock: 88_120, id: 300 },
  });
  const rtt = 6.2;
  const block = (letter) => letter.repeat(1448);
  c.open(start, rtt);
  let at = start + rtt + 0.5;
  for (const [i, letter] of ["a", "b", "c", "d"].entries()) {
    c.send(at + i * 0.05, "client", i === 3 ? "P." : ".", { data: block(letter) });
  }
  c.send(at + rtt, "server", ".", { window: 0 });
  let probeAfter = 220;
  at += rtt;
  const unsent = c.ends.client.next;
  for (let probe = 0; probe < 4; probe++) {
    at += probeAfter;
    c.send(at, "client", ".", { data: "e", seq: unsent, refused: true });
    c.send(at + rtt, "server", ".");
    probeAfter *= 2;
  }
  c.send(at + 900, "server", ".", { window: 5792 });
  c.send(at + 900.2, "client", "P.", { data: block("e"), seq: unsent });
  c.send(at + 900.2 + rtt, "server", ".");
  c.close(at + 910, "client", rtt);
}

/** Over IPv6; the first SYN is lost and repeated after a second; the server closes. */
function lostSyn(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: application6,
      port: 51102,
      isn: 0xd0221900,
      window: 64800,
      mss: 1440,
      clock: 771_279_044,
    },
    server: { station: mail6, port: 25, isn: 0x19e40c55, window: 64260, mss: 1440, clock: 3_301_889 },
  });
  const rtt = 24.9;
  const isn = c.ends.client.next;
  c.send(start, "client", "S"); // captured here, lost further on
  c.send(start + 1003.1, "client", "S", { seq: isn });
  c.send(start + 1003.1 + rtt, "server", "S.");
  c.send(start + 1003.1 + rtt + 0.07, "client", ".");
  let at = start + 1003.1 + 2 * rtt + 8;
  for (const [from, data] of [
    ["server", "220 mail.example.com ESMTP\r\n"],
    ["client", "EHLO app.example.com\r\n"],
    ["server", "250-mail.example.com\r\n250-SIZE 35882577\r\n250 STARTTLS\r\n"],
    ["client", "QUIT\r\n"],
    ["server", "221 2.0.0 Bye\r\n"],
  ]) {
    c.send(at, from, "P.", { data });
    at += from === "client" ? rtt : 0.4;
    c.send(at, from === "client" ? "server" : "client", ".");
    at += 1.3;
  }
  c.send(at, "server", "F.");
  c.send(at + 0.06, "client", "F.");
  c.send(at + 0.06 + rtt, "server", ".");
}

/**
 * A VLAN to the storage, captured on the sender, which leaves checksums and segmentation to its card. The
 * connection is older than the capture.
 */
function storageNetwork(capture, start) {
  const c = new Conversation(capture, {
    client: {
      station: storageSide,
      port: 811,
      isn: 0x7a000001,
      window: 501 << 7,
      clock: 15_080,
      id: 9000,
      offload: true,
    },
    server: { station: storage, port: 2049, isn: 0x11c0ffee, window: 2048 << 7, clock: 44_120, id: 77 },
    vlan: 30,
  });
  c.ends.client.expected = c.ends.server.next;
  c.ends.server.expected = c.ends.client.next;
  c.send(start, "client", "P.", { data: "COMPOUND PUTFH WRITE\n".repeat(7) });
  c.send(start + 0.05, "client", "P.", { data: "tcpwire ".repeat(3 * 181) }); // three segments of 1448 in one
  c.send(start + 0.41, "server", ".");
  c.send(start + 0.9, "server", "P.", { data: "COMPOUND PUTFH WRITE OK\n" });
  c.send(start + 0.93, "client", ".");
}

/** An HTTP response of `length` bytes. */
function page(length) {
  const head = (body) => `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body}\r\n\r\n`;
  const body = length - head(length).length;
  const lines = Array.from({ length: Math.ceil(body / 24) }, (_, i) => `order ${100_000 + i} accepted  \n`);
  return head(body) + lines.join("").slice(0, body);
}

/** @returns when the answer has been acknowledged */
function request(c, at, rtt, question, answer) {
  c.send(at, "client", "P.", { data: question });
  c.send(at + rtt, "server", "P.", { data: answer });
  c.send(at + rtt + 0.05, "client", ".");
  return at + rtt + 0.05;
}

function ascii(text) {
  return new TextEncoder().encode(text);
}

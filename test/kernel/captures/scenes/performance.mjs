// Transfers that are slower than the way they go, and some that are as slow as they look for other reasons.
import { closed, connected, exchange, routed, seconds, transfer } from "./stage.mjs";

const KB = 1024;
/** Enough for headers with options: bulk data proves nothing. */
const HEADERS = 94;

async function lossy({ lab, record }, at, every) {
  const net = await routed(lab);
  await record(net[at], { snap: HEADERS });
  const pair = await connected(net);
  // Slow enough that what is sent again is told from what was overtaken: by its time, and by its timestamp.
  await net.router.sh("tc qdisc add dev eth1 root tbf rate 20mbit burst 5k limit 300k");
  await net.router.sh(
    `iptables -A FORWARD -o eth1 -m length --length 500: -m statistic --mode nth --every ${every} --packet 3 -j DROP`,
  );
  await transfer(pair.a, pair.b, 180 * KB);
  await net.router.sh("iptables -F FORWARD");
  await closed(pair);
}

export const performance = [
  {
    name: "loss-behind-capture",
    shows: "loss",
    how: "The router drops every 12th large segment; captured at the sender, before the loss.",
    run: (stage) => lossy(stage, "client", 12),
  },
  {
    name: "loss-before-capture",
    shows: "loss",
    how: "The router drops every 12th large segment; captured at the receiver, behind the loss.",
    run: (stage) => lossy(stage, "server", 12),
  },
  {
    name: "loss-storm",
    shows: "loss",
    how: "The router drops every 4th large segment.",
    run: (stage) => lossy(stage, "client", 4),
  },
  {
    name: "loss-ordinary",
    resembles: "loss",
    how: "The router drops 2 segments of about 130: every network has that.",
    run: (stage) => lossy(stage, "client", 60),
  },
  {
    name: "zero-window",
    shows: "zero-window",
    how: "The server's application reads nothing for 1.5 s while the client sends; SO_RCVBUF is 16 KiB.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net, { b: { receiveBuffer: 16 * KB } });
      const sent = pair.a.send(60 * KB);
      await seconds(1.5);
      await pair.b.drain({ length: 60 * KB });
      await sent;
      await closed(pair);
    },
  },
  {
    name: "zero-window-for-a-moment",
    resembles: "zero-window",
    how: "The same buffer; the application begins to read after 50 ms.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net, { b: { receiveBuffer: 16 * KB } });
      const sent = pair.a.send(24 * KB);
      await seconds(0.05);
      await pair.b.drain({ length: 24 * KB });
      await sent;
      await closed(pair);
    },
  },
  {
    name: "receiver-limited",
    shows: "receiver-limited",
    how: "SO_RCVBUF=8 KiB at the server, whose application reads all the time.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net, { b: { receiveBuffer: 8 * KB } });
      await transfer(pair.a, pair.b, 100 * KB);
      await closed(pair);
    },
  },
  {
    name: "network-limited",
    resembles: "receiver-limited",
    how: "The buffers are the kernel's own; the router's card lets 4 Mbit/s pass (tbf) and queues the rest.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await net.router.sh("tc qdisc add dev eth1 root tbf rate 4mbit burst 5k limit 300k");
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await transfer(pair.a, pair.b, 150 * KB);
      await closed(pair);
    },
  },
  {
    name: "delayed-ack",
    shows: "delayed-ack",
    how: "The client writes each request in two pieces with Nagle's algorithm on and waits for the answer; the server's kernel delays its ACKs.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      await inPieces(await connected(net), 20);
    },
  },
  {
    name: "two-writes-no-delay",
    resembles: "delayed-ack",
    how: "The same requests in two pieces, with TCP_NODELAY.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      await inPieces(await connected(net, { a: { noDelay: 1 } }), 20);
    },
  },
  {
    name: "slow-application",
    resembles: "delayed-ack",
    how: "The server thinks for 100 ms: its kernel's delayed ACK comes after 40 ms, but nothing has waited for it.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const { a, b } = await connected(net);
      for (let i = 0; i < 10; i++) {
        await a.send(120);
        await b.receive(120);
        await seconds(0.1);
        await b.send(300);
        await a.receive(300);
      }
      await closed({ a, b });
    },
  },
  {
    name: "quiet",
    resembles: "loss",
    how: "Requests, answers, a transfer each way, an orderly close: nothing to tell.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair, { times: 5 });
      await transfer(pair.a, pair.b, 60 * KB);
      await transfer(pair.b, pair.a, 60 * KB);
      await closed(pair);
    },
  },
];

/** Enough of them that the server's kernel has used up the ACKs that it gives at once after the handshake. */
async function inPieces({ a, b }, times) {
  for (let i = 0; i < times; i++) {
    await a.send(60);
    await a.send(60);
    await b.receive(120);
    await b.send(300);
    await a.receive(300);
  }
  await closed({ a, b });
}

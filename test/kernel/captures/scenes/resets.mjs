// RSTs, and who sent them.
import { closed, connected, exchange, PORT, routed, seconds } from "./stage.mjs";

const RST = 4;

export const resets = [
  {
    name: "unknown-session",
    shows: "unknown-session",
    how: "The server's kernel forgets the connection as in a power failure (TCP_REPAIR, then close); the client's next request meets its RST.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await seconds(0.2);
      await pair.b.crash();
      await seconds(0.2);
      await pair.a.send(120);
      await seconds(0.2);
    },
  },
  {
    name: "written-after-close",
    resembles: "unknown-session",
    how: "The server closes in order; the client sends one more request all the same, and meets a RST without ACK.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await pair.b.close();
      await seconds(0.2);
      await pair.a.send(120);
      await seconds(0.2);
    },
  },
  {
    name: "aborted-by-server",
    resembles: "unknown-session",
    how: "The server's application aborts (SO_LINGER 0) with a request unread.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await pair.a.send(120);
      await seconds(0.1);
      await pair.b.abort();
      await seconds(0.2);
    },
  },
  {
    name: "reset-injected",
    shows: "reset-injected",
    how: "The router answers a request with a RST in the server's name (raw socket, exact number, TTL 64; the server's own segments arrive with 63).",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      const ears = await net.router.kernel.overhear("eth0");
      const injected = ears.inject({ port: PORT, flags: RST });
      await pair.a.send(120);
      await injected;
      await seconds(0.2);
    },
  },
  {
    name: "reset-injected-out-of-window",
    shows: "reset-injected",
    how: "The router guesses badly: a RST in the server's name with its TTL, but a number 100,000,000 off. The client ignores it and the server goes on.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      const ears = await net.router.kernel.overhear("eth0");
      const injected = ears.inject({ port: PORT, flags: RST, shift: 100_000_000, ttl: 63 });
      await pair.a.send(120);
      await injected;
      await pair.b.receive(120);
      await pair.b.send(900);
      await pair.a.receive(900);
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "reset-by-server",
    resembles: "reset-injected",
    how: "The server's application aborts after its answer; the RST is its own.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await pair.b.abort();
      await seconds(0.2);
    },
  },
];

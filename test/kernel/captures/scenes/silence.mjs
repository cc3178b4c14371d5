// Ends that are heard no more.
import { closed, connected, cut, exchange, routed, seconds } from "./stage.mjs";

const probing = { a: { keepAlive: 1, keepIdle: 1, keepInterval: 1, keepCount: 4 } };

export const silence = [
  {
    name: "keep-alive-unanswered",
    shows: "keep-alive-unanswered",
    how: "TCP_KEEPIDLE=1, TCP_KEEPINTVL=1, TCP_KEEPCNT=4 at the client; the router drops everything once the conversation is quiet.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net, probing);
      await exchange(pair);
      await cut(net.router);
      await seconds(7);
    },
  },
  {
    name: "keep-alive-answered",
    resembles: "keep-alive-unanswered",
    how: "The same settings; the way is cut for two probes only, the others are answered.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net, probing);
      await exchange(pair);
      await seconds(1.5);
      const heal = await cut(net.router);
      await seconds(2);
      await heal();
      await seconds(2);
      await closed(pair);
    },
  },
  {
    name: "peer-vanished",
    shows: "peer-vanished",
    how: "The router drops everything in the middle of a conversation; the client sends its request again and again.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await cut(net.router);
      await pair.a.send(120);
      await seconds(4);
    },
  },
  {
    name: "peer-returned",
    resembles: "peer-vanished",
    how: "The same, but the way heals after 1 s: the request is answered and the conversation goes on.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      const heal = await cut(net.router);
      await pair.a.send(120);
      await seconds(1);
      await heal();
      await pair.b.receive(120);
      await pair.b.send(900);
      await pair.a.receive(900);
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "close-wait",
    shows: "close-wait",
    how: "The client closes, the server's application never does. Another conversation 32 s later shows that the capture went on.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await pair.a.close();
      await seconds(32);
      const later = await connected(net, { port: 8081 });
      await exchange(later);
      await closed(later);
    },
  },
  {
    name: "half-close",
    resembles: "close-wait",
    how: "The client closes its side (shutdown), the server goes on sending for 33 s, as a half-open connection is meant to be used, then closes.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const { a, b } = await connected(net);
      await exchange({ a, b });
      await a.shutdown();
      for (let i = 0; i < 4; i++) {
        await seconds(8.25);
        await b.send(900);
        await a.receive(900);
      }
      await b.close();
      await a.drain();
      await a.close();
      await seconds(0.05);
    },
  },
];

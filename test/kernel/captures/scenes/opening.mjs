// Connections that do not come about, or come about on other terms than were offered.
import { tunLink } from "../../lab/tun.mjs";
import {
  CLIENT,
  closed,
  connected,
  cut,
  exchange,
  PORT,
  routed,
  SERVER,
  seconds,
  warmedUp,
} from "./stage.mjs";

const refusedToConnect = (attempt) => attempt.then(() => undefined).catch(() => {});

export const opening = [
  {
    name: "syn-unanswered",
    shows: "syn-unanswered",
    how: "The router drops the SYN and its repetitions.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      await cut(net.router);
      await refusedToConnect(net.client.kernel.connect(SERVER, PORT, { timeout: 4 }));
    },
  },
  {
    name: "syn-answered-late",
    resembles: "syn-unanswered",
    tells: ["slow-handshake"],
    how: "The router drops the first SYN only; its repetition after a second is answered.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await warmedUp(net);
      await record(net.client);
      const heal = await cut(net.router);
      const connecting = connected(net);
      await seconds(0.5);
      await heal();
      const pair = await connecting;
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "slow-handshake",
    shows: "slow-handshake",
    how: "The listener's queue of two is full when the client calls; the application takes what waits half a second later.",
    async run({ lab, record }) {
      const net = await routed(lab);
      const listener = await net.server.kernel.listen(SERVER, PORT, { backlog: 1 });
      const waiting = [];
      for (let i = 0; i < 2; i++) waiting.push(await net.client.kernel.connect(SERVER, PORT));
      await record(net.client);
      const connecting = net.client.kernel.connect(SERVER, PORT);
      await seconds(0.5);
      for (const _ of waiting) await listener.accept();
      const a = await connecting;
      const pair = { a, b: await listener.accept() };
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "slow-handshake-answered",
    shows: "slow-handshake",
    how: "The router drops the server's first SYN,ACK.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await warmedUp(net);
      await record(net.server);
      const heal = await cut(net.router, "-s 198.51.100.2");
      const connecting = connected(net);
      await seconds(0.5);
      await heal();
      const pair = await connecting;
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "long-way",
    resembles: "slow-handshake",
    how: "Each way takes 0.7 s, as by two satellites: the client sends its SYN again, but nothing is lost.",
    async run({ lab, record }) {
      const [client, server] = [await lab.host("client"), await lab.host("server")];
      const ends = [
        await tunLink(client, { addresses: [`${CLIENT}/24`], routes: ["198.51.100.0/24"] }),
        await tunLink(server, { addresses: [`${SERVER}/24`], routes: ["192.0.2.0/24"] }),
      ];
      ends.forEach((end, i) => {
        end.start((packet) => {
          const copy = packet.slice();
          setTimeout(() => ends[1 - i].send(copy), 700);
        });
      });
      await record(client, { card: "tun0" });
      const pair = await connected({ client, server });
      await exchange(pair);
      await closed(pair);
      await seconds(1.5);
    },
  },
  {
    name: "syn-refused",
    shows: "syn-refused",
    how: "Nothing listens on the port.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      await refusedToConnect(net.client.kernel.connect(SERVER, PORT));
      await seconds(0.05);
    },
  },
  {
    name: "accepted-and-aborted",
    resembles: "syn-refused",
    how: "The server's application takes the connection and aborts it at once (SO_LINGER 0).",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const { b } = await connected(net);
      await b.abort();
      await seconds(0.05);
    },
  },
  {
    name: "port-reuse",
    shows: "port-reuse",
    how: "The server closes first and is in TIME-WAIT; the client opens its next connection from the same port 0.5 s later.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const from = { a: { local: [CLIENT, 40000] }, b: { reuseAddress: 1 } };
      for (let i = 0; i < 2; i++) {
        const { a, b } = await connected(net, from);
        await exchange({ a, b });
        await closed({ a: b, b: a });
        await seconds(0.5);
      }
    },
  },
  {
    name: "port-again-after-reset",
    resembles: "port-reuse",
    how: "The same port again, but the first connection ended by RST: nobody is in TIME-WAIT.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const from = { a: { local: [CLIENT, 40000] }, b: { reuseAddress: 1 } };
      const first = await connected(net, from);
      await exchange(first);
      await first.a.abort();
      await seconds(0.5);
      const second = await connected(net, from);
      await exchange(second);
      await closed(second);
    },
  },
  {
    name: "options-stripped-on-both-sides",
    shows: "options-stripped",
    how: "The router removes window scaling and SACK (TCPOPTSTRIP) from SYNs; captured on all its cards, before and behind.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await net.router.sh(STRIP);
      await record(net.router, { card: "any" });
      const pair = await connected(net);
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "options-stripped-for-one",
    shows: "options-stripped",
    how: "A first connection passes, then the router begins to remove options from SYNs; captured at the client.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const first = await connected(net);
      await exchange(first);
      await closed(first);
      await net.router.sh(STRIP);
      const second = await connected(net, { b: { reuseAddress: 1 } });
      await exchange(second);
      await closed(second);
    },
  },
  {
    name: "options-never-agreed",
    resembles: "options-stripped",
    how: "The server's kernel has window scaling, SACK and timestamps turned off: it agrees to them with nobody.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await net.server.sysctl({
        "net.ipv4.tcp_window_scaling": 0,
        "net.ipv4.tcp_sack": 0,
        "net.ipv4.tcp_timestamps": 0,
      });
      await record(net.client);
      for (let i = 0; i < 2; i++) {
        const pair = await connected(net, { b: { reuseAddress: 1 } });
        await exchange(pair);
        await closed(pair);
      }
    },
  },
];

const STRIP =
  "iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN SYN -j TCPOPTSTRIP --strip-options wscale,sack-permitted";

// Sessions that are quiet for longer than something in between remembers them.
import { closed, connected, exchange, routed, seconds } from "./stage.mjs";

/** A router that forgets sessions after `timeout` seconds and then treats their segments as `fate` says. */
async function forgetful(lab, timeout, fate) {
  const net = await routed(lab);
  await net.router.sh(
    `iptables -A FORWARD -p tcp -m conntrack --ctstate NEW --syn -j ACCEPT &&
     iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT &&
     iptables -A FORWARD -p tcp -j ${fate}`,
  );
  await net.router.sysctl({
    "net.netfilter.nf_conntrack_tcp_timeout_established": timeout,
    "net.netfilter.nf_conntrack_tcp_loose": 0,
  });
  return net;
}

const DROPS = "DROP";
const RESETS = "REJECT --reject-with tcp-reset";

export const idle = [
  {
    name: "idle-timeout-silence",
    shows: "idle-timeout",
    how: "A router with nf_conntrack_tcp_timeout_established=3 drops what belongs to no session. The client is silent for 12 s, without keep-alive, then sends.",
    async run({ lab, record }) {
      const net = await forgetful(lab, 3, DROPS);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await seconds(12);
      await pair.a.send(120);
      await seconds(2);
    },
  },
  {
    name: "idle-timeout-reset",
    shows: "idle-timeout",
    how: "A router with nf_conntrack_tcp_timeout_established=12 answers what belongs to no session by RST. A silence of 10.5 s is survived, the next of 14 s is not.",
    async run({ lab, record }) {
      const net = await forgetful(lab, 12, RESETS);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await seconds(10.5);
      await exchange(pair);
      await seconds(14);
      await pair.a.send(120);
      await seconds(0.5);
    },
  },
  {
    name: "idle-kept-alive",
    resembles: "idle-timeout",
    how: "The router of idle-timeout-silence and the same 12 s without data, but TCP_KEEPIDLE=1.",
    async run({ lab, record }) {
      const net = await forgetful(lab, 3, DROPS);
      await record(net.client);
      const pair = await connected(net, { a: { keepAlive: 1, keepIdle: 1, keepInterval: 1 } });
      await exchange(pair);
      await seconds(12);
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "idle-remembered",
    resembles: "idle-timeout",
    how: "12 s of silence without keep-alive, and nothing in between that forgets.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await seconds(12);
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "idle-closed-by-server",
    resembles: "idle-timeout",
    how: "The server closes an idle session in order; the client does not notice and writes 12 s later: the RST is the server's own.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await record(net.client);
      const pair = await connected(net);
      await exchange(pair);
      await pair.b.close();
      await seconds(12);
      await pair.a.send(120);
      await seconds(0.5);
    },
  },
];

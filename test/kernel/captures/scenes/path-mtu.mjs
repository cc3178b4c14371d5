// A tunnel on the way takes less than the ends' cards, and the ICMP that says so gets through or does not.
import { closed, connected, exchange, routed, SERVER, seconds, transfer, warmedUp } from "./stage.mjs";

const KB = 1024;
/** Enough for headers with options: bulk data proves nothing. */
const HEADERS = 94;
const TUNNEL = 1400;

/**
 * The router's card to the server takes 1,400 bytes; the server's own card takes more, as the far end of a tunnel's
 * network does, so neither end knows. Each machine of the lab is its own kernel's: no path MTU is remembered.
 */
async function tunnelled(lab, { icmp = "dropped", probing = 0, sender = "client" } = {}) {
  const net = await routed(lab);
  const card = sender === "client" ? "eth1" : "eth0";
  await net.router.sh(`ip link set dev ${card} mtu ${TUNNEL}`);
  if (icmp === "dropped") await net.router.sh("iptables -A OUTPUT -p icmp -j DROP");
  await net[sender].sysctl({ "net.ipv4.tcp_mtu_probing": probing });
  await warmedUp(net);
  return net;
}

export const pathMtu = [
  {
    name: "path-mtu-black-hole",
    shows: "path-mtu-black-hole",
    how: "The router's next link takes 1,400 bytes and its ICMP is dropped (iptables). The client asks, is answered, and uploads 40 KB; after 5 s the server gives up and closes.",
    async run({ lab, record }) {
      const net = await tunnelled(lab);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair);
      await pair.a.send(40 * KB);
      await seconds(5);
      await pair.b.close();
      await seconds(2);
    },
  },
  {
    name: "path-mtu-black-hole-download",
    shows: "path-mtu-black-hole",
    how: "The same way round: the link to the client takes 1,400 bytes. Captured at the server, whose answer of 5 KB does not pass but for its end; the client waits.",
    async run({ lab, record }) {
      const net = await tunnelled(lab, { sender: "server" });
      await record(net.server, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair);
      await pair.a.send(120);
      await pair.b.receive(120);
      await pair.b.send(5 * KB);
      await seconds(5);
    },
  },
  {
    name: "path-mtu-black-hole-probed",
    shows: "path-mtu-black-hole",
    how: "The upload of path-mtu-black-hole with net.ipv4.tcp_mtu_probing=1 at the client: after a few timeouts it tries smaller segments, and all arrives.",
    async run({ lab, record }) {
      const net = await tunnelled(lab, { probing: 1 });
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair);
      await transfer(pair.a, pair.b, 60 * KB);
      await closed(pair);
    },
  },
  {
    name: "path-mtu-told",
    resembles: "path-mtu-black-hole",
    how: "The same router, whose ICMP gets through: the client sends all of its first window again at once, in smaller segments.",
    async run({ lab, record }) {
      const net = await tunnelled(lab, { icmp: "passed" });
      await record(net.client, { snap: HEADERS, filter: "tcp or icmp" });
      const pair = await connected(net);
      await exchange(pair);
      await transfer(pair.a, pair.b, 60 * KB);
      await closed(pair);
    },
  },
  {
    name: "path-mtu-large-lost",
    resembles: "path-mtu-black-hole",
    tells: ["loss"],
    how: "No such link; the router drops the first 13 large packets: the client's first window, and its first bytes twice more. Then they arrive, in the size that they were sent in.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await warmedUp(net);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair);
      await net.router.sh(
        `iptables -A FORWARD -o eth1 -m length --length 1000: -m quota --quota ${13 * 1500} -j DROP`,
      );
      await transfer(pair.a, pair.b, 40 * KB);
      await net.router.sh("iptables -F FORWARD");
      await closed(pair);
    },
  },
  {
    name: "path-mtu-one-way-lost",
    resembles: "path-mtu-black-hole",
    tells: ["peer-vanished"],
    how: "No such link; from the upload on nothing passes to the server, large or small, though what it says itself does. It gives up and closes, and says so again and again.",
    async run({ lab, record }) {
      const net = await routed(lab);
      await warmedUp(net);
      await record(net.client, { snap: HEADERS });
      const pair = await connected(net);
      await exchange(pair);
      await net.router.sh(`iptables -I FORWARD -d ${SERVER} -j DROP`);
      await pair.a.send(40 * KB);
      await seconds(3);
      await pair.b.close();
      await seconds(3);
    },
  },
];

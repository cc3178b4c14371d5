// What the point of capture does to what one sees.
import { closed, connected, cut, exchange, PORT, routed, seconds, transfer } from "./stage.mjs";

const KB = 1024;

export const artefacts = [
  {
    name: "one-sided",
    shows: "one-sided",
    how: "Two routers: what the client sends goes by one, what the server sends by the other; captured on the client's.",
    async run({ lab, record }) {
      const { client, server, there } = await twoWays(lab);
      await record(there);
      const pair = await connected({ client, server });
      await exchange(pair, { times: 4 });
      await closed(pair);
    },
  },
  {
    name: "one-sided-of-answers",
    shows: "one-sided",
    how: "The same two routers, captured on the server's.",
    async run({ lab, record }) {
      const { client, server, back } = await twoWays(lab);
      await record(back);
      const pair = await connected({ client, server });
      await exchange(pair, { times: 4 });
      await closed(pair);
    },
  },
  {
    name: "two-ways-seen-at-client",
    resembles: "one-sided",
    how: "The same two routers, captured at the client on all cards, where both ways end.",
    async run({ lab, record }) {
      const { client, server } = await twoWays(lab);
      await record(client, { card: "any" });
      const pair = await connected({ client, server });
      await exchange(pair, { times: 4 });
      await closed(pair);
    },
  },
  {
    name: "one-sided-silence",
    resembles: "one-sided",
    tells: ["peer-vanished"],
    how: "The capture begins after the way was cut: one end repeats its data, and there is no other direction to be seen.",
    async run({ lab, record }) {
      const net = await routed(lab);
      const pair = await connected(net);
      await exchange(pair);
      await cut(net.router);
      await record(net.client);
      await pair.a.send(120);
      await seconds(4);
    },
  },
  {
    name: "offload",
    shows: "offload",
    how: "The cards keep their offloading: checksums are left to them, and segments are cut and joined behind the capture.",
    async run({ lab, record }) {
      const net = await routed(lab, { offload: true });
      await record(net.client, { snap: 94 });
      const pair = await connected(net);
      await exchange(pair);
      await transfer(pair.a, pair.b, 200 * KB);
      await closed(pair);
    },
  },
  {
    name: "offload-at-server",
    shows: "offload",
    how: "The same cards, captured at the server: it leaves the checksums of its ACKs to its card, and what arrives was never cut.",
    async run({ lab, record }) {
      const net = await routed(lab, { offload: true });
      await record(net.server, { snap: 94 });
      const pair = await connected(net);
      await exchange(pair);
      await transfer(pair.a, pair.b, 200 * KB);
      await closed(pair);
    },
  },
  {
    name: "offload-loopback",
    shows: "offload",
    how: "Client and server on one machine, captured on its loopback interface.",
    async run({ lab, record }) {
      const host = await lab.host("host");
      await record(host, { card: "lo", snap: 94 });
      const listener = await host.kernel.listen("127.0.0.1", PORT);
      const a = await host.kernel.connect("127.0.0.1", PORT);
      const pair = { a, b: await listener.accept() };
      await exchange(pair);
      await closed(pair);
    },
  },
  {
    name: "jumbo-frames",
    resembles: "offload",
    how: "Segments of 8,948 bytes, which the MTU of 9000 allows; offloading is off.",
    async run({ lab, record }) {
      const net = await routed(lab, { mtu: 9000 });
      await record(net.client, { snap: 94 });
      const pair = await connected(net);
      await exchange(pair);
      await transfer(pair.a, pair.b, 200 * KB);
      await closed(pair);
    },
  },
];

/** Every packet from client to server passes `there`, every packet back passes `back`. */
async function twoWays(lab) {
  const names = ["client", "server", "there", "back"];
  const [client, server, there, back] = await Promise.all(names.map((name) => lab.host(name)));
  const between = (a, b, cards, addresses) => lab.link(a, b, { cards, addresses: addresses.map((x) => [x]) });
  await between(client, there, ["eth0", "eth0"], ["192.0.2.2/25", "192.0.2.1/25"]);
  await between(client, back, ["eth1", "eth0"], ["192.0.2.130/25", "192.0.2.129/25"]);
  await between(there, server, ["eth1", "eth0"], ["198.51.100.1/25", "198.51.100.2/25"]);
  await between(back, server, ["eth1", "eth1"], ["198.51.100.129/25", "198.51.100.130/25"]);
  for (const router of [there, back]) await router.sysctl({ "net.ipv4.ip_forward": 1 });
  await client.sh("ip route add 198.51.100.0/25 via 192.0.2.1");
  await server.sh("ip route add 192.0.2.0/25 via 198.51.100.129");
  await there.sh("ip route add 192.0.2.128/25 via 198.51.100.2");
  await back.sh("ip route add 192.0.2.0/25 via 192.0.2.130");
  return { client, server, there, back };
}

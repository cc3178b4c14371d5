// What the scenes share: two ends with a router between them, and conversations that are nothing special.

export const CLIENT = "192.0.2.2";
export const SERVER = "198.51.100.2";
export const PORT = 8080;

export const seconds = (n) => new Promise((resolve) => setTimeout(resolve, n * 1000));

/** client - router - server, IPv4, cards named eth0 (the router's: eth0 to the client, eth1 to the server). */
export async function routed(lab, { offload = false, mtu = 1500 } = {}) {
  const [client, router, server] = await Promise.all(["client", "router", "server"].map((n) => lab.host(n)));
  const nets = [
    ["192.0.2.2/24", "192.0.2.1/24"],
    ["198.51.100.1/24", "198.51.100.2/24"],
  ].map((pair) => pair.map((address) => [address]));
  await lab.link(client, router, { addresses: nets[0], offload, mtu });
  await lab.link(router, server, { cards: ["eth1", "eth0"], addresses: nets[1], offload, mtu });
  await router.sysctl({ "net.ipv4.ip_forward": 1 });
  await client.sh("ip route add default via 192.0.2.1");
  await server.sh("ip route add default via 198.51.100.1");
  return { client, router, server };
}

/** A connection: `a` at the client, `b` at the server. */
export async function connected({ client, server }, { a: ofClient, b: ofServer, port = PORT } = {}) {
  const listener = await server.kernel.listen(SERVER, port, ofServer);
  const accepted = listener.accept();
  const a = await client.kernel.connect(SERVER, port, ofClient);
  const b = await accepted;
  await listener.close();
  return { a, b };
}

/** A connection to another port, so that scenes that count half seconds find both ends' programs running. */
export async function warmedUp(net) {
  await closed(await connected(net, { port: PORT + 1 }));
}

/** The client asks, the server answers, a few times. */
export async function exchange({ a, b }, { times = 2, request = 120, answer = 900 } = {}) {
  for (let i = 0; i < times; i++) {
    await a.send(request);
    await b.receive(request);
    await b.send(answer);
    await a.receive(answer);
  }
}

/** The client closes, then the server. */
export async function closed({ a, b }) {
  await a.close();
  await b.drain();
  await b.close();
  await seconds(0.05);
}

/** `length` bytes from one to the other, all of them read. */
export async function transfer(from, to, length, { pause, chunk } = {}) {
  const read = to.drain({ length, pause, chunk });
  await from.send(length);
  return read;
}

/** Nothing passes the router any more; gives what lets it pass again. */
export async function cut(router, match = "") {
  await router.sh(`iptables -I FORWARD ${match} -j DROP`);
  return () => router.sh(`iptables -D FORWARD ${match} -j DROP`);
}

// Two hosts on a cable, for the cases of hosts: what they need of a network, of waiting, and of comparing.
import { Host, linkPair } from "tcpwire/net";

export const A4 = "192.0.2.1";
const B4 = "192.0.2.2";
export const A6 = "2001:db8::1";
export const B6 = "2001:db8::2";

/** Longer than any case takes anywhere; one that hangs is told by its name, not by a runtime that never ends. */
const LIMIT = 30_000;

/**
 * Runs `talk` with two hosts of the platform's own clock and randomness, and closes them.
 * @param talk is given `a`, `b` and the `wire` between them: packets go through while `wire.passes` says so
 */
export async function onCable(talk, options = {}) {
  const wire = { passes: (_packet, _from) => true };
  const [atA, atB] = linkPair();
  const a = new Host({ ...options, link: through(atA, wire, "a"), addresses: [`${A4}/24`, `${A6}/64`] });
  const b = new Host({ ...options, link: through(atB, wire, "b"), addresses: [`${B4}/24`, `${B6}/64`] });
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT} ms`)), LIMIT);
  });
  try {
    return await Promise.race([talk({ a, b, wire }), limit]);
  } finally {
    clearTimeout(timer);
    a.close();
    b.close();
  }
}

/** A connection between the two: the `client` on b, the `server` on a. */
export async function connected({ a, b }, { client: ofClient, server: ofServer, port = 7 } = {}) {
  const listener = a.listen({ port, ...ofServer });
  const client = b.connect({ hostname: A4, port }, ofClient);
  const server = await listener.accept();
  await Promise.all([client.opened, server.opened]);
  listener.close();
  return { client, server };
}

/** What a promise came to: its value, or the error's name, code and reason. */
export function fate(promise) {
  return promise.then(
    (value) => value ?? "resolved",
    ({ name, code, reason }) => [name, code ?? null, reason ?? null],
  );
}

/** @throws {Error} unless both are the same as JSON */
export function same(actual, expected, what) {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${is} instead of ${should}`);
}

function through(link, wire, from) {
  return {
    kind: link.kind,
    mtu: link.mtu,
    start: (receive, ready, ended) => link.start(receive, ready, ended),
    send(packet, more) {
      if (wire.passes(packet, from)) link.send(packet, more);
    },
    close: () => link.close(),
  };
}

// Hosts on a cable, with each platform's own streams, promises, timers and abort signals: what its users see.
import { formatSockets, Host, linkPair } from "tcpwire/net";
import { checksum, pseudoHeader } from "tcpwire/wire";
import { A4, A6, B6, connected, fate, onCable, same } from "./cable.js";
import { digest } from "./digest.js";
import { generator, randomBytes } from "./vectors.js";

const MEGABYTES = 4;
const utf8 = (text) => new TextEncoder().encode(text);

export const hostCases = {
  "hosts: an echo through streams ends when both sides have closed": () =>
    onCable(async ({ a, b }) => {
      const told = [];
      for (const hostname of [A4, A6]) {
        const listener = a.listen({ port: 7 });
        const echo = listener.accept().then(async (server) => {
          await server.readable.pipeTo(server.writable);
          await server.closed;
          return server.status().state;
        });
        const client = b.connect({ hostname, port: 7 }, { localPort: 50_000 });
        const { localAddress, localPort, remoteAddress, remotePort } = await client.opened;
        const writer = client.writable.getWriter();
        writer.write(utf8("every runtime ")); // chunks go in order, awaited or not
        writer.write(utf8("says the same").buffer); // any view or ArrayBuffer will do
        await writer.close();
        const text = await new Response(client.readable).text();
        same(text, "every runtime says the same", "echo");
        await client.closed;
        listener.close();
        const ends = [localAddress, localPort, remoteAddress, remotePort];
        told.push([ends, text, client.status().state, await echo]);
      }
      same(told[1].slice(2), ["TIME-WAIT", "CLOSED"], "states");
      return told;
    }),

  "hosts: a half-closed connection goes on the other way": () =>
    onCable(async (hosts) => {
      const half = { allowHalfOpen: true };
      const { client, server } = await connected(hosts, { client: half, server: half });
      const into = new Uint8Array(100);
      await client.closeWriting();
      same(await server.read(into), null, "end");
      const writing = await fate(client.write(utf8("too late")));
      same(writing, ["SocketError", "EPIPE", "writingClosed"], "writing after the end");
      await server.write(utf8("still here"));
      const count = await client.read(into);
      const states = [client.status().state, server.status().state];
      same([count, ...states], [10, "FIN-WAIT-2", "CLOSE-WAIT"], "half-closed");
      await server.closeWriting();
      same(await client.read(into), null, "the other end");
      await Promise.all([client.closed, server.closed]);
      return [writing, count, states];
    }),

  "hosts: an abort is ECONNRESET for the peer, and what was given for oneself": () =>
    onCable(async (hosts) => {
      const { client, server } = await connected(hosts);
      const reader = server.readable.getReader();
      const waiting = fate(reader.read());
      client.abort();
      const told = [await waiting, await fate(server.closed), await fate(client.closed)];
      const reset = ["SocketError", "ECONNRESET", "reset"];
      same(told, [reset, reset, ["SocketError", "ECONNABORTED", "aborted"]], "abort");

      const other = await connected(hosts);
      const mine = new RangeError("mine");
      await other.client.writable.abort(mine);
      const seen = await other.client.closed.catch((error) => error);
      same(seen === mine, true, "the reason of an aborted stream");
      return [...told, await fate(other.server.closed)];
    }),

  "hosts: keep-alive clears a peer that has vanished, and says that it did": () =>
    onCable(async (hosts) => {
      // Probes are answered twice a second at most (RFC 5961 7), so the idle time is longer than that.
      const keepAlive = { initialDelay: 550, interval: 50, count: 3 };
      const { client, server } = await connected(hosts, { client: { keepAlive } });
      await new Promise((answered) => {
        hosts.wire.passes = (_packet, from) => {
          if (from === "a") answered();
          return true;
        };
      });
      same([client.status().state, server.status().state], ["ESTABLISHED", "ESTABLISHED"], "answered");
      let unanswered = 0;
      hosts.wire.passes = (_packet, from) => {
        if (from === "b") unanswered++;
        return false;
      };
      const told = await fate(client.closed);
      same(told, ["SocketError", "ETIMEDOUT", "keepAlive"], "the reason");
      same(unanswered, keepAlive.count + 1, "probes and the RST");
      return [told, server.status().state];
    }),

  "hosts: nobody listens, no route, no name": () =>
    onCable(async ({ b }) => {
      const told = {};
      for (const hostname of [A4, A6, "198.51.100.1", "224.0.0.1", "nowhere.example"]) {
        const socket = b.connect({ hostname, port: 9 });
        if (hostname === "198.51.100.1") socket.abort();
        told[hostname] = [await fate(socket.opened), await fate(socket.closed)];
      }
      same(
        Object.values(told).map(([[, code]]) => code),
        ["ECONNREFUSED", "ECONNREFUSED", "ECONNABORTED", "ENETUNREACH", "ENOTFOUND"],
        "codes",
      );
      return told;
    }),

  "hosts: an AbortSignal ends a socket before, while and after it opens": () =>
    onCable(async (hosts) => {
      const to = { hostname: A4, port: 9 };
      const told = [];
      const before = hosts.b.connect(to, { signal: AbortSignal.abort() });
      told.push(await fate(before.opened.catch(named)));
      hosts.wire.passes = () => false;
      const opening = new AbortController();
      const socket = hosts.b.connect(to, { signal: opening.signal });
      opening.abort();
      told.push(await fate(socket.opened.catch(named)));
      const timed = hosts.b.connect(to, { signal: AbortSignal.timeout(20) });
      told.push(await fate(timed.closed.catch(named)));
      hosts.wire.passes = () => true;
      const open = new AbortController();
      const { client, server } = await connected(hosts, { client: { signal: open.signal } });
      const reason = new Error("enough");
      open.abort(reason);
      told.push((await client.closed.catch((error) => error)) === reason);
      same(told, ["AbortError", "AbortError", "TimeoutError", true], "reasons");
      return [...told, await fate(server.closed)];
    }),

  "hosts: BYOB reads fill the caller's buffers": () =>
    onCable(async (hosts) => {
      const { client, server } = await connected(hosts);
      const bytes = randomBytes(generator(31), 100_000);
      const sent = client.write(bytes).then(() => client.closeWriting());
      const reader = server.readable.getReader({ mode: "byob" });
      const all = new Uint8Array(bytes.length);
      let buffer = new ArrayBuffer(1000);
      let at = 0;
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(buffer, 100, 700));
        if (done) {
          same([value.byteLength, value.buffer.byteLength], [0, 1000], "the buffer comes back at the end");
          break;
        }
        same([value.byteOffset, value.buffer.byteLength], [100, 1000], "the place in the buffer");
        all.set(value, at);
        at += value.length;
        buffer = value.buffer;
      }
      await sent;
      same(at, bytes.length, "bytes");
      same(await digest(all), await digest(bytes), "what arrived");
      return [at, await digest(all)];
    }),

  [`hosts: ${MEGABYTES} MB both ways at once, through streams and through read and write`]: () =>
    onCable(async (hosts) => {
      const told = [];
      const sent = [1, 2].map((seed) => randomBytes(generator(seed), MEGABYTES * 1e6));
      const expected = await Promise.all(sent.map(digest));
      for (const [send, receive] of [
        [throughStream, fromStream],
        [byWrite, byRead],
      ]) {
        const { client, server } = await connected(hosts);
        const [atServer, atClient] = await Promise.all([
          receive(server),
          receive(client),
          send(client, sent[0]),
          send(server, sent[1]),
        ]);
        await Promise.all([client.closed, server.closed]);
        const arrived = [await digest(atServer), await digest(atClient)];
        same(arrived, expected, "what arrived");
        told.push(arrived);
      }
      const { malformed, badChecksums } = hosts.a.counters;
      same([malformed, badChecksums], [0, 0], "counters");
      return told;
    }),

  "hosts: echo requests are answered, byte for byte": () => {
    const told = [A4, A6].map((to) => {
      const [link, ours] = linkPair();
      const host = new Host({ link, addresses: [`${A4}/24`, `${A6}/64`] });
      const replies = [];
      ours.start(
        (packet) => replies.push(packet.slice()),
        () => {},
        () => {},
      );
      const request = to === A4 ? echoIPv4() : echoIPv6();
      ours.send(request);
      host.close();
      same(replies.length, 1, "replies");
      const at = to === A4 ? 20 : 40;
      same(Array.from(replies[0].subarray(at + 4)), Array.from(request.subarray(at + 4)), "echoed");
      same([replies[0][at], replies[0][at + 1]], to === A4 ? [0, 0] : [129, 0], "type and code");
      return Array.from(replies[0]);
    });
    return told;
  },

  "hosts: sockets() and its table": () =>
    onCable(async (hosts) => {
      const { a, b } = hosts;
      a.listen({ port: 22, hostname: A4 });
      a.listen({ port: 80 });
      const pairs = [];
      for (const localPort of [40_001, 40_002]) {
        pairs.push(await connected(hosts, { client: { localPort, allowHalfOpen: true } }));
      }
      await pairs[0].client.write(utf8("unread"));
      await pairs[1].client.closeWriting();
      const told = [a, b].map((host) => [host.sockets(), formatSockets(host.sockets())]);
      const row = a.sockets().find(({ foreignPort }) => foreignPort === 40_001);
      same([row.recvQ, row.state, row.proto], [6, "ESTABLISHED", "tcp"], "what was not read");
      const half = a.sockets().find(({ foreignPort }) => foreignPort === 40_002);
      same([half.recvQ, half.state], [1, "CLOSE-WAIT"], "a FIN that was not read");
      // Timers and acknowledgments under way are the clock's business.
      return told.map(([rows, text]) => [
        rows.map(({ timer: _, sendQ: __, ...rest }) => rest),
        text.split("\n").slice(0, 2),
      ]);
    }),

  "hosts: a conversation in virtual time, every packet of it": async () => {
    const packets = [];
    const seeded = generator(77);
    const clock = { now: () => 5_000, timer: () => ({ set() {} }) };
    await onCable(
      async (hosts) => {
        hosts.wire.passes = (packet, from) => {
          packets.push([from, Array.from(packet)]);
          return true;
        };
        const noDelay = { noDelay: true }; // time stands still, and with it what waits for an acknowledgment
        const { client, server } = await connected(hosts, { client: noDelay, server: noDelay });
        const into = new Uint8Array(65536);
        for (const length of [1, 1460, 1461, 20_000]) {
          const bytes = randomBytes(seeded, length);
          const writing = client.write(bytes);
          for (let got = 0; got < length; ) got += await server.read(into);
          await writing;
          await server.write(bytes.subarray(0, 100));
          same(await client.read(into), Math.min(100, length), "answer");
        }
        const closed = client.close();
        same(await server.read(into), null, "the end"); // which closes the other side
        await Promise.all([closed, server.closed]);
      },
      { clock, random: seeded.next },
    );
    same(packets.length > 30, true, "packets");
    return packets;
  },
};

const named = ({ name }) => name;

async function throughStream({ writable }, bytes) {
  const chunk = 50_000;
  let at = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (at === bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at = Math.min(bytes.length, at + chunk))));
    },
  });
  await source.pipeTo(writable);
}

async function fromStream({ readable }) {
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

async function byWrite(socket, bytes) {
  await socket.write(bytes);
  await socket.closeWriting();
}

async function byRead(socket) {
  const all = new Uint8Array(MEGABYTES * 1e6);
  let at = 0;
  for (;;) {
    const count = await socket.read(all.subarray(at, at + 65_536));
    if (count === null) return all.subarray(0, at);
    at += count;
    if (at === all.length) {
      same(await socket.read(new Uint8Array(1)), null, "the end");
      return all;
    }
  }
}

/** An ICMP echo request from b to a with 32 bytes of data. */
function echoIPv4() {
  const packet = Uint8Array.of(0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 1, 0, 0, 192, 0, 2, 2, 192, 0, 2, 1);
  const whole = new Uint8Array(60);
  whole.set(packet);
  put16(whole, 10, checksum(packet));
  const message = whole.subarray(20);
  fillEcho(message, 8);
  put16(message, 2, checksum(message));
  return whole;
}

function echoIPv6() {
  const whole = new Uint8Array(80);
  whole.set([0x60, 0, 0, 0, 0, 40, 58, 64]);
  const ends = { src: B6, dst: A6 };
  const pseudo = pseudoHeader(ends, 40, 58);
  whole.set(pseudo.subarray(0, 32), 8); // its addresses
  const message = whole.subarray(40);
  fillEcho(message, 128);
  put16(message, 2, checksum([pseudo, message]));
  return whole;
}

function fillEcho(message, type) {
  message[0] = type;
  put16(message, 4, 0x1234);
  put16(message, 6, 1);
  for (let i = 8; i < message.length; i++) message[i] = i;
}

function put16(bytes, at, value) {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

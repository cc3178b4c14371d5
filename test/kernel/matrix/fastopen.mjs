// TCP Fast Open (RFC 7413) with the kernel, in both roles: bare endpoints, and sockets of a Host.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Bare } from "../lab/bare.mjs";
import { KERNEL, OURS, pattern, receive } from "../lab/stage.mjs";

const BOTH_ROLES = { "net.ipv4.tcp_fastopen": 3 };
const PORT = 7413;
const REQUEST = 200;

export const fastOpens = [
  ...[4, 6].map((version) => ({
    name: `Fast Open: a socket of ours keeps the kernel's cookie, and its next SYN brings the request, IPv${version}`,
    sysctl: BOTH_ROLES,
    async run({ kernel, host }) {
      const listener = await kernel.kernel.listen(KERNEL[version], PORT, { fastOpen: 16 });
      for (const expected of ["requested", "accepted"]) {
        const accepted = listener.accept();
        const socket = host.connect({ hostname: KERNEL[version], port: PORT }, { fastOpen: true });
        await socket.write(pattern(REQUEST));
        const theirs = await accepted;
        assert.deepEqual(new Uint8Array(await theirs.receive(REQUEST)), pattern(REQUEST));
        await socket.opened;
        assert.equal(socket.status().options.fastOpen, expected);
        assert.equal((await theirs.info()).synData, expected === "accepted");
        await theirs.close();
        await receive(socket, 1);
        await socket.closed;
      }
    },
  })),
  ...[4, 6].map((version) => ({
    name: `Fast Open: a listener of ours gives the kernel a cookie, and has the request with its next SYN, IPv${version}`,
    sysctl: BOTH_ROLES,
    async run({ kernel, host }) {
      const listener = host.listen({ port: PORT, fastOpen: true });
      for (const expected of ["off", "accepted"]) {
        const accepted = listener.accept();
        const theirs = await kernel.kernel.connect(OURS[version], PORT, { fastOpenConnect: 1 });
        await theirs.send(REQUEST);
        const socket = await accepted;
        assert.deepEqual(await receive(socket, REQUEST), pattern(REQUEST));
        assert.equal(socket.status().options.fastOpen, expected);
        assert.equal((await theirs.info()).synData, expected === "accepted");
        await theirs.close();
        await receive(socket, 1);
        await socket.closed;
      }
      listener.close();
    },
  })),
  {
    name: "Fast Open: the kernel gives us a cookie, and takes the data of our next SYN",
    sysctl: BOTH_ROLES,
    bare: true,
    async run({ kernel, link }) {
      const bare = new Bare(link, { address: OURS[4], peer: KERNEL[4] });
      const listener = await kernel.kernel.listen(KERNEL[4], PORT, { fastOpen: 16 });

      const plain = listener.accept();
      bare.open({ localPort: 5001, remotePort: PORT, fastOpen: {} }, (endpoint, now) =>
        endpoint.connect(now),
      );
      await bare.until(() => bare.events.some(({ type }) => type === "cookie"));
      const { cookie, mss } = bare.events.find(({ type }) => type === "cookie");
      assert.ok(cookie.length >= 4 && cookie.length <= 16);
      await finish(bare, await plain);

      const early = listener.accept();
      bare.open({ localPort: 5002, remotePort: PORT, fastOpen: { cookie, mss } }, (endpoint, now) => {
        endpoint.connect(now);
        endpoint.send(pattern(REQUEST), now);
      });
      const theirs = await early;
      assert.deepEqual(new Uint8Array(await theirs.receive(REQUEST)), pattern(REQUEST));
      await bare.until((endpoint) => endpoint.status().options.fastOpen === "accepted");
      assert.equal((await theirs.info()).synData, true);
      await finish(bare, theirs);
      bare.close();
    },
  },
  {
    name: "Fast Open: we give the kernel a cookie, and take the data of its next SYN",
    sysctl: BOTH_ROLES,
    bare: true,
    async run({ kernel, link }) {
      const bare = new Bare(link, { address: OURS[4], peer: KERNEL[4] });
      const secret = crypto.getRandomValues(new Uint8Array(16));
      const cookieFor = (client) =>
        createHash("sha256").update(secret).update(String(client)).digest().subarray(0, 8);

      for (const expected of ["off", "accepted"]) {
        bare.open({ localPort: PORT, fastOpen: { cookieFor } }, (endpoint) => endpoint.listen());
        // With TCP_FASTOPEN_CONNECT connect() returns at once where a cookie is known, and the first write sends the SYN.
        const theirs = await kernel.kernel.connect(OURS[4], PORT, { fastOpenConnect: 1 });
        await theirs.send(REQUEST);
        await bare.until((endpoint) => endpoint.readable === REQUEST);
        assert.equal(bare.endpoint.status().options.fastOpen, expected);
        assert.deepEqual(
          bare.do((endpoint) => endpoint.receive(REQUEST)),
          pattern(REQUEST),
        );
        assert.equal((await theirs.info()).synData, expected === "accepted");
        await theirs.close();
        await bare.until(() => bare.events.some(({ type }) => type === "end"));
        bare.do((endpoint, now) => endpoint.close(now));
        await bare.until((endpoint) => endpoint.state === "CLOSED");
      }
      bare.close();
    },
  },
];

/** The kernel closes, then we: nothing is left here. */
async function finish(bare, theirs) {
  await theirs.close();
  await bare.until(() => bare.events.some(({ type }) => type === "end"));
  bare.do((endpoint, now) => endpoint.close(now));
  await bare.until((endpoint) => endpoint.state === "CLOSED");
}

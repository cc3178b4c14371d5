// Who closes first, who does not close, who resets: both tables show the same story.
import assert from "node:assert/strict";
import { KERNEL, OURS, pattern, receive, sendPattern, until } from "../lab/stage.mjs";

/** Both ends come to these states, ours first; GONE is no state any more. */
async function settles(stage, socket, ours, theirs) {
  const both = async () => {
    const kernel = (await stage.kernelSockets()).map(({ state }) => state);
    return { ours: stateOf(socket), theirs: kernel.join() || GONE };
  };
  await until(async () => {
    const now = await both();
    return now.ours === ours && now.theirs === theirs;
  });
  assert.deepEqual(await both(), { ours, theirs });
}

const GONE = "gone";

function stateOf(socket) {
  const state = socket.status()?.state ?? "CLOSED";
  return state === "CLOSED" ? GONE : state;
}

const versions = (make) => [4, 6].map((version) => make(version));

export const closing = [
  ...versions((version) => ({
    name: `we close first: FIN-WAIT-2 and CLOSE-WAIT, then TIME-WAIT here, IPv${version}`,
    async run(stage) {
      const [ours, theirs] = await stage.connect(version);
      await ours.closeWriting();
      await settles(stage, ours, "FIN-WAIT-2", "CLOSE-WAIT");
      await theirs.close();
      assert.equal((await receive(ours, 1)).length, 0);
      await settles(stage, ours, "TIME-WAIT", GONE);
      await ours.closed;
    },
  })),
  ...versions((version) => ({
    name: `the kernel closes first: CLOSE-WAIT here, TIME-WAIT there, IPv${version}`,
    async run(stage) {
      const [ours, theirs] = await stage.accept(version);
      await theirs.shutdown();
      await settles(stage, ours, "CLOSE-WAIT", "FIN-WAIT-2");
      await ours.closeWriting();
      assert.equal((await theirs.receive(1)).length, 0);
      assert.equal((await receive(ours, 1)).length, 0);
      await ours.closed;
      await theirs.close();
      await settles(stage, ours, GONE, "TIME-WAIT");
    },
  })),
  {
    name: "both close at once: the FINs cross, and both sides go through CLOSING to TIME-WAIT",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      stage.link.hold();
      const closing = [ours.closeWriting(), theirs.shutdown()];
      await settles(stage, ours, "FIN-WAIT-1", "FIN-WAIT-1");
      stage.link.release();
      await settles(stage, ours, "TIME-WAIT", "TIME-WAIT");
      await Promise.all(closing);
      assert.equal((await receive(ours, 1)).length, 0);
      await theirs.close();
      await ours.closed;
    },
  },
  {
    name: "both open at once: the SYNs cross, and there is one connection",
    // Wireshark knows no simultaneous open: it takes the SYN-ACKs for repeated SYNs.
    allows: ["retransmission"],
    async run(stage) {
      stage.link.hold();
      const theirs = stage.kernel.kernel.connect(OURS[4], 5001, { local: [KERNEL[4], 5002] });
      assert.ok(
        await until(async () => (await stage.kernelSockets()).some(({ state }) => state === "SYN-SENT")),
      );
      const ours = stage.host.connect(
        { hostname: KERNEL[4], port: 5002 },
        { localPort: 5001, allowHalfOpen: true },
      );
      assert.equal(stateOf(ours), "SYN-SENT");
      stage.link.release();
      await ours.opened;
      const peer = await theirs;
      await ours.write(pattern(1000));
      assert.deepEqual(new Uint8Array(await peer.receive(1000)), pattern(1000));
      await peer.close();
      assert.equal((await receive(ours, 1)).length, 0);
      await ours.close();
    },
  },
  ...versions((version) => ({
    name: `half-closed by us, the kernel goes on sending, IPv${version}`,
    async run(stage) {
      const [ours, theirs] = await stage.connect(version);
      await ours.closeWriting();
      await settles(stage, ours, "FIN-WAIT-2", "CLOSE-WAIT");
      await theirs.send(50_000);
      assert.deepEqual(await receive(ours, 50_000), pattern(50_000));
      await theirs.close();
      assert.equal((await receive(ours, 1)).length, 0);
      await ours.closed;
    },
  })),
  ...versions((version) => ({
    name: `half-closed by the kernel, we go on sending, IPv${version}`,
    async run(stage) {
      const [ours, theirs] = await stage.connect(version);
      await theirs.shutdown();
      assert.equal((await receive(ours, 1)).length, 0);
      await sendPattern(ours, 50_000);
      await ours.closeWriting();
      assert.deepEqual(new Uint8Array(await theirs.receive(60_000)), pattern(50_000));
      await ours.closed;
      await theirs.close();
    },
  })),
  {
    name: "we abort: the kernel's socket fails with ECONNRESET",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      ours.abort();
      await assert.rejects(ours.closed);
      await settles(stage, ours, GONE, GONE);
      assert.equal(await theirs.error(), "ECONNRESET");
    },
  },
  {
    name: "the kernel aborts: our socket fails with ECONNRESET",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      await theirs.abort();
      await assert.rejects(ours.closed, { code: "ECONNRESET" });
      await settles(stage, ours, GONE, GONE);
    },
  },
  {
    name: "the kernel forgets the connection as in a power failure: our next data meets its RST",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      await theirs.crash();
      await ours.write(pattern(100));
      await assert.rejects(ours.closed, { code: "ECONNRESET" });
    },
  },
  {
    name: "data for a port of the Host that nobody has meets a RST, as the kernel's would",
    async run(stage) {
      await assert.rejects(stage.kernel.kernel.connect(OURS[4], 9), { code: "ECONNREFUSED" });
      await assert.rejects(stage.kernel.kernel.connect(OURS[6], 9), { code: "ECONNREFUSED" });
    },
  },
  ...versions((version) => ({
    name: `the kernel refuses: connect fails with ECONNREFUSED, IPv${version}`,
    async run({ host }) {
      const socket = host.connect({ hostname: KERNEL[version], port: 9 });
      await assert.rejects(socket.opened, { code: "ECONNREFUSED" });
      await assert.rejects(socket.closed, { code: "ECONNREFUSED" });
    },
  })),
  {
    name: "the kernel closes with our data unread: its RST ends our socket with ECONNRESET",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      await ours.write(pattern(5000));
      assert.ok(await until(async () => (await stage.kernelSockets())[0]?.unread === 5000));
      await theirs.close();
      await assert.rejects(ours.closed, { code: "ECONNRESET" });
      await settles(stage, ours, GONE, GONE);
    },
  },
  {
    name: "we close while the kernel still sends: our RST tells it that its data is lost",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      ours.close().catch(() => {});
      await settles(stage, ours, "FIN-WAIT-2", "CLOSE-WAIT");
      await theirs.send(5000);
      assert.ok(await until(async () => (await stage.kernelSockets()).length === 0));
      assert.match(await theirs.error(), /ECONNRESET|EPIPE/);
    },
  },
  {
    name: "a port is used again while the kernel is in TIME-WAIT: the new SYN is taken",
    allows: ["reused_ports"],
    async run(stage) {
      for (let i = 0; i < 2; i++) {
        const [ours, theirs] = await stage.connect(4, { ours: { localPort: 6001 }, port: 6002 });
        await theirs.shutdown();
        assert.equal((await receive(ours, 1)).length, 0);
        await ours.closeWriting();
        assert.equal((await theirs.receive(1)).length, 0);
        await ours.closed;
        await theirs.close();
      }
    },
  },
];

// Keep-alive both ways, and ends that are heard no more: iptables drops everything, and both tables tell the same.
import assert from "node:assert/strict";
import { pattern, seconds, until } from "../lab/stage.mjs";

const OURS_PROBE = { keepAlive: { initialDelay: 1000, interval: 1000, count: 3 } };
const THEIRS_PROBE = { keepAlive: 1, keepIdle: 1, keepInterval: 1, keepCount: 3 };
const PROBED = ["keep_alive", "keep_alive_ack"];

/**
 * Nothing arrives any more on either side. The kernel's own segments are lost on the path: dropped in its OUTPUT
 * chain its TCP would see that it sends nothing, and wait instead of retransmitting.
 */
async function dropAll({ kernel, link }) {
  // Nothing slips through while iptables starts.
  link.faults = { in: { loss: 1 }, out: { loss: 1 } };
  await kernel.sh("iptables -A INPUT -i tun0 -j DROP && ip6tables -A INPUT -i tun0 -j DROP");
  link.faults = { in: { loss: 1 } };
}

/** What will be awaited later may fail before. */
function later(promise) {
  promise.catch(() => {});
  return promise;
}

const only = async (stage) => {
  const sockets = await stage.kernelSockets();
  assert.equal(sockets.length, 1, JSON.stringify(sockets));
  return sockets[0];
};

/** Our timer in the words of `ss`. */
function ourTimer(socket) {
  const { name, expires, retransmits, probes } = socket.status().timer;
  return { name, expires: expires - performance.now(), count: name === "on" ? retransmits : probes };
}

export const silence = [
  ...[4, 6].map((version) => ({
    name: `keep-alive probes of both sides are answered and hold the connection, IPv${version}`,
    // Two rounds and more of each: either one alone would have ended the connection within four seconds.
    shows: { keep_alive: 4, keep_alive_ack: 4 },
    async run(stage) {
      // A connection each: the answers to probes that cross look like duplicate ACKs to Wireshark.
      const [prober, probed] = await stage.connect(version, { ours: OURS_PROBE });
      const [other, theirProber] = await stage.connect(version, { theirs: THEIRS_PROBE });
      await seconds(4.5);
      assert.ok(await until(() => isAlive({ state: prober.status().state, timer: ourTimer(prober) })));
      const theirEnd = async () => (await stage.kernelSockets()).find(({ timer }) => timer.name !== "off");
      assert.ok(await until(async () => isAlive((await theirEnd()) ?? {})));
      for (const [ours, theirs] of [
        [prober, probed],
        [other, theirProber],
      ]) {
        await ours.write(pattern(10));
        assert.equal((await theirs.receive(10)).length, 10);
        await Promise.all([theirs.close(), ours.close()]);
      }
    },
  })),
  ...["connect", "accept"].map((way) => ({
    name: `iptables drops everything on an idle connection (${way}): both sides probe three times and give up`,
    allows: PROBED,
    async run(stage) {
      const [ours, theirs] = await stage[way](4, { ours: OURS_PROBE, theirs: THEIRS_PROBE });
      await dropAll(stage);
      const closed = later(assert.rejects(ours.closed, { code: "ETIMEDOUT", reason: "keepAlive" }));
      // Each table as it is between the second probe and the third, which are a second apart.
      const mine = () => ({ state: ours.status().state, timer: ourTimer(ours) });
      for (const table of [mine, () => only(stage)]) {
        assert.ok(await until(async () => isAlive(await table(), 2)));
      }
      await closed;
      assert.equal(ours.status().state, "CLOSED");
      assert.ok(await until(async () => (await stage.kernelSockets()).length === 0));
      assert.equal(await theirs.error(), "ETIMEDOUT");
    },
  })),
  {
    name: "without keep-alive a dropped idle connection stays in both tables: zombies",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      await dropAll(stage);
      await seconds(3);
      const { state, timer } = await only(stage);
      assert.deepEqual({ state, name: timer.name }, { state: "ESTABLISHED", name: "off" });
      assert.deepEqual(
        { state: ours.status().state, name: ourTimer(ours).name },
        { state: "ESTABLISHED", name: "off" },
      );
      await theirs.close();
    },
  },
  {
    name: "iptables drops everything with data under way: both retransmit in step and end by the user timeout",
    allows: ["retransmission", "fast_retransmission", "out_of_order"],
    // The same first timeout at both, whatever round trips a busy machine makes: a second, and two after that.
    patient: true,
    async run(stage) {
      const tcp = { userTimeout: 5000 };
      const [ours, theirs] = await stage.connect(4, { ours: { tcp }, theirs: { userTimeout: 5000 } });
      // Both know the round trip.
      await ours.write(pattern(100));
      await theirs.receive(100);
      await theirs.send(100);
      assert.equal(await ours.read(new Uint8Array(100)), 100);
      await dropAll(stage);
      const closed = later(assert.rejects(ours.closed, { code: "ETIMEDOUT" }));
      await Promise.all([ours.write(pattern(100)), theirs.send(100)]);
      const mine = () => ({ state: ours.status().state, timer: ourTimer(ours) });
      for (const table of [mine, () => only(stage)]) {
        const isResending = ({ state, timer }) =>
          state === "ESTABLISHED" && timer.name === "on" && timer.count === 1;
        assert.ok(await until(async () => isResending(await table())));
      }
      await closed;
      assert.ok(await until(async () => (await stage.kernelSockets()).length === 0));
      assert.equal(await theirs.error(), "ETIMEDOUT");
    },
  },
  {
    name: "iptables rejects in the kernel's name: our data meets the RST of something in between",
    async run(stage) {
      const [ours, theirs] = await stage.connect();
      await stage.kernel.sh("iptables -A INPUT -i tun0 -p tcp -j REJECT --reject-with tcp-reset");
      await ours.write(pattern(100));
      await assert.rejects(ours.closed, { code: "ECONNRESET" });
      await theirs.close();
    },
  },
  {
    name: "a SYN that iptables drops is sent again, and gets through when the way is free",
    allows: ["retransmission"],
    async run(stage) {
      await stage.kernel.sh("iptables -A INPUT -i tun0 -p tcp -j DROP");
      const connecting = stage.connect();
      await seconds(0.5);
      await stage.kernel.sh("iptables -F INPUT");
      const [ours, theirs] = await connecting;
      await theirs.close();
      await ours.close();
    },
  },
];

/** An established end whose keep-alive timer runs, with so many probes unanswered and less than a second to go. */
function isAlive({ state, timer }, unanswered = 0) {
  return (
    state === "ESTABLISHED" &&
    timer.name === "keepalive" &&
    timer.count === unanswered &&
    timer.expires <= 1000
  );
}

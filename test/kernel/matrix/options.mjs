// What the ends agree on, as both see it: window scaling, SACK, timestamps, MSS, ECN; and that it works.
import assert from "node:assert/strict";
import { drain, patternSum, seconds, sendPattern, until } from "../lab/stage.mjs";
import { FLOW_CONTROL } from "../lab/tshark.mjs";

const SIZE = 1_000_000;
const RECOVERY = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "lost_segment",
  "ack_lost_segment",
  "duplicate_ack",
  ...FLOW_CONTROL,
];

async function bothWays([ours, theirs]) {
  const sending = [
    sendPattern(ours, SIZE).then(() => ours.closeWriting()),
    theirs.send(SIZE).then(() => theirs.shutdown()),
  ];
  const [got, theyGot] = await Promise.all([drain(ours), theirs.drain(), ...sending]);
  assert.equal(got.sha256, patternSum(SIZE));
  assert.equal(theyGot.sha256, patternSum(SIZE));
}

async function finish([ours, theirs]) {
  await theirs.close();
  await ours.closed;
}

const switches = {
  windowScaling: "net.ipv4.tcp_window_scaling",
  sack: "net.ipv4.tcp_sack",
  timestamps: "net.ipv4.tcp_timestamps",
};

const negotiations = Object.entries(switches).flatMap(([option, sysctl]) =>
  ["ours", "theirs"].map((off) => ({
    name: `${option} is off with ${off === "ours" ? "us" : "the kernel"}: neither uses it, and lossy transfers arrive`,
    allows: RECOVERY,
    sysctl: off === "theirs" ? { [sysctl]: 0 } : undefined,
    tcp: off === "ours" ? { [option]: false } : undefined,
    async run(stage) {
      for (const way of ["connect", "accept"]) {
        const pair = await stage[way]();
        const [ours, theirs] = pair;
        const { sack, timestamps, windowScaling } = ours.status().options;
        const expected = { sack: true, timestamps: true, windowScaling: true, [option]: false };
        assert.deepEqual({ sack, timestamps, windowScaling }, expected);
        const info = await theirs.info();
        const kernel = { sack: info.sack, timestamps: info.timestamps, windowScaling: info.windowScaling };
        assert.deepEqual(kernel, expected);
        stage.link.faults = { in: { loss: 0.01 }, out: { loss: 0.01 } };
        await bothWays(pair);
        stage.link.faults = {};
        await finish(pair);
      }
    },
  })),
);

export const options = [
  {
    name: "all options are agreed on, and both ends tell the same scale and segment size",
    async run(stage) {
      for (const version of [4, 6]) {
        for (const way of ["connect", "accept"]) {
          const [ours, theirs] = await stage[way](version);
          const { options, snd, rcv } = ours.status();
          const info = await theirs.info();
          assert.deepEqual(
            { sack: info.sack, timestamps: info.timestamps, windowScaling: info.windowScaling },
            { sack: options.sack, timestamps: options.timestamps, windowScaling: options.windowScaling },
          );
          assert.deepEqual(options, { ...options, sack: true, timestamps: true, windowScaling: true });
          assert.deepEqual([info.sendScale, info.receiveScale], [rcv.scale, snd.scale]);
          const mss = version === 4 ? 1448 : 1428;
          assert.deepEqual([info.sendMss, snd.mss], [mss, mss]);
          await theirs.close();
          await ours.close();
        }
      }
    },
  },
  ...negotiations,
  {
    name: "SACK: holes are told both ways, and repaired without a timeout",
    allows: RECOVERY,
    seed: 7,
    async run(stage) {
      const pair = await stage.connect();
      const [ours, theirs] = pair;
      // Enough delay that a retransmission timer would show.
      stage.link.faults = { in: { loss: 0.01, delay: 5 }, out: { loss: 0.01, delay: 5 } };
      await bothWays(pair);
      const { recoveries, retransmits } = ours.status().counters;
      assert.ok(recoveries > 0 && retransmits > 0, JSON.stringify(ours.status().counters));
      assert.ok((await theirs.info()).totalRetransmits > 0);
      stage.link.faults = {};
      await finish(pair);
    },
  },
  ...["connect", "accept"].map((way) => ({
    name: `ECN (RFC 3168): a marking path slows both senders, nothing is lost (${way})`,
    sysctl: { "net.ipv4.tcp_ecn": 1 },
    tcp: { ecn: "classic" },
    allows: FLOW_CONTROL,
    async run(stage) {
      const pair = await stage[way]();
      const [ours, theirs] = pair;
      assert.equal(ours.status().options.ecn, "classic");
      assert.equal((await theirs.info()).ecn, true);
      stage.link.faults = { in: { mark: 0.05 }, out: { mark: 0.05 } };
      await bothWays(pair);
      assert.ok(stage.link.counts.marked > 10);
      const { congestion, counters } = ours.status();
      assert.ok(counters.marksIn > 0, "marks that we have seen");
      // The kernel has seen some too and said so: without a loss nothing else sets the threshold.
      assert.ok(congestion.ssthresh < SIZE, `ssthresh ${congestion.ssthresh}`);
      assert.equal(counters.retransmits, 0);
      assert.equal((await theirs.info()).ecnSeen, true);
      assert.equal((await theirs.info()).totalRetransmits, 0);
      stage.link.faults = {};
      await finish(pair);
    },
  })),
  {
    name: "AccECN (RFC 9768): we offer it, and come to the best that this kernel knows",
    sysctl: { "net.ipv4.tcp_ecn": 1 },
    tcp: { ecn: "accurate" },
    allows: FLOW_CONTROL,
    async run(stage) {
      const pair = await stage.connect();
      assert.match(pair[0].status().options.ecn, /^(accurate|classic)$/);
      stage.link.faults = { in: { mark: 0.02 }, out: { mark: 0.02 } };
      await bothWays(pair);
      stage.link.faults = {};
      await finish(pair);
    },
  },
  {
    name: "the kernel's application does not read: our probes hold the connection, and nothing is lost when it does",
    allows: FLOW_CONTROL,
    async run(stage) {
      const [ours, theirs] = await stage.connect(4, { theirs: { receiveBuffer: 8192 } });
      const sending = sendPattern(ours, 300_000).then(() => ours.closeWriting());
      assert.ok(await until(() => ours.status().snd.wnd === 0 && ours.status().timer.name === "probe"));
      await seconds(1.5);
      assert.deepEqual([ours.status().timer.name, ours.status().snd.wnd], ["probe", 0]);
      const { length, sha256 } = await theirs.drain();
      await sending;
      assert.deepEqual({ length, sha256 }, { length: 300_000, sha256: patternSum(300_000) });
      await theirs.close();
      await ours.closed;
    },
  },
  {
    name: "our application does not read: the kernel's persist timer runs, and nothing is lost when it does",
    allows: FLOW_CONTROL,
    async run(stage) {
      const [ours, theirs] = await stage.accept(4, { ours: { bufferSize: 8192 } });
      const sending = theirs.send(300_000).then(() => theirs.shutdown());
      const persists = async () =>
        (await stage.kernelSockets()).some(({ timer }) => timer.name === "persist");
      assert.ok(await until(persists));
      await seconds(1.5);
      assert.ok(await persists());
      assert.ok(ours.status().rcv.queued <= 8192);
      const got = await drain(ours);
      await sending;
      assert.deepEqual(got, { length: 300_000, sha256: patternSum(300_000) });
      await theirs.close();
      await ours.close();
    },
  },
  {
    name: "a path MTU of 1,280 in the middle: ICMP tells, and the segments shrink, IPv4 and IPv6",
    allows: RECOVERY,
    async run(stage) {
      const [server, narrow] = await farServer(stage);
      for (const [version, address] of Object.entries(server.addresses)) {
        const listener = await server.machine.kernel.listen(address, 0);
        const accepted = listener.accept();
        const ours = stage.host.connect({ hostname: address, port: listener.port }, { allowHalfOpen: true });
        const theirs = await accepted;
        const received = theirs.drain();
        await sendPattern(ours, SIZE);
        await ours.closeWriting();
        assert.equal((await received).sha256, patternSum(SIZE));
        assert.equal(ours.status().snd.pmtu, narrow, `IPv${version}`);
        await theirs.close();
        await ours.closed;
      }
    },
  },
  {
    name: "the kernel pings the Host, IPv4 and IPv6; what comes in fragments is answered in fragments",
    async run({ kernel }) {
      const sizes = { "192.0.2.2": [56, 1400, 4000], "2001:db8::2": [56, 1400, 4000] };
      for (const [to, each] of Object.entries(sizes)) {
        for (const size of each) {
          const said = await kernel.sh(`ping -n -c 3 -i 0.2 -W 2 -s ${size} ${to}`);
          assert.match(said, /3 received, 0% packet loss/);
          // ping tells of bytes that are not those it sent, and how many came.
          assert.equal(said.split(`${size + 8} bytes from ${to}: icmp_seq=`).length, 4, said);
          assert.doesNotMatch(said, /wrong data|truncated/);
        }
      }
    },
  },
];

/** A server behind a router whose way on takes no packet above 1,280 bytes; the kernel at the TUN device is that router. */
async function farServer({ lab, kernel }) {
  const [middle, machine] = [await lab.host("middle"), await lab.host("far")];
  const between = (a, b, cards, nets, mtu) => lab.link(a, b, { cards, addresses: nets, mtu });
  await between(
    kernel,
    middle,
    ["eth0", "eth0"],
    [
      ["198.51.100.1/24", "2001:db8:1::1/64"],
      ["198.51.100.2/24", "2001:db8:1::2/64"],
    ],
    1280,
  );
  await between(
    middle,
    machine,
    ["eth1", "eth0"],
    [
      ["203.0.113.1/24", "2001:db8:2::1/64"],
      ["203.0.113.2/24", "2001:db8:2::2/64"],
    ],
    1500,
  );
  for (const router of [kernel, middle]) {
    await router.sysctl({ "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1 });
  }
  await kernel.sh(
    "ip route add 203.0.113.0/24 via 198.51.100.2 && ip route add 2001:db8:2::/64 via 2001:db8:1::2",
  );
  await middle.sh("ip route add default via 198.51.100.1 && ip route add ::/0 via 2001:db8:1::1");
  await machine.sh("ip route add default via 203.0.113.1 && ip route add ::/0 via 2001:db8:2::1");
  return [{ machine, addresses: { 4: "203.0.113.2", 6: "2001:db8:2::2" } }, 1280];
}

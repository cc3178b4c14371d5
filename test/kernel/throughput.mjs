// How fast a Host and the Linux kernel exchange data over a TUN device, and what of that is the way: in one run the
// bridge alone (packets that nobody looks at), the Host over it in both directions, and two kernels that have the
// same bridge between them, twice. Then the Host and the bridge once more with segmentation offload: the kernel takes
// up to 64 KiB of data behind one header. All of it in rounds, since a machine that others use too is not always the
// same: rates are medians of them, and so is what a round's rate is of the same round's.
//
//   node test/kernel/throughput.mjs [--seconds N] [--rounds N] [--mtu N] [--json]    needs root and `npm run build`
import { parseArgs } from "node:util";
import { writeIPv4Header } from "./lab/ipv4.mjs";
import { Lab, missing } from "./lab/lab.mjs";
import { KERNEL, OURS, Stage } from "./lab/stage.mjs";
import { tunLink } from "./lab/tun.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    mtu: { type: "string", default: "1500" },
    json: { type: "boolean", default: false },
  },
});
const [time, rounds, mtu] = [values.seconds, values.rounds, values.mtu].map(Number);

const lacking = missing(["cc"]);
if (lacking) console.log(`skipped: throughput over TUN needs ${lacking}`);
else await main();
process.exit(0);

async function main() {
  const ways = {
    rawIn,
    kernelToHost: () => ofHost("in"),
    rawOut,
    hostToKernel: () => ofHost("out"),
    hostToKernelCoalesced: () => ofHost("out", { coalesce: true }),
    kernelToKernel: betweenKernels,
    rawOutLong: () => rawOut(true),
    hostToKernelLong: () => ofHost("out", { segmentation: true }),
  };
  const found = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(ways)) found[name].push(await measured(run));
  }
  if (values.json) console.log(JSON.stringify({ mtu, seconds: time, rounds, ...found }));
  else print(found);
}

/** `{ rate, busy }`: bytes a second, and how much of the time this process (the Host's, not the bridge's) computed. */
async function measured(run) {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const rate = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { rate, busy: (user + system) / 1000 / (performance.now() - begun) };
}

function print(found) {
  const { rawIn, rawOut, rawOutLong, kernelToKernel } = found;
  const line = (what, runs, raw) => {
    const columns = [
      `${(median(runs.map(({ rate }) => rate)) / 1e6).toFixed(0).padStart(6)} MB/s`,
      `process ${Math.round(median(runs.map(({ busy }) => busy)) * 100)} % busy`,
    ];
    if (raw) columns.push(`${share(runs, raw)} of the bridge`);
    if (raw) columns.push(`${median(shares(runs, kernelToKernel)).toFixed(1)} times two kernels`);
    console.log(`${what.padEnd(32)} ${columns.join(", ")}`);
  };
  console.log(`packets of ${mtu} bytes, ${rounds} rounds of ${time} s each: medians (least to most)`);
  line("bridge alone, kernel to process", rawIn);
  line("bridge alone, process to kernel", rawOut);
  line("TCP, Host to kernel", found.hostToKernel, rawOut);
  line("TCP, Host to kernel, coalesced", found.hostToKernelCoalesced, rawOut);
  line("TCP, kernel to Host", found.kernelToHost, rawIn);
  line("TCP, kernel to kernel, bridged", kernelToKernel);
  console.log("long segments, which the kernel is to cut");
  line("bridge alone, process to kernel", rawOutLong);
  line("TCP, Host to kernel", found.hostToKernelLong, rawOutLong);
  const short = share(found.hostToKernelLong, rawOut);
  console.log(`${"".padEnd(32)} ${short} of the bridge alone with packets of ${mtu} bytes`);
}

function share(runs, raw) {
  const all = shares(runs, raw);
  return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
}

/** Of each round. */
function shares(runs, raw) {
  return runs.map(({ rate }, round) => rate / raw[round].rate);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Bytes a second of packets that the kernel sends and nobody looks at. */
async function rawIn() {
  return withTun({}, async (machine, link) => {
    let bytes = 0;
    let [first, last] = [0, 0];
    link.start((packet) => {
      last = performance.now();
      if (first === 0) first = last;
      bytes += packet.length;
    });
    await machine.kernel.call("flood", { address: OURS[4], size: mtu - 28, seconds: time });
    return (bytes / (last - first)) * 1000;
  });
}

/** Bytes a second of packets that the kernel takes from us and drops: nobody listens at their port. */
async function rawOut(segmentation = false) {
  return withTun({ segmentation }, async (machine, link) => {
    await machine.sh("iptables -A INPUT -i tun0 -j DROP");
    // As long as the Host's: as many segments as 65,535 bytes have room for, their header once.
    const size = mtu - 40;
    const packet = new Uint8Array(segmentation ? 40 + Math.trunc((65535 - 40) / size) * size : mtu);
    writeIPv4Header(packet, { protocol: segmentation ? 6 : 17, src: OURS[4], dst: KERNEL[4] });
    packet[20 + 12] = segmentation ? 5 << 4 : 0;
    const begun = performance.now();
    await new Promise((done) => {
      const go = () => {
        while (!link.full) {
          for (let i = 0; i < 32; i++) link.send(packet, i < 31, segmentation ? size : 0);
          if (performance.now() - begun > time * 1000) return done();
        }
      };
      link.start(() => {}, go);
      go();
    });
    // What still waits was not sent.
    const bytes = Number(await machine.sh("cat /sys/class/net/tun0/statistics/rx_bytes"));
    return (bytes / (performance.now() - begun)) * 1000;
  });
}

async function withTun(options, measure) {
  const lab = new Lab();
  try {
    const machine = await lab.host("kernel");
    return await measure(
      machine,
      await tunLink(machine, { addresses: [`${KERNEL[4]}/24`], mtu, ...options }),
    );
  } finally {
    await lab.remove();
  }
}

/** Goodput of one connection, the bytes read at the far end counted. */
async function ofHost(direction, offload = {}) {
  const stage = await Stage.make({ mtu, ...offload });
  try {
    const [ours, theirs] = await stage.connect(4, { ours: { tcp: { mtu } } });
    const chunk = new Uint8Array(1 << 18);
    if (direction === "out") {
      const received = theirs.drain({ count: true });
      const end = performance.now() + time * 1000;
      while (performance.now() < end) await ours.write(chunk);
      await ours.closeWriting();
      const { length, seconds } = await received;
      return length / seconds;
    }
    theirs.send(2 ** 40).catch(() => {}); // until we go away
    let bytes = 0;
    const begun = performance.now();
    const end = begun + time * 1000;
    while (performance.now() < end) bytes += await ours.read(chunk);
    return (bytes / (performance.now() - begun)) * 1000;
  } finally {
    await stage.remove();
  }
}

/** Two kernels, a TUN device in each, and a process between them that hands packets on: this path has the bridge twice. */
async function betweenKernels() {
  const lab = new Lab();
  try {
    const [a, b] = [await lab.host("a"), await lab.host("b")];
    const [linkA, linkB] = [
      await tunLink(a, { addresses: [`${OURS[4]}/24`], mtu }),
      await tunLink(b, { addresses: [`${KERNEL[4]}/24`], mtu }),
    ];
    linkA.start((packet, more) => linkB.send(packet, more));
    linkB.start((packet, more) => linkA.send(packet, more));
    const listener = await b.kernel.listen(KERNEL[4]);
    const accepted = listener.accept();
    const sender = await a.kernel.connect(KERNEL[4], listener.port);
    const receiver = await accepted;
    const received = receiver.drain({ timeout: 10, count: true });
    const begun = performance.now();
    sender.send(2 ** 40).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, time * 1000));
    await sender.abort();
    void received.catch(() => {});
    const counted = await b.sh("cat /sys/class/net/tun0/statistics/rx_bytes");
    return (Number(counted) / (performance.now() - begun)) * 1000;
  } finally {
    await lab.remove();
  }
}

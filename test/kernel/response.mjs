// What a Host reaches over a long path that loses packets, beside what the Linux kernel reaches: both send to the
// same kernel at the same time, each connection over a wire of its own (rate, delay, seeded loss) in this process, and
// the n-th connection of each loses the same packets by number. CUBIC at both.
//
//   node test/kernel/response.mjs [--seconds N] [--connections N] [--loss P] [--delay MS] [--rate MBIT] [--seed N]
//                                 [--congestion NAME] [--json]           needs root and `npm run build`
import { parseArgs } from "node:util";
import { Host } from "../../dist/net.js";
import { recordCounts } from "../../scripts/counts.mjs";
import { mulberry } from "./lab/faults.mjs";
import { Lab, missing } from "./lab/lab.mjs";
import { tunLink } from "./lab/tun.mjs";
import { Wires } from "./lab/wire.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    connections: { type: "string", default: "16" },
    loss: { type: "string", default: "0.01" },
    delay: { type: "string", default: "20" },
    rate: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    congestion: { type: "string", default: "cubic" },
    json: { type: "boolean", default: false },
  },
});
const [seconds, connections, seed] = [values.seconds, values.connections, values.seed].map(Number);
const { congestion } = values;
const path = {
  rate: Number(values.rate) * 1e6,
  delay: Number(values.delay),
  loss: Number(values.loss),
  queue: 1 << 20,
};
/** Less than this of the kernel's is a defect, whatever the chance of a short run. */
const LEAST = 0.75;
const [OURS, KERNEL, RECEIVER] = ["192.0.2.1", "192.0.2.2", "198.51.100.1"];

const lacking = missing(["cc"]);
if (lacking) {
  console.log(`${process.env.CI ? "FAILED" : "skipped:"} the kernel over a path with loss needs ${lacking}`);
  recordCounts({ passed: 0, failed: process.env.CI ? 1 : 0, skipped: process.env.CI ? 0 : 1 });
  process.exit(process.env.CI ? 1 : 0);
}
const found = await race();
report(found);
process.exit(found.ratio < LEAST ? 1 : 0);

async function race() {
  const lab = new Lab();
  try {
    const [sender, receiver] = [await lab.host("sender"), await lab.host("receiver")];
    const fromKernel = await tunLink(sender, { addresses: [`${KERNEL}/24`], routes: ["198.51.100.0/24"] });
    const far = await tunLink(receiver, { addresses: [`${RECEIVER}/24`], routes: ["192.0.2.0/24"] });

    const wires = new Wires(
      path,
      (number) => mulberry(seed * 1000 + number),
      (packet) => far.send(packet),
    );
    far.start((packet) => isTcp(packet) && wires.fromReceiver(packet));
    fromKernel.start((packet) => isTcp(packet) && wires.fromSender(packet, (back) => fromKernel.send(back)));
    const host = new Host({
      link: wireLink(wires),
      addresses: [`${OURS}/24`],
      routes: [{ to: "0.0.0.0/0" }],
      tcp: { congestion },
    });

    const listener = await receiver.kernel.listen(RECEIVER);
    const [ours, theirs] = [[], []];
    for (let i = 0; i < connections; i++) {
      ours.push(await opened(listener, host.connect({ hostname: RECEIVER, port: listener.port })));
      theirs.push(
        await opened(listener, await sender.kernel.connect(RECEIVER, listener.port, { congestion })),
      );
    }
    const chunk = new Uint8Array(1 << 16);
    let isOver = false;
    for (const socket of ours) {
      (async () => {
        while (!isOver) await socket.write(chunk);
      })().catch(() => {});
    }
    for (const socket of theirs) socket.send(2 ** 40).catch(() => {});
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    isOver = true;
    const { user, system } = process.cpuUsage(cpu);
    wires.close();
    const [host_, kernel] = [wires.figures(OURS), wires.figures(KERNEL)];
    host.close();
    return {
      ratio: total(host_) / total(kernel),
      host: figures(host_),
      kernel: figures(kernel),
      busy: (user + system) / 1e6 / seconds,
    };
  } finally {
    await lab.remove();
  }
}

/** Both ends of a connection; the receiver's is read from now on. Gives the sender's. */
async function opened(listener, socket) {
  const [accepted] = await Promise.all([listener.accept(), socket.opened]);
  accepted.drain({ timeout: 60, count: true }).catch(() => {});
  return socket;
}

/** The host's link: packets go to the wires, and their answers come back. */
function wireLink(wires) {
  let receive = () => {};
  return {
    kind: "ip",
    mtu: 1500,
    full: false,
    start(taker) {
      receive = taker;
    },
    send: (packet) => wires.fromSender(packet, (back) => receive(back, false)),
    close() {},
  };
}

function isTcp(packet) {
  return packet[0] === 0x45 && packet[9] === 6;
}

function total(wires) {
  return wires.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
}

function figures(wires) {
  const rates = wires.map(({ acknowledged }) => (acknowledged * 8) / seconds / 1e6).sort((a, b) => a - b);
  const sum = (name) => wires.reduce((all, wire) => all + wire[name], 0);
  return {
    rates,
    median: rates[rates.length >> 1],
    mean: rates.reduce((a, b) => a + b) / rates.length,
    packets: sum("delivered") + sum("lost"),
    lost: sum("lost"),
    overflowed: sum("overflowed"),
  };
}

function report({ ratio, host, kernel, busy }) {
  if (values.json) console.log(JSON.stringify({ ...values, ratio, host, kernel, busy }));
  else {
    const { rate, delay, loss } = path;
    const way = `${rate / 1e6} Mbit/s, ${2 * delay} ms, ${loss * 100} % of packets lost`;
    console.log(`${connections} connections each for ${seconds} s, ${congestion}: ${way}`);
    for (const [name, { mean, rates, packets, lost, overflowed }] of [
      ["Host", host],
      ["kernel", kernel],
    ]) {
      const range = `${rates[0].toFixed(2)} to ${rates[rates.length - 1].toFixed(2)}`;
      const drops = `${packets} packets, ${lost} lost${overflowed ? `, ${overflowed} where the queue was full` : ""}`;
      console.log(`${name.padEnd(8)} ${mean.toFixed(2).padStart(6)} Mbit/s (${range}), ${drops}`);
    }
    console.log(
      `the Host reaches ${ratio.toFixed(2)} of the kernel (process ${Math.round(busy * 100)} % busy)`,
    );
  }
  const isGood = ratio >= LEAST;
  if (!isGood) console.log(`FAILED: less than ${LEAST} of what the kernel reaches`);
  recordCounts({ passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 });
}

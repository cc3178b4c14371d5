// iperf3's client, spoken by a Host: the kernel's side of the measurement is a program that nobody here wrote.
import assert from "node:assert/strict";
import { KERNEL, receive } from "../lab/stage.mjs";
import { FLOW_CONTROL } from "../lab/tshark.mjs";

// The states of iperf3's control connection (iperf_api.h).
const TEST_START = 1;
const TEST_RUNNING = 2;
const TEST_END = 4;
const PARAM_EXCHANGE = 9;
const CREATE_STREAMS = 10;
const EXCHANGE_RESULTS = 13;
const DISPLAY_RESULTS = 14;
const IPERF_DONE = 16;

const COOKIE_BYTES = 37;

/** Runs one test; gives iperf3's own results. `reverse`: the kernel sends. */
export async function iperf(stage, { version = 4, time = 2, reverse = false, block = 131072 }) {
  const { host, kernel } = stage;
  const server = kernel.spawn("iperf3", ["-s", "-1", "-J", "-B", KERNEL[version]], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let report = "";
  server.stdout.on("data", (text) => {
    report += text;
  });
  const ended = new Promise((resolve) => server.once("close", resolve));
  await listening(stage, 5201);
  const target = { hostname: KERNEL[version], port: 5201 };
  const control = host.connect(target, { noDelay: true });
  await control.opened;
  const cookie = new TextEncoder().encode(`${"tcpwire".padEnd(COOKIE_BYTES - 1, "x")}\0`);
  await control.write(cookie);

  const expect = async (state) => assert.equal((await receive(control, 1))[0], state);
  const say = (state) => control.write(Uint8Array.of(state));

  await expect(PARAM_EXCHANGE);
  await writeJson(control, {
    tcp: true,
    omit: 0,
    time,
    parallel: 1,
    len: block,
    client_version: "3.12",
    ...(reverse && { reverse }), // its presence counts, not its value
  });
  await expect(CREATE_STREAMS);
  const data = host.connect(target);
  // The server resets it when the test is over, with what is still under way unread.
  data.closed.catch(() => {});
  await data.opened;
  await data.write(cookie);
  await expect(TEST_START);
  await expect(TEST_RUNNING);
  const bytes = await (reverse ? read(data, time) : write(data, time, block));
  await say(TEST_END);
  await expect(EXCHANGE_RESULTS);
  await writeJson(control, results(bytes, time));
  const theirs = await readJson(control);
  await expect(DISPLAY_RESULTS);
  await say(IPERF_DONE);
  data.abort();
  await control.close();
  assert.equal(await ended, 0);
  return { bytes, time, theirs, report: JSON.parse(report) };
}

async function write(socket, time, block) {
  const piece = new Uint8Array(block);
  const end = performance.now() + time * 1000;
  let bytes = 0;
  while (performance.now() < end) {
    await socket.write(piece);
    bytes += block;
  }
  return bytes;
}

async function read(socket, time) {
  const into = new Uint8Array(1 << 18);
  const end = performance.now() + time * 1000;
  let bytes = 0;
  while (performance.now() < end) {
    const got = await socket.read(into);
    if (got === null) break;
    bytes += got;
  }
  return bytes;
}

function results(bytes, time) {
  const stream = {
    id: 1,
    bytes,
    retransmits: 0,
    jitter: 0,
    errors: 0,
    packets: 0,
    start_time: 0,
    end_time: time,
  };
  return {
    cpu_util_total: 0,
    cpu_util_user: 0,
    cpu_util_system: 0,
    sender_has_retransmits: 0,
    streams: [stream],
  };
}

async function writeJson(socket, value) {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const message = new Uint8Array(4 + text.length);
  new DataView(message.buffer).setUint32(0, text.length);
  message.set(text, 4);
  await socket.write(message);
}

async function readJson(socket) {
  const head = await receive(socket, 4);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  return JSON.parse(new TextDecoder().decode(await receive(socket, length)));
}

async function listening({ kernel }, port) {
  for (let i = 0; i < 200; i++) {
    if ((await kernel.sh(`ss -Htln sport = :${port}`)) !== "") return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("iperf3 does not listen");
}

export const iperfs = [4, 6].flatMap((version) =>
  [false, true].map((reverse) => ({
    name: `iperf3 measures ${reverse ? "from the kernel to" : "from"} the Host, IPv${version}`,
    snap: 100,
    allows: FLOW_CONTROL,
    async run(stage) {
      const { bytes, theirs } = await iperf(stage, { version, time: 1, reverse });
      const counted = theirs.streams[0].bytes;
      assert.ok(bytes > 1_000_000 && counted > 1_000_000);
      // What was still under way at the end is counted by one side alone.
      assert.ok(Math.abs(counted - bytes) < 16_000_000, `${bytes} bytes here, ${counted} there`);
      console.log(`    ${((counted * 8) / 1e9).toFixed(2)} Gbit/s`);
    },
  })),
);

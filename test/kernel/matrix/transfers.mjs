// Bulk data between the Host and ordinary programs of the kernel's world.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { drain, KERNEL, OURS, pattern, patternSum, receive, sendPattern } from "../lab/stage.mjs";
import { FLOW_CONTROL } from "../lab/tshark.mjs";

const MB = 1_000_000;
/** Bulk captures keep headers alone. */
const HEADERS = 100;
const bracketed = (address) => (address.includes(":") ? `[${address}]` : address);

const sizes = { 4: 100 * MB, 6: 20 * MB };

function fetches(version) {
  const size = sizes[version];
  return [
    ...["", " in segments that the kernel is to cut"].map((how) => ({
      name: `curl fetches ${size / MB} MB over HTTP from the Host${how}, IPv${version}`,
      segmentation: how !== "",
      snap: HEADERS,
      allows: FLOW_CONTROL,
      async run({ host, kernel }) {
        const listener = host.listen({ port: 80 });
        const serving = listener.accept().then(async (socket) => {
          await untilBlankLine(socket);
          await socket.write(text(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`));
          await sendPattern(socket, size);
          await socket.close();
        });
        const got = await kernel.sh(`curl -sS --max-time 60 http://${bracketed(OURS[version])}/ | sha256sum`);
        await serving;
        assert.equal(got.split(" ")[0], patternSum(size));
      },
    })),
    {
      name: `the Host fetches ${size / MB} MB over HTTP from Python's server, IPv${version}`,
      snap: HEADERS,
      allows: FLOW_CONTROL,
      async run({ host, kernel }, folder) {
        await writePattern(join(folder, "served"), size);
        const server = kernel.spawn(
          "python3",
          ["-u", "-m", "http.server", "8000", "--bind", KERNEL[version], "--directory", folder],
          { stdio: ["ignore", "pipe", "ignore"] },
        );
        await new Promise((resolve) => server.stdout.once("data", resolve));
        const socket = host.connect({ hostname: KERNEL[version], port: 8000 });
        await socket.write(text("GET /served HTTP/1.0\r\n\r\n"));
        const { status, length } = parseHead(await untilBlankLine(socket));
        assert.deepEqual({ status, length }, { status: 200, length: size });
        const { length: got, sha256 } = await drain(socket);
        assert.deepEqual({ got, sha256 }, { got: size, sha256: patternSum(size) });
        await socket.close();
      },
    },
  ];
}

/** The kernel takes what its device has put together as what the Host sent: sums, sizes and order. */
function coalesced(version) {
  const size = 30 * MB;
  return {
    name: `the Host sends ${size / MB} MB through a device that puts segments together, IPv${version}`,
    snap: HEADERS,
    coalesce: true,
    allows: FLOW_CONTROL,
    async run(stage) {
      const [ours, theirs] = await stage.connect(version);
      const received = theirs.drain();
      await sendPattern(ours, size);
      await ours.closeWriting();
      const { length, sha256 } = await received;
      assert.deepEqual({ length, sha256 }, { length: size, sha256: patternSum(size) });
      // What nearly every packet is in, or this shows nothing.
      const packets = Number(await stage.kernel.sh("cat /sys/class/net/tun0/statistics/rx_packets"));
      assert.ok(packets < size / 1460 / 3, `${packets} packets`);
      await theirs.close();
      await ours.closed;
    },
  };
}

function netcats(version) {
  const size = 3 * MB;
  return [
    {
      name: `nc sends a file to the Host and ends, IPv${version}`,
      allows: FLOW_CONTROL,
      async run({ host, kernel }, folder) {
        await writePattern(join(folder, "file"), size);
        const listener = host.listen({ port: 7000 });
        const received = listener.accept().then(drain);
        await kernel.sh(`nc -N ${OURS[version]} 7000 < ${join(folder, "file")}`);
        assert.deepEqual(await received, { length: size, sha256: patternSum(size) });
      },
    },
    {
      name: `the Host sends to nc -l, which ends with its input, IPv${version}`,
      allows: FLOW_CONTROL,
      async run({ host, kernel }) {
        const nc = kernel.spawn("nc", ["-v", "-N", "-l", KERNEL[version], "7001"], {
          stdio: ["ignore", "pipe", "pipe"],
        });
        await new Promise((resolve) => nc.stderr.once("data", resolve));
        const hash = createHash("sha256");
        nc.stdout.on("data", (chunk) => hash.update(chunk));
        const ended = new Promise((resolve) => nc.once("close", resolve));
        const socket = host.connect({ hostname: KERNEL[version], port: 7001 }, { allowHalfOpen: true });
        await sendPattern(socket, size);
        await socket.closeWriting();
        assert.equal(await ended, 0);
        assert.equal(hash.digest("hex"), patternSum(size));
        await socket.closed;
      },
    },
  ];
}

export const transfers = [
  ...fetches(4),
  ...fetches(6),
  coalesced(4),
  coalesced(6),
  ...netcats(4),
  ...netcats(6),
  {
    name: "an interactive conversation: keystrokes echoed one by one, now and then a screenful",
    async run(stage) {
      const [ours, theirs] = await stage.accept(4, { ours: { noDelay: true }, theirs: { noDelay: 1 } });
      const echoing = theirs.echo();
      for (let i = 0; i < 600; i++) {
        const length = i % 50 === 49 ? 4000 : 1 + (i % 7);
        const bytes = pattern(length, i);
        await ours.write(bytes);
        assert.deepEqual(await receive(ours, length), bytes);
        // Longer than any delayed ACK, at times.
        if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await ours.closeWriting();
      assert.equal((await receive(ours, 1)).length, 0);
      await echoing;
      await ours.closed;
    },
  },
  ...[
    ["the kernel opens", 4],
    ["the kernel opens", 6],
    ["the Host opens", 4],
    ["the Host opens", 6],
  ].map(([who, version]) => ({
    name: `1,000 connections at a time, which ${who}, each echoing 5,000 bytes, IPv${version}`,
    snap: HEADERS,
    run: (stage) => (who === "the Host opens" ? manyOut(stage, version) : manyIn(stage, version)),
  })),
];

const MANY = 1000;
const EACH = 5000;
// So many at a time do something, all are open: a slow machine takes longer than a second for a thousand SYNs.
const GROUP = 100;

async function manyOut({ host, kernel }, version) {
  const listener = await kernel.kernel.listen(KERNEL[version], 0, { backlog: 1024 });
  const served = listener.serve(MANY);
  const target = { hostname: KERNEL[version], port: listener.port };
  const sockets = [];
  while (sockets.length < MANY) {
    const group = Array.from({ length: GROUP }, () => host.connect(target, { allowHalfOpen: true }));
    await Promise.all(group.map(({ opened }) => opened));
    sockets.push(...group);
  }
  for (let i = 0; i < MANY; i += GROUP) {
    await Promise.all(sockets.slice(i, i + GROUP).map((socket) => sendPattern(socket, EACH)));
  }
  const got = await Promise.all(sockets.map((socket) => receive(socket, EACH)));
  assert.ok(got.every((bytes) => Buffer.from(bytes).equals(pattern(EACH))));
  await Promise.all(sockets.map((socket) => socket.close()));
  assert.deepEqual(await served, { served: MANY });
}

async function manyIn({ host, kernel }, version) {
  const listener = host.listen({ backlog: 1024, allowHalfOpen: true });
  const ended = [];
  const echo = async (socket) => {
    const buffer = new Uint8Array(EACH);
    for (let got = await socket.read(buffer); got !== null; got = await socket.read(buffer)) {
      await socket.write(buffer.subarray(0, got));
    }
    await socket.close();
  };
  const accepting = (async () => {
    for await (const socket of listener) {
      ended.push(echo(socket));
      if (ended.length === MANY) break;
    }
  })();
  const target = [OURS[version], listener.localPort];
  const peers = await Promise.all(Array.from({ length: MANY }, () => kernel.kernel.connect(...target)));
  await accepting;
  await Promise.all(peers.map((peer) => peer.send(EACH)));
  await Promise.all(peers.map((peer) => peer.shutdown()));
  const got = await Promise.all(peers.map((peer) => peer.drain()));
  assert.ok(got.every(({ sha256 }) => sha256 === patternSum(EACH)));
  await Promise.all([...ended, ...peers.map((peer) => peer.close())]);
}

const text = (string) => new TextEncoder().encode(string);

/** Reads a head up to its blank line, and not a byte more. */
async function untilBlankLine(socket) {
  let head = "";
  const one = new Uint8Array(1);
  while (!head.endsWith("\r\n\r\n") && (await socket.read(one)) !== null) head += String.fromCharCode(one[0]);
  return head;
}

function parseHead(head) {
  return {
    status: Number(head.split(" ")[1]),
    length: Number(/content-length: *(\d+)/i.exec(head)?.[1]),
  };
}

async function writePattern(file, size) {
  const out = createWriteStream(file);
  const piece = pattern(251 * 4096);
  for (let at = 0; at < size; at += piece.length) {
    if (!out.write(piece.subarray(0, Math.min(piece.length, size - at)))) {
      await new Promise((resolve) => out.once("drain", resolve));
    }
  }
  await new Promise((resolve) => out.end(resolve));
}

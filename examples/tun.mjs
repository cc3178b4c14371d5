// Userspace TCP on a Linux machine: a host in this process at 10.9.0.2, behind a TUN device of the kernel's, which is
// 10.9.0.1. Needs root (or CAP_NET_ADMIN), python3 and iproute2.
//
//   node examples/tun.mjs          then, elsewhere:  curl http://10.9.0.2/   ping 10.9.0.2
//   node examples/tun.mjs --once   fetches it by itself, and ends
import { execFile, spawn } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { formatSockets, Host } from "tcpwire/net";
import { toDuplex } from "tcpwire/net/node";

/** What Node cannot: the ioctl that makes a TUN device. Packets pass behind their length, 4 bytes, big-endian. */
const bridge = `
import fcntl, os, struct, sys, threading
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH", sys.argv[1].encode(), 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
out, source = sys.stdout.buffer, sys.stdin.buffer
out.write(b"\\0\\0\\0\\0"); out.flush()
def outward():
    while True:
        packet = os.read(tun, 65536)
        out.write(struct.pack(">I", len(packet)) + packet); out.flush()
threading.Thread(target=outward, daemon=True).start()
while head := source.read(4):
    os.write(tun, source.read(struct.unpack(">I", head)[0]))
`;

const name = "tcpwire0";
const child = spawn("python3", ["-c", bridge, name], { stdio: ["pipe", "pipe", "inherit"] });
const packets = readPackets(child.stdout);
await packets.next(); // the empty one says that the device is there
const run = promisify(execFile);
await run("ip", ["addr", "add", "10.9.0.1/24", "dev", name]);
await run("ip", ["link", "set", name, "up"]);

const host = new Host({
  link: { readable: ReadableStream.from(packets), writable: writePackets(child.stdin) },
  addresses: ["10.9.0.2/24"],
});
const web = createServer((_, response) => {
  response.end(`${formatSockets(host.sockets())}\n`);
});
(async () => {
  for await (const socket of host.listen({ port: 80, allowHalfOpen: true }))
    web.emit("connection", toDuplex(socket));
})();
console.log("curl http://10.9.0.2/");

if (process.argv.includes("--once")) {
  console.log((await run("curl", ["-sS", "http://10.9.0.2/"])).stdout);
  host.close();
  child.kill();
}

async function* readPackets(chunks) {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      yield Uint8Array.from(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  }
}

function writePackets(stdin) {
  return new WritableStream(
    {
      write(packet) {
        const head = Buffer.alloc(4);
        head.writeUInt32BE(packet.length);
        stdin.write(head);
        if (!stdin.write(packet)) return new Promise((resolve) => stdin.once("drain", resolve));
      },
      close: () => stdin.end(),
    },
    { highWaterMark: 64 },
  );
}

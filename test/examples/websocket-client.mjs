// What a page does, in Node 20, which has no WebSocket of its own: the opening by hand, the frames masked.
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { Host } from "tcpwire/net";

const url = new URL(process.argv[2].replace("ws", "http"));
const socket = await new Promise((resolve, reject) => {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    "sec-websocket-version": "13",
  };
  request(url, { headers })
    .on("upgrade", (_, socket) => resolve(socket))
    .on("error", reject)
    .end();
});

const link = {
  kind: "ip",
  mtu: 1500,
  start(receive) {
    let rest = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 4) {
        const long = (rest[1] & 127) === 126;
        const [start, length] = long ? [4, rest.readUInt16BE(2)] : [2, rest[1] & 127];
        if (rest.length < start + length) break;
        receive(Uint8Array.from(rest.subarray(start, start + length)));
        rest = rest.subarray(start + length);
      }
    });
  },
  send(packet) {
    const { length } = packet;
    const mask = randomBytes(4);
    const head = length < 126 ? [0x82, 0x80 | length] : [0x82, 0xfe, length >> 8, length & 255];
    socket.write(Buffer.concat([Buffer.from(head), mask, packet.map((byte, i) => byte ^ mask[i & 3])]));
  },
};

const host = new Host({ link, addresses: ["10.9.0.2/24"] });
const tcp = host.connect({ hostname: "10.9.0.1", port: 7 });
const sent = randomBytes(500_000);
const writing = tcp.write(sent).then(() => tcp.closeWriting());
const received = Buffer.from(await new Response(tcp.readable).arrayBuffer());
await writing;
console.log(`${received.length} bytes came back ${received.equals(sent) ? "whole" : "damaged"}`);
host.close();
socket.destroy();

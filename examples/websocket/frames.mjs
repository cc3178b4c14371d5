// As much of the WebSocket protocol (RFC 6455) as carries packets between a browser and Node.
import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const LONGEST = 65536;

/** Answers an upgrade request; returns the link. */
export function accept(request, socket, mtu = 1500) {
  const key = createHash("sha1")
    .update(request.headers["sec-websocket-key"] + GUID)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${key}\r\n\r\n`,
  );
  socket.setNoDelay(true);
  return {
    kind: "ip",
    mtu,
    get full() {
      return socket.writableNeedDrain;
    },
    start(receive, ready, ended) {
      socket.on("drain", ready);
      socket.on("error", () => {});
      socket.on("close", () => ended());
      let waiting = Buffer.alloc(0);
      socket.on("data", (bytes) => {
        waiting = Buffer.concat([waiting, bytes]);
        for (let frame = next(waiting); frame !== undefined; frame = next(waiting)) {
          if (frame === null) return void socket.destroy(); // no packet is that long
          waiting = waiting.subarray(frame.end);
          if (frame.opcode === BINARY) receive(frame.payload);
          else if (frame.opcode === PING) write(socket, PONG, frame.payload);
          else if (frame.opcode === CLOSE) socket.end();
        }
      });
    },
    send: (packet) => write(socket, BINARY, packet.slice()),
    close: () => socket.end(),
  };
}

/** The first frame, unmasked; undefined while it is not whole, null when it is too long. */
function next(bytes) {
  if (bytes.length < 6) return undefined;
  const short = bytes[1] & 127;
  const extra = short === 126 ? 2 : 0;
  if (short === 127) return null;
  const length = extra === 0 ? short : bytes.readUInt16BE(2);
  const start = 2 + extra + 4;
  if (length > LONGEST) return null;
  if (bytes.length < start + length) return undefined;
  const payload = Uint8Array.from(bytes.subarray(start, start + length));
  for (let i = 0; i < length; i++) payload[i] ^= bytes[start - 4 + (i & 3)];
  return { opcode: bytes[0] & 15, payload, end: start + length };
}

function write(socket, opcode, payload) {
  const header =
    payload.length < 126
      ? Buffer.of(0x80 | opcode, payload.length)
      : Buffer.of(0x80 | opcode, 126, payload.length >> 8, payload.length & 255);
  socket.write(header);
  socket.write(payload);
}

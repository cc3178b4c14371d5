// An emulator's network card. The guest's driver puts Ethernet frames on the card and takes them from it; here a second
// host plays the guest. Replace `guest` by your machine's card: `send` is called with a frame for it, and it calls
// `receive` with one from it (v86: net0-receive and net0-send).
//
//   node examples/ethernet.mjs
import { createServer } from "node:http";
import { Host } from "tcpwire/net";
import { toDuplex } from "tcpwire/net/node";

/** A card: what one side sends the other receives, a frame at a time, in a turn of its own as hardware would. */
function card() {
  const sides = [{}, {}];
  return sides.map((side, i) => ({
    kind: "ethernet",
    mtu: 1500,
    start(receive) {
      side.receive = receive;
    },
    send(frame) {
      const copy = frame.slice(); // the frame is ours only until `send` returns
      setImmediate(() => sides[1 - i].receive?.(copy));
    },
  }));
}

const [nic, guest] = card();

// The world outside of the emulator: a web server at the gateway's address, on no port of this machine.
const outside = new Host({ link: nic, addresses: ["10.0.2.2/24", "fd00::2/64"] });
const web = createServer((request, response) => response.end(`hello ${request.headers["user-agent"]}\n`));
(async () => {
  for await (const socket of outside.listen({ port: 80, allowHalfOpen: true }))
    web.emit("connection", toDuplex(socket));
})();

// The guest.
const inside = new Host({ link: guest, addresses: ["10.0.2.15/24", "fd00::15/64"], gateway: "10.0.2.2" });
for (const hostname of ["10.0.2.2", "fd00::2"]) {
  const socket = inside.connect({ hostname, port: 80 });
  const request = "GET / HTTP/1.1\r\nhost: outside\r\nuser-agent: guest\r\nconnection: close\r\n\r\n";
  await socket.write(new TextEncoder().encode(request));
  console.log((await new Response(socket.readable).text()).split("\r\n\r\n")[1].trim());
  await socket.closed;
}
inside.close();
outside.close();

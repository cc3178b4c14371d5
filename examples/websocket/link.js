// A WebSocket as a link: a message is a packet. For browsers and Node alike.

/** @param {WebSocket} socket an open one, or one that is still connecting */
export function webSocketLink(socket, mtu = 1500) {
  socket.binaryType = "arraybuffer";
  /** More than this waits to be sent: packets are held back. */
  const patience = 1 << 20;
  let watch;
  return {
    kind: "ip",
    mtu,
    get full() {
      return socket.bufferedAmount > patience;
    },
    start(receive, ready, ended) {
      socket.addEventListener("message", ({ data }) => receive(new Uint8Array(data)));
      socket.addEventListener("open", ready);
      socket.addEventListener("close", () => {
        clearInterval(watch);
        ended();
      });
      // A WebSocket does not tell when its queue has become short.
      let wasFull = false;
      watch = setInterval(() => {
        if (wasFull && !this.full) ready();
        wasFull = this.full;
      }, 20);
    },
    send(packet) {
      // Lost before the socket is open, as packets may be: TCP sends its SYN again.
      if (socket.readyState === 1) socket.send(packet.slice());
    },
    close: () => socket.close(),
  };
}

import { Duplex } from "node:stream";
import type { Socket } from "../../net/index.ts";

/** What one read of Node's takes at most. */
const LARGEST_READ = 65536;
/** Below this the buffer is not given away for what it holds. */
const SMALL_READ = 16384;

/**
 * A socket of `tcpwire/net` as a Node stream: what takes a `Duplex` (`tls.connect({ socket })`, `http`'s
 * `createConnection`, `pipeline`) takes it. Use the stream, or the socket's own reads and writes, not both.
 *
 * `end()` sends FIN; `destroy()` delivers what was written and drops what arrives, `destroy(error)` ends the connection
 * with RST; errors are the socket's, with `code` as Node's own. With the socket's `allowHalfOpen: false` the peer's end
 * ends our side too.
 *
 * @example
 * ```ts no-run
 * import { request } from "node:http";
 * import { toDuplex } from "tcpwire/net/node";
 *
 * request("http://example/", { createConnection: () => toDuplex(host.connect({ hostname: "192.0.2.1", port: 80 })) });
 * ```
 */
export function toDuplex(socket: Socket): Duplex {
  let buffer = new Uint8Array(LARGEST_READ);
  const duplex = new Duplex({
    // The socket itself closes its other half when it is to; a half that Node ended for it would be cut short.
    allowHalfOpen: true,
    read() {
      const into = buffer;
      socket.read(into).then(
        (count) => {
          if (count === null) duplex.push(null);
          else if (count < SMALL_READ)
            duplex.push(Buffer.from(into.subarray(0, count))); // a copy
          else {
            buffer = new Uint8Array(LARGEST_READ);
            duplex.push(Buffer.from(into.buffer, 0, count));
          }
        },
        (error) => duplex.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      socket.write(chunk).then(() => done(), done);
    },
    final(done) {
      socket.closeWriting().then(() => done(), done);
    },
    destroy(error, done) {
      if (error === null) socket.close().catch(() => {});
      else socket.abort(error);
      done(error);
    },
  });
  socket.opened.then(
    () => duplex.emit("connect"),
    () => {},
  );
  socket.closed.catch((error) => duplex.destroy(error));
  return duplex;
}

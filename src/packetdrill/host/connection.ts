import { Endpoint, type EndpointOptions, type TcpError, type TcpEvent } from "../../tcp/index.ts";
import { SentBytes } from "./sent-bytes.ts";

/** A connection of the host: an endpoint, what it has told, and what its application may still do with it. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly localPort: number;
  readonly remotePort: number;
  /** What the application has written, to hold the segments against. */
  readonly sent = new SentBytes();
  /** How often its send buffer has been full and has got room again. */
  roomEdges = 0;
  /** It has been ESTABLISHED. */
  established = false;
  /** The peer's FIN has come. */
  ended = false;
  /** The endpoint is CLOSED for good. */
  closed = false;
  /** What it ended with, until a call has told it (SO_ERROR). */
  error: string | null = null;
  /** An ICMP message about the path, which tells a connect what it waited for in vain (RFC 5461). */
  softError: string | null = null;

  /** An active OPEN with Fast Open. */
  readonly opensFast: boolean;
  /** A server's Fast Open cookie has come. */
  onCookie: (cookie: Uint8Array, experimental: boolean) => void = () => {};
  /** The handshake of an active OPEN has ended, which tells what there is to know of the server. */
  onOpened: () => void = () => {};

  constructor(options: EndpointOptions, remotePort: number) {
    this.endpoint = new Endpoint(options);
    this.opensFast = options.fastOpen !== undefined && options.fastOpen.cookieFor === undefined;
    this.localPort = options.local.port;
    this.remotePort = remotePort;
  }

  /** Its SYN opened it at once (RFC 7413). */
  get isEarly(): boolean {
    const { fastOpen } = this.endpoint.status().options;
    return fastOpen === "accepted" || fastOpen === "admitted";
  }

  /** Takes note of what the endpoint tells. */
  take(event: TcpEvent): void {
    switch (event.type) {
      case "established":
        this.established = true;
        if (this.opensFast) this.onOpened();
        break;
      case "cookie":
        this.onCookie(event.cookie, event.experimental);
        break;
      case "writable":
        this.roomEdges++;
        break;
      case "end":
        this.ended = true;
        break;
      case "softError":
        this.softError = event.error.errno;
        break;
      case "closed":
        this.closed = true;
        this.error = this.#errno(event.error);
    }
  }

  /** The error a call has to report, once. */
  takeError(): string | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  /** What the sockets interface calls it: a RST after the peer's FIN breaks the pipe. */
  #errno(error: TcpError | undefined): string | null {
    if (error === undefined || error.code === "connection-aborted") return null;
    if (error.code === "connection-reset" && this.ended) return "EPIPE";
    if (error.timeout !== undefined && this.softError !== null) return this.softError;
    return error.errno;
  }
}

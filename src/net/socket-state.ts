import type { CloseReason, TcpError } from "../tcp/index.ts";
import type { Connection, ConnectionUser } from "./connection.ts";
import { connectionError, SocketError } from "./errors.ts";

/** A promise with what settles it, which is let go once that is done: of most sockets the promise alone lives on. */
class Settlement {
  readonly promise: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever does not look at it need not handle it, as with the `closed` of streams.
    this.promise.catch(ignore);
  }

  resolve(): void {
    this.#resolve();
    this.#forget();
  }

  reject(error: unknown): void {
    this.#reject(error);
    this.#forget();
  }

  #forget(): void {
    this.#resolve = this.#reject = ignore;
  }
}

function ignore(): void {}

// What is so of a socket.
/** ESTABLISHED has been reached. */
const OPEN = 1;
/** The connection is over, well or not. */
const CLOSED = 2;
const ALLOWS_HALF_OPEN = 4;
/** The peer's FIN has come. */
const ENDED = 8;
const END_READ = 16;
/** Our FIN is to come, or has gone: nothing more can be written. */
const FINISHING = 32;
const FINISHES_WHEN_IDLE = 64;
/** `close` was called. */
const CLOSING = 128;
/** There was room again while bytes were handed over: an answer may come from within that. */
const ROOM_AGAIN = 256;
/** Something was written. */
const WRITTEN = 512;

/** Who waits for a socket. */
class Waiting {
  /** ... for bytes, or for room. */
  readers: (() => void)[] | null = null;
  writers: (() => void)[] | null = null;
  /** The last write that has not yet gone whole. */
  lastWrite: Promise<void> | null = null;
  /** Called when the connection is over. */
  onceClosed: (() => void) | null = null;
}

/** Streams over a socket. */
export interface SocketStreams {
  /** Chunks that were written to the stream and have not yet come to the socket. */
  readonly queuedWrites: number;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  failed(error: unknown): void;
}

/**
 * What a socket is beneath its streams: reads, writes and closes that wait for one another, over a connection that
 * waits for nobody.
 */
export class SocketState implements ConnectionUser {
  connection: Connection | null = null;
  /** Why nothing works any more; null as long as it does, and after an orderly end. */
  error: unknown = null;
  streams: SocketStreams | null = null;
  #marks: number;
  /** While it is opening, where somebody waits for that. */
  #opening: Settlement | null = null;
  #closed: Settlement | null = null;
  /** Of an idle socket nobody waits for anything. */
  #waiting: Waiting | null = null;

  constructor(allowHalfOpen: boolean) {
    this.#marks = allowHalfOpen ? ALLOWS_HALF_OPEN : 0;
  }

  /** The connection is over, well or not. */
  get isClosed(): boolean {
    return this.is(CLOSED);
  }

  get whenOpened(): Promise<void> {
    if (this.is(OPEN)) return RESOLVED;
    if (this.isClosed) return Promise.reject(this.error ?? closedBeforeOpen());
    this.#opening ??= new Settlement();
    return this.#opening.promise;
  }

  get whenClosed(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = new Settlement();
      if (this.isClosed) this.settle(this.#closed);
    }
    return this.#closed.promise;
  }

  /** Has `run` called when the connection is over, after those that were set before. */
  set onceClosed(run: () => void) {
    const before = this.waits.onceClosed;
    this.waits.onceClosed =
      before === null
        ? run
        : () => {
            before();
            run();
          };
    if (this.isClosed) run();
  }

  /** Gives it its connection; what was asked for before is done now. */
  attach(connection: Connection): void {
    this.connection = connection;
    connection.user = this;
    wake(this.#waiting?.writers);
  }

  /** The peer has closed, and nobody has read so far yet. */
  get hasUnreadEnd(): boolean {
    return this.is(ENDED) && !this.is(END_READ);
  }

  /** Bytes that `take` would give now. */
  get available(): number {
    return this.connection?.endpoint.readable ?? 0;
  }

  /**
   * Takes what has arrived, without waiting.
   * @returns how many bytes were copied; 0 when none are here yet; null after the last
   * @throws what the socket failed with
   */
  take(into: Uint8Array): number | null {
    if (this.error !== null) throw this.error;
    if (this.connection === null) return this.is(CLOSING) ? null : 0;
    const count = this.connection.receive(into);
    const isMore = this.available > 0 || !(this.is(ENDED) || this.isClosed || this.is(CLOSING));
    if (count > 0 || isMore) return count;
    this.#marks |= END_READ;
    if (!this.is(ALLOWS_HALF_OPEN)) this.finishWhenIdle();
    return null;
  }

  /** Resolves when `take` has something new to say. */
  whenReadable(): Promise<void> {
    return new Promise((resolve) => {
      (this.waits.readers ??= []).push(resolve);
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const count = this.take(into);
      if (count !== 0 || into.length === 0) return count;
      await this.whenReadable();
    }
  }

  /** Hands over bytes; they are borrowed until the promise resolves. Undefined: all are taken already. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.is(FINISHING)) {
      return Promise.reject(this.error ?? new SocketError("writingClosed", "this side is closed"));
    }
    this.#marks |= WRITTEN;
    if (this.lastWrite === null && this.connection !== null && this.error === null) {
      const taken = this.connection.send(bytes);
      if (taken === bytes.length) {
        if (this.is(FINISHES_WHEN_IDLE)) this.finishWhenIdle();
        return undefined;
      }
      bytes = bytes.subarray(taken);
    }
    return this.queueWrite(this.writeRest(bytes, this.lastWrite));
  }

  /** FIN, once all that was written is on its way. */
  finishWriting(): Promise<void> {
    if (!this.is(FINISHING)) {
      this.#marks |= FINISHING;
      if (this.lastWrite === null) this.sendFin();
      else return this.lastWrite.then(() => this.sendFin());
    }
    return this.lastWrite ?? RESOLVED;
  }

  /** Nobody will read any more; what arrives nevertheless is answered with RST. */
  stopReading(): void {
    if (!this.isClosed) this.connection?.stopReceiving();
  }

  /** Writes are finished, and what still arrives is dropped. Resolves, or rejects, as `closed`. */
  close(): Promise<void> {
    if (!this.is(CLOSING) && !this.isClosed) {
      this.#marks |= CLOSING;
      if (this.connection === null) this.end(null);
      else {
        this.connection.discard();
        this.finishWriting().catch(ignore);
        wake(this.#waiting?.readers);
      }
    }
    return this.whenClosed;
  }

  /** RST, and `reason` for everyone who waits. */
  abort(reason: unknown): void {
    if (this.isClosed) return;
    const { connection } = this;
    this.end(reason);
    if (connection !== null) {
      connection.user = null;
      connection.abort();
    }
  }

  opened(): void {
    this.#marks |= OPEN;
    this.#opening?.resolve();
    this.#opening = null;
    // Asked for before it stood.
    const isAsked = this.is(FINISHING) && this.lastWrite === null;
    if (isAsked && !this.connection!.isEnding) this.sendFin();
    wake(this.#waiting?.writers);
  }

  readable(): void {
    wake(this.#waiting?.readers);
  }

  writable(): void {
    this.#marks |= ROOM_AGAIN;
    wake(this.#waiting?.writers);
  }

  ended(): void {
    this.#marks |= ENDED;
    wake(this.#waiting?.readers);
  }

  finished(): void {
    this.end(null);
  }

  failed(reason: CloseReason, error: TcpError | undefined): void {
    // Whoever has closed is not told that the peer never did, nor of the end that this brought about.
    const isExpected = this.is(CLOSING) && (reason === "aborted" || error?.timeout === "finWait2");
    this.end(isExpected ? null : connectionError(reason, error, this.connection!.between));
  }

  cutOff(cause: unknown): void {
    this.end(new SocketError("linkDown", "the link has ended", cause));
  }

  /** It is over: well, when there is no error. */
  end(error: unknown): void {
    if (this.isClosed) return;
    this.#marks |= CLOSED | FINISHING;
    this.error = error;
    this.#opening?.reject(error ?? closedBeforeOpen());
    this.#opening = null;
    if (this.#closed !== null) this.settle(this.#closed);
    if (error !== null) this.streams?.failed(error);
    wake(this.#waiting?.readers);
    wake(this.#waiting?.writers);
    this.#waiting?.onceClosed?.();
  }

  // Methods named with # would cost each socket a field by which engines know whose they are.
  private is(mark: number): boolean {
    return (this.#marks & mark) !== 0;
  }

  /** Made when somebody comes to wait. */
  private get waits(): Waiting {
    this.#waiting ??= new Waiting();
    return this.#waiting;
  }

  private get lastWrite(): Promise<void> | null {
    return this.#waiting === null ? null : this.#waiting.lastWrite;
  }

  private settle(closed: Settlement): void {
    if (this.error === null) closed.resolve();
    else closed.reject(this.error);
  }

  /** The peer's end has been read: ours follows, once all that was written before is on its way. */
  private finishWhenIdle(): void {
    this.#marks |= FINISHES_WHEN_IDLE;
    if (this.lastWrite === null && (this.streams?.queuedWrites ?? 0) === 0) {
      this.finishWriting().catch(ignore);
    }
  }

  /**
   * CLOSE in SYN-SENT deletes the connection (RFC 9293 3.10.4), which only `close` wants, and only when nothing was
   * written: else `opened` sends the FIN.
   */
  private sendFin(): void {
    const { connection } = this;
    if (connection === null || this.isClosed) return;
    const isWanted = this.is(CLOSING) && !this.is(WRITTEN);
    if (connection.endpoint.state !== "SYN-SENT" || isWanted) connection.close();
  }

  private queueWrite(write: Promise<void>): Promise<void> {
    this.waits.lastWrite = write;
    const done = (): void => {
      if (this.lastWrite !== write) return;
      this.waits.lastWrite = null;
      if (this.is(FINISHES_WHEN_IDLE)) this.finishWhenIdle();
    };
    write.then(done, done);
    return write;
  }

  private async writeRest(bytes: Uint8Array, before: Promise<void> | null): Promise<void> {
    if (before !== null) await before;
    for (let at = 0; at < bytes.length; ) {
      if (this.isClosed) throw this.error ?? new SocketError("closed", "the connection is closed");
      this.#marks &= ~ROOM_AGAIN;
      if (this.connection !== null) at += this.connection.send(at === 0 ? bytes : bytes.subarray(at));
      if (at < bytes.length && !this.is(ROOM_AGAIN)) await this.whenWritable();
    }
  }

  private whenWritable(): Promise<void> {
    return new Promise((resolve) => {
      (this.waits.writers ??= []).push(resolve);
    });
  }
}

const RESOLVED = Promise.resolve();

function wake(waiting: (() => void)[] | null | undefined): void {
  if (waiting === null || waiting === undefined || waiting.length === 0) return;
  for (const resolve of waiting.splice(0)) resolve();
}

function closedBeforeOpen(): SocketError {
  return new SocketError("aborted", "closed before the connection stood");
}

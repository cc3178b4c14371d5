import { GZIP_MAGIC } from "../../../assembly/layout/capture.ts";
import { CAPTURE_COMPRESSION, CAPTURE_CUT_SHORT } from "../../../assembly/layout/status.ts";
import type { ByteSource } from "../sources.ts";
import { crc32 } from "./crc32.ts";
import { INFLATE_END, INFLATE_ERROR, INFLATE_NEEDS_INPUT, INFLATE_SLACK, Inflate } from "./inflate.ts";

/** The gzip data are damaged or cut short. What came before has been read. */
export class GzipError extends Error {
  override readonly name = "GzipError";
  /** `CAPTURE_COMPRESSION` or `CAPTURE_CUT_SHORT`. */
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * A source that gives what `source` holds, taken out of gzip where its first two bytes say that it is gzip.
 * Any number of members is read as one (RFC 1952 2.2), zeros behind the last are padding.
 */
export class GunzipSource implements ByteSource {
  readonly #source: ByteSource;
  #sniffed = 0;
  #gunzip: Gunzip | undefined;
  #plain = false;
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Whether the source turned out to be gzip. */
  get isGzip(): boolean {
    return this.#gunzip !== undefined;
  }

  /** @throws {GzipError} when the data are damaged, after all that could be read */
  read(into: Uint8Array<ArrayBuffer>): number | PromiseLike<number> {
    if (this.#gunzip) return this.#gunzip.read(into);
    if (this.#ended) return 0;
    if (this.#plain) return after(this.#source.read(into), (n) => this.#count(n));
    return after(this.#source.read(into.subarray(this.#sniffed)), (n) => this.#sniff(into, this.#count(n)));
  }

  close(): void | PromiseLike<void> {
    return this.#source.close?.();
  }

  // A source is not asked again once it has ended.
  #count(n: number): number {
    this.#ended = n === 0;
    return n;
  }

  #sniff(into: Uint8Array<ArrayBuffer>, n: number): number | PromiseLike<number> {
    const have = this.#sniffed + n;
    if (n > 0 && have < 2) {
      this.#sniffed = have;
      return this.read(into);
    }
    if (have >= 2 && (into[0] | (into[1] << 8)) === GZIP_MAGIC) {
      this.#gunzip = new Gunzip(this.#source, into.subarray(0, have));
      return this.#gunzip.read(into);
    }
    this.#plain = true;
    return have;
  }
}

const INPUT_SIZE = 64 * 1024;

// Flags of the member header (RFC 1952 2.3.1)
const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const RESERVED_FLAGS = 0xe0;
const METHOD_DEFLATE = 8;
const FIXED_HEADER = 10;
const TRAILER = 8;

const AT_HEADER = 0;
const IN_EXTRA = 1;
const IN_NAME = 2;
const IN_COMMENT = 3;
const IN_HEADER_CRC = 4;
const IN_BODY = 5;
const IN_TRAILER = 6;
const AT_PADDING = 7;

class Gunzip {
  readonly #source: ByteSource;
  readonly #inflate = new Inflate();
  /** Input lies from `#at` to `#have`; more than the 64 KiB only if the first read brought more. */
  #input: Uint8Array<ArrayBuffer>;
  #at = 0;
  #have: number;
  /** Bytes of the compressed input before `#input`. */
  #before = 0;
  #sourceEnded = false;

  #state = AT_HEADER;
  #members = 0;
  #flags = 0;
  #crc = 0;
  /** Bytes that the member has given, modulo 2^32. */
  #size = 0;
  #extraLeft = 0;

  constructor(source: ByteSource, first: Uint8Array) {
    this.#source = source;
    this.#input = new Uint8Array(Math.max(INPUT_SIZE, first.length) + INFLATE_SLACK);
    this.#input.set(first);
    this.#have = first.length;
  }

  read(into: Uint8Array<ArrayBuffer>): number | PromiseLike<number> {
    for (;;) {
      const given = this.#give(into);
      if (given > 0) return given;
      if (this.#advance()) continue;
      if (this.#sourceEnded) return this.#end();
      const n = this.#fill();
      if (typeof n !== "number") return after(n, (n) => this.#filled(n, into));
      this.#accept(n);
    }
  }

  #filled(n: number, into: Uint8Array<ArrayBuffer>): number | PromiseLike<number> {
    this.#accept(n);
    return this.read(into);
  }

  #give(into: Uint8Array): number {
    const inflate = this.#inflate;
    const n = Math.min(into.length, inflate.outputEnd - inflate.outputStart);
    if (n === 0) return 0;
    into.set(inflate.output.subarray(inflate.outputStart, inflate.outputStart + n));
    inflate.outputStart += n;
    return n;
  }

  #fill(): number | PromiseLike<number> {
    this.#input.copyWithin(0, this.#at, this.#have);
    this.#before += this.#at;
    this.#have -= this.#at;
    this.#at = 0;
    return this.#source.read(this.#input.subarray(this.#have, this.#input.length - INFLATE_SLACK));
  }

  #accept(n: number): void {
    this.#have += n;
    this.#sourceEnded = n === 0;
  }

  #end(): number {
    if (
      this.#state === AT_PADDING ||
      (this.#state === AT_HEADER && this.#members > 0 && this.#at === this.#have)
    ) {
      return 0;
    }
    throw new GzipError(
      CAPTURE_CUT_SHORT,
      `the gzip data end early, after ${this.#before + this.#have} bytes`,
    );
  }

  #fail(reason: string): never {
    throw new GzipError(CAPTURE_COMPRESSION, `gzip: ${reason} at compressed byte ${this.#before + this.#at}`);
  }

  /** Does what the input at hand allows. False when it needs more. */
  #advance(): boolean {
    switch (this.#state) {
      case AT_HEADER:
        return this.#header();
      case IN_EXTRA:
        return this.#extra();
      case IN_NAME:
        return this.#text(IN_COMMENT, FNAME);
      case IN_COMMENT:
        return this.#text(IN_HEADER_CRC, FCOMMENT);
      case IN_HEADER_CRC:
        return this.#headerCrc();
      case IN_BODY:
        return this.#body();
      case IN_TRAILER:
        return this.#trailer();
      default:
        return this.#padding();
    }
  }

  #header(): boolean {
    const p = this.#input;
    const at = this.#at;
    if (this.#members > 0 && at < this.#have && p[at] === 0) {
      this.#state = AT_PADDING;
      return true;
    }
    // A byte or two may be all that is there.
    const isOther = at < this.#have && p[at] !== (GZIP_MAGIC & 0xff);
    if (isOther || (at + 1 < this.#have && p[at + 1] !== GZIP_MAGIC >> 8)) {
      this.#fail("something else behind a member");
    }
    if (this.#have - at < FIXED_HEADER) return false;
    if (p[at + 2] !== METHOD_DEFLATE) this.#fail("unknown compression method");
    this.#flags = p[at + 3];
    if ((this.#flags & RESERVED_FLAGS) !== 0) this.#fail("reserved flags");
    this.#at += FIXED_HEADER;
    this.#extraLeft = -1;
    this.#state = IN_EXTRA;
    return true;
  }

  #extra(): boolean {
    if ((this.#flags & FEXTRA) !== 0) {
      if (this.#extraLeft < 0) {
        if (this.#have - this.#at < 2) return false;
        this.#extraLeft = this.#input[this.#at] | (this.#input[this.#at + 1] << 8);
        this.#at += 2;
      }
      const n = Math.min(this.#extraLeft, this.#have - this.#at);
      this.#at += n;
      this.#extraLeft -= n;
      if (this.#extraLeft > 0) return false;
    }
    this.#state = IN_NAME;
    return true;
  }

  /** Steps over a text that ends in a zero byte, if the flag says that there is one. */
  #text(next: number, flag: number): boolean {
    if ((this.#flags & flag) !== 0) {
      const zero = this.#input.subarray(0, this.#have).indexOf(0, this.#at);
      this.#at = zero < 0 ? this.#have : zero + 1;
      if (zero < 0) return false;
    }
    this.#state = next;
    return true;
  }

  #headerCrc(): boolean {
    if ((this.#flags & FHCRC) !== 0) {
      if (this.#have - this.#at < 2) return false;
      this.#at += 2;
    }
    this.#inflate.reset();
    this.#crc = 0;
    this.#size = 0;
    this.#state = IN_BODY;
    return true;
  }

  #body(): boolean {
    const inflate = this.#inflate;
    const stop = inflate.run(this.#input, this.#at, this.#have);
    this.#at = inflate.position;
    this.#crc = crc32(inflate.output, inflate.outputStart, inflate.outputEnd, this.#crc);
    this.#size = (this.#size + inflate.outputEnd - inflate.outputStart) >>> 0;
    // What was decoded before the damage comes first: `read` gives it, then comes back here.
    const decoded = inflate.outputEnd > inflate.outputStart;
    if (stop === INFLATE_END) this.#state = IN_TRAILER;
    else if (stop === INFLATE_ERROR && !decoded) this.#fail(inflate.reason);
    else if (stop === INFLATE_NEEDS_INPUT && !decoded) return false;
    return true;
  }

  // RFC 1952 2.3.1
  #trailer(): boolean {
    if (this.#have - this.#at < TRAILER) return false;
    const view = new DataView(this.#input.buffer, this.#at, TRAILER);
    if (view.getUint32(0, true) !== this.#crc) this.#fail("wrong checksum");
    if (view.getUint32(4, true) !== this.#size) this.#fail("wrong length");
    this.#at += TRAILER;
    this.#members++;
    this.#state = AT_HEADER;
    return true;
  }

  #padding(): boolean {
    while (this.#at < this.#have) {
      if (this.#input[this.#at] !== 0) this.#fail("something else behind a member");
      this.#at++;
    }
    return false;
  }
}

/** Goes on with a count at once where it is there, and when it arrives where it is not. */
function after(
  n: number | PromiseLike<number>,
  next: (n: number) => number | PromiseLike<number>,
): number | PromiseLike<number> {
  return typeof n === "number" ? next(n) : n.then(next);
}

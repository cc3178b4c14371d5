import { ScriptError } from "../script.ts";

/** One connection as the script sees it: its numbers begin at its own, the endpoint's somewhere else. */
export class Conversation {
  readonly localPort: number;
  readonly remotePort: number;
  /** The endpoint's initial sequence number, and the script's for it. */
  localIss = 0;
  scriptLocalIss = 0;
  /** The same of the peer, whose real one is the script's plus an offset. */
  remoteIss = 0;
  scriptRemoteIss = 0;
  readonly #remoteOffset: number;
  /** The script's timestamps and the endpoint's that were sent for them. */
  readonly #timestamps = new Map<number, number>();
  #firstTimestamp: { readonly script: number; readonly real: number } | null = null;

  constructor(localPort: number, remotePort: number, remoteOffset: number) {
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.#remoteOffset = remoteOffset;
  }

  /** A SYN of the endpoint names its first number, and the script's packet what it calls it. */
  learnLocal(real: number, script: number): void {
    this.localIss = real;
    this.scriptLocalIss = script;
  }

  learnRemote(script: number): void {
    this.scriptRemoteIss = script;
    this.remoteIss = (script + this.#remoteOffset) >>> 0;
  }

  /** Numbers in packets with SYN count from the script's first number, all others from 0. */
  localToReal(script: number, isSyn: boolean): number {
    return (script + this.localIss - (isSyn ? this.scriptLocalIss : 0)) >>> 0;
  }

  localToScript(real: number, isSyn: boolean): number {
    return (real - this.localIss + (isSyn ? this.scriptLocalIss : 0)) >>> 0;
  }

  remoteToReal(script: number, isSyn: boolean): number {
    return (script + this.remoteIss - (isSyn ? this.scriptRemoteIss : 0)) >>> 0;
  }

  remoteToScript(real: number, isSyn: boolean): number {
    return (real - this.remoteIss + (isSyn ? this.scriptRemoteIss : 0)) >>> 0;
  }

  /** The endpoint has sent `real` where the script has `script`. */
  learnTimestamp(script: number, real: number): void {
    this.#firstTimestamp ??= { script, real };
    this.#timestamps.set(script, real);
  }

  /** The endpoint's timestamp in the script's count, which begins with the first one. */
  timestampToScript(real: number): number | null {
    const first = this.#firstTimestamp;
    return first === null ? null : (real - first.real + first.script) >>> 0;
  }

  /**
   * What a packet echoes for the script's timestamp.
   * @throws {ScriptError} when the endpoint has sent nothing of the kind
   */
  echo(script: number, scaled: boolean, line: number): number {
    const known = this.#timestamps.get(script);
    if (known !== undefined) return known;
    const first = this.#firstTimestamp;
    if (!scaled || first === null) {
      throw new ScriptError(line, `ecr ${script} echoes a timestamp that was never sent`);
    }
    return (script - first.script + first.real) >>> 0;
  }
}

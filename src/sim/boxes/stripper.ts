import {
  OPT_EOL,
  OPT_NOP,
  SYN,
  TCP_CHECKSUM,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
} from "../../../assembly/layout/wire.ts";
import { get16 } from "../../wire/bytes.ts";
import { updateChecksum } from "../../wire/rewrite.ts";
import { tcpOffset } from "../packet.ts";
import { Box } from "./box.ts";

/**
 * A box that overwrites TCP options of some kinds with NOP, as "normalising" firewalls do: by default in SYNs alone,
 * where they are agreed on.
 */
export class OptionStripper extends Box {
  readonly #kinds: ReadonlySet<number>;
  readonly #everywhere: boolean;
  /** Options overwritten so far. */
  stripped = 0;

  /** @param kinds option kinds, as IANA numbers them: 3 window scale, 4 SACK permitted, 8 timestamps */
  constructor(
    name: string,
    kinds: Iterable<number>,
    { everywhere = false }: { readonly everywhere?: boolean } = {},
  ) {
    super(name);
    this.#kinds = new Set(kinds);
    this.#everywhere = everywhere;
  }

  protected handle(packet: Uint8Array): undefined {
    const at = tcpOffset(packet);
    if (at >= 0 && (this.#everywhere || packet[at + TCP_OFFSET_FLAGS + 1] & SYN)) this.#strip(packet, at);
  }

  #strip(packet: Uint8Array, tcp: number): void {
    const end = Math.min(packet.length, tcp + (packet[tcp + TCP_OFFSET_FLAGS] >> 4) * 4);
    let at = tcp + TCP_OPTIONS;
    while (at < end && packet[at] !== OPT_EOL) {
      const length = packet[at] === OPT_NOP ? 1 : packet[at + 1];
      if (length < 1 || at + length > end || (length < 2 && packet[at] !== OPT_NOP)) return;
      if (packet[at] !== OPT_NOP && this.#kinds.has(packet[at])) {
        this.stripped++;
        for (let i = at; i < at + length; i++) replace(packet, tcp, i, OPT_NOP);
      }
      at += length;
    }
  }
}

/** Changes one byte, and the checksum with the word that it is half of. */
function replace(packet: Uint8Array, tcp: number, at: number, value: number): void {
  const start = at - ((at - tcp) & 1);
  const before = get16(packet, start);
  packet[at] = value;
  const sum = updateChecksum(get16(packet, tcp + TCP_CHECKSUM), before, get16(packet, start));
  packet[tcp + TCP_CHECKSUM] = sum >>> 8;
  packet[tcp + TCP_CHECKSUM + 1] = sum;
}

// What may stand behind a finding. Each rule ties it to something that the path or an end did, or to a rule of
// Wireshark's that a path without faults meets as well.
import { ACK, FIN, RST, SYN } from "../../assembly/layout/wire.ts";
import { seq as numbers } from "../../src/wire/index.ts";
import type { Truth } from "./tap.ts";

/** What is found of windows, silence and Fast Open, which are no faults. */
const ALWAYS = new Set([
  "window_update",
  "window_full",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
  "keep_alive",
  "keep_alive_ack",
  "tfo_syn",
  "tfo_ack",
  "reused_ports", // see conversation.ts
]);

const SENT_AGAIN = new Set([
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
]);

/** One end, as far as the capture has shown it. */
class End {
  /** Behind the last number that it has sent. */
  next: number | undefined;
  acknowledged = 0;
  /** Probes that it has sent and that were not answered yet: each is, and at once (RFC 9293 3.10.7.4, 3.8.6.1). */
  probes = 0;
  /** Behind the bytes of its zero-window probes, which Wireshark does not count as sent. */
  readonly probed = new Set<number>();
  /** It has sent something again, so maybe in other pieces. */
  hasRepeated = false;
  /** What it acknowledges was said in a probe, and such a one is dropped unread (RFC 9293 3.10.7.4, first). */
  acknowledgedByProbe = false;
  /**
   * Wireshark has gone back to an earlier number of it: at a SYN that comes late or again to the one that may be
   * acknowledged; and when 0 was next, which it takes for none, to that of whatever came.
   */
  wentBack = false;
}

/** Goes through a capture and holds what was found against what is true. */
export class Explainer {
  readonly #ends = [new End(), new End()] as const;

  /** Takes the next segment. @returns the first of the names of what was found that nothing explains */
  unexplained(truth: Truth, ack: number, names: readonly string[]): string | undefined {
    const found = names.find((name) => !this.#isExplained(name, truth, ack));
    this.#follow(truth, ack, names);
    return found;
  }

  #isExplained(name: string, truth: Truth, ack: number): boolean {
    const me = this.#ends[truth.host];
    const peer = this.#ends[1 - truth.host];
    if (ALWAYS.has(name)) return true;
    if (SENT_AGAIN.has(name)) return truth.repeats || truth.overtaken || truth.again;
    switch (name) {
      case "lost_segment":
        return truth.ahead || me.probed.has(truth.seq) || me.wentBack;
      // The number that may be acknowledged moves on with a segment that begins there, and with no other.
      case "ack_lost_segment":
        return peer.hasRepeated || peer.probed.size > 0 || peer.wentBack;
      case "duplicate_ack":
        // The acknowledgment of a SYN without ACK is 0: the first that acknowledges the number 0xffffffff repeats it.
        return truth.disturbed || peer.probes > 0 || me.acknowledgedByProbe || me.wentBack || ack === 0;
      default:
        return false;
    }
  }

  #follow({ host, seq, flags, length, repeats }: Truth, ack: number, names: readonly string[]): void {
    const me = this.#ends[host];
    const peer = this.#ends[1 - host];
    if (flags & RST) return;
    const end = (seq + length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    me.wentBack ||= (me.next === 0 && seq !== 0) || (me.next !== undefined && (flags & (SYN | ACK)) === SYN);
    // Wireshark knows a keep-alive by its number, one below the next; where a SYN's data was left out it stands lower.
    const isOld = length === 0 && !(flags & (SYN | FIN)) && me.next !== undefined && numbers.lt(seq, me.next);
    if (me.next === undefined || numbers.gt(end, me.next)) me.next = end;
    const isProbe = names.includes("keep_alive") || names.includes("zero_window_probe") || isOld;
    if (isProbe) me.probes++;
    else if (names.some((name) => ANSWERS.has(name)) && peer.probes > 0) peer.probes--;
    if (names.includes("zero_window_probe")) me.probed.add(end);
    me.hasRepeated ||= repeats;
    me.acknowledgedByProbe = isProbe && ack !== me.acknowledged;
    if (flags & ACK) me.acknowledged = ack;
  }
}

const ANSWERS = new Set(["keep_alive_ack", "zero_window_probe_ack", "duplicate_ack"]);

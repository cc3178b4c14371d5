import type { Tcb } from "./tcb.ts";

/**
 * Notes [left, right), received once more, for the next acknowledgment (RFC 2883 4). AccECN asks for it whatever
 * the settings say: its acknowledgments of acknowledgments could pass for duplicates otherwise (RFC 9768 3.3).
 */
export function noteDuplicate(tcb: Tcb, left: number, right: number): void {
  if (!tcb.sack || !(tcb.settings.dsack || tcb.ecn?.accurate)) return;
  tcb.rcv.repeated = { left, right };
}

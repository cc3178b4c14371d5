// The states of both ends (RFC 9293 3.3.2) as far as segments show them. An end is moved by what it sends,
// and by an acknowledgment of its own SYN or FIN: what was seen is taken to have arrived.
import {
  STATE_CLOSE_WAIT,
  STATE_CLOSED,
  STATE_CLOSING,
  STATE_ESTABLISHED,
  STATE_FIN_WAIT_1,
  STATE_FIN_WAIT_2,
  STATE_LAST_ACK,
  STATE_SYN_RECEIVED,
  STATE_SYN_SENT,
  STATE_TIME_WAIT,
  STATE_UNSEEN,
} from "../layout/flow-findings";
import { R_STATES } from "../layout/flow-record";
import { ACK, FIN, RST, SYN } from "../layout/wire";

/** R_STATES of an established conversation. */
export const BOTH_ESTABLISHED: u32 = STATE_ESTABLISHED | (STATE_ESTABLISHED << 4);

/**
 * Moves both ends on for a segment of the end `direction` (0: client). `closes` tells that it acknowledges
 * the peer's FIN. Returns the states: the sender's | the peer's << 4.
 */
// @ts-ignore: decorator
@inline
export function advance(record: u32, direction: u32, flags: u32, closes: bool): u32 {
  const states = <u32>load<u8>(record, R_STATES);
  if (states == BOTH_ESTABLISHED && !(flags & (SYN | FIN | RST))) return states;
  return advanceRare(record, direction, flags, closes, states);
}

function advanceRare(record: u32, direction: u32, flags: u32, closes: bool, states: u32): u32 {
  let sender = (states >> (direction << 2)) & 15;
  let peer = (states >> ((direction ^ 1) << 2)) & 15;
  if (flags & RST) {
    sender = STATE_CLOSED;
    peer = STATE_CLOSED;
  } else if (flags & SYN) {
    const early = sender <= <u32>STATE_SYN_SENT;
    if (flags & ACK) {
      if (early) sender = STATE_SYN_RECEIVED;
      if (peer == STATE_UNSEEN) peer = STATE_SYN_SENT;
      // Simultaneous open: both have sent a SYN, and this acknowledges the peer's.
      else if (peer == STATE_SYN_RECEIVED) peer = STATE_ESTABLISHED;
    } else if (early) sender = STATE_SYN_SENT;
  } else {
    if (flags & ACK) {
      if (sender <= <u32>STATE_SYN_RECEIVED && sender != STATE_CLOSED) sender = STATE_ESTABLISHED;
      if (peer == STATE_UNSEEN || peer == STATE_SYN_RECEIVED) peer = STATE_ESTABLISHED;
    }
    if (closes) {
      if (sender == STATE_ESTABLISHED) sender = STATE_CLOSE_WAIT;
      else if (sender == STATE_FIN_WAIT_1) sender = STATE_CLOSING;
      else if (sender == STATE_FIN_WAIT_2) sender = STATE_TIME_WAIT;
      if (peer == STATE_FIN_WAIT_1) peer = STATE_FIN_WAIT_2;
      else if (peer == STATE_CLOSING) peer = STATE_TIME_WAIT;
      else if (peer == STATE_LAST_ACK) peer = STATE_CLOSED;
    }
    if (flags & FIN) {
      if (sender <= <u32>STATE_ESTABLISHED && sender != STATE_CLOSED) sender = STATE_FIN_WAIT_1;
      else if (sender == STATE_CLOSE_WAIT) sender = STATE_LAST_ACK;
    }
  }
  const next = direction == 0 ? sender | (peer << 4) : peer | (sender << 4);
  store<u8>(record, <u8>next, R_STATES);
  return sender | (peer << 4);
}

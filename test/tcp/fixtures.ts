// One fixture a state. Each ends at t = 0, with the peer's window 50,000 and MSS 1,000, so that numbers are
// easy to read; a round trip took 100 ms.
import type { Fixture, Options, World } from "./world.ts";

/** What the peer's SYN offers. */
export interface Peer {
  /** Options of its SYN. */
  readonly offers?: string;
  readonly win?: number;
}

const PLAIN: Peer = {};
const ROUND_TRIP = 100;

/** An endpoint that was just made. */
export function closed(options: Options = {}): Fixture {
  return { options, begin: (t) => t.at(0) };
}

export function listen(options: Options = {}): Fixture {
  return {
    options: { remote: undefined, ...options },
    begin: (t) => t.at(0).do((endpoint) => endpoint.listen()),
  };
}

/** Our SYN is out. */
export function synSent(options: Options = {}): Fixture {
  return {
    options,
    begin: (t) => {
      t.at(0).connect();
      t.take();
    },
  };
}

/** A SYN came to a listener, and its SYN,ACK is out. */
export function synReceived(options: Options = {}, peer = PLAIN): Fixture {
  const { options: all, begin } = listen(options);
  return {
    options: all,
    begin: (t) => {
      begin(t);
      t.in(`S 0:0(0) win ${peer.win ?? 50_000} <${peer.offers ?? "mss 1000"}>`);
      t.take();
    },
  };
}

/** Opened actively, the peer's SYN,ACK acknowledged. */
export function established(options: Options = {}, peer = PLAIN): Fixture {
  return {
    options,
    begin: (t) => {
      t.at(-ROUND_TRIP).connect();
      t.take();
      t.at(0).in(`S. 0:0(0) ack 1 win ${peer.win ?? 50_000} <${peer.offers ?? "mss 1000"}>`);
      t.out(". 1:1(0) ack 1").told("established");
    },
  };
}

/** Opened passively, our SYN,ACK acknowledged. */
export function accepted(options: Options = {}, peer = PLAIN): Fixture {
  return {
    options: { remote: undefined, ...options },
    begin: (t) => {
      t.at(-ROUND_TRIP).do((endpoint) => endpoint.listen());
      t.in(`S 0:0(0) win ${peer.win ?? 50_000} <${peer.offers ?? "mss 1000"}>`);
      t.take();
      t.at(0)
        .in(`. 1:1(0) ack 1 win ${peer.win ?? 50_000}`)
        .told("established");
    },
  };
}

/** We closed; the FIN is out. */
export function finWait1(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(established(options, peer), (t) => t.close().out("F. 1:1(0) ack 1").state("FIN-WAIT-1"));
}

/** ... and acknowledged. */
export function finWait2(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(finWait1(options, peer), (t) => t.in(". 1:1(0) ack 2 win 50000").state("FIN-WAIT-2"));
}

/** Both sides closed at once; neither FIN is acknowledged by the peer yet. */
export function closing(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(finWait1(options, peer), (t) =>
    t.in("F. 1:1(0) ack 1 win 50000").out(". 2:2(0) ack 2").told("end").state("CLOSING"),
  );
}

/** The peer has closed. */
export function closeWait(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(established(options, peer), (t) =>
    t.in("F. 1:1(0) ack 1 win 50000").out(". 1:1(0) ack 2").told("end").state("CLOSE-WAIT"),
  );
}

/** ... and so have we. */
export function lastAck(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(closeWait(options, peer), (t) => t.close().out("F. 1:1(0) ack 2").state("LAST-ACK"));
}

/** We closed first, then the peer. */
export function timeWait(options: Options = {}, peer = PLAIN): Fixture {
  return followedBy(finWait2(options, peer), (t) =>
    t.in("F. 1:1(0) ack 2 win 50000").out(". 2:2(0) ack 2").told("end").state("TIME-WAIT"),
  );
}

/** A fixture that goes on where another ends. */
export function followedBy({ options, begin }: Fixture, more: (t: World) => void): Fixture {
  return {
    options,
    begin: (t) => {
      begin(t);
      more(t);
    },
  };
}

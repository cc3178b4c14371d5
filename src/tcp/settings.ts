/** Keep-alive (RFC 9293 3.8.4). Times are milliseconds. */
export interface KeepAlive {
  /** Silence before the first probe; 7,200,000 (two hours: the least default the RFC allows, MUST-28). */
  readonly idle: number;
  /** Between probes; 75,000. */
  readonly interval: number;
  /** Unanswered probes that end the connection; 9, so that no single loss kills it (MUST-29). */
  readonly probes: number;
  /** Sends one garbage byte with each probe, for peers that answer no empty segment (MAY-6); false. */
  readonly garbageByte: boolean;
}

/** How far a connection goes along with ECN. */
export type EcnMode =
  /** Neither asks nor agrees. */
  | "off"
  /** Agrees when the peer asks (RFC 3168 or RFC 9768), never asks. */
  | "accept"
  /** Asks for classic ECN, agrees to either. */
  | "classic"
  /** Asks for AccECN, falls back to classic. */
  | "accurate";

/**
 * Every knob of a connection. Sizes are bytes, times milliseconds. Defaults are those of a current Linux
 * kernel unless the comment gives another reason.
 */
export interface Settings {
  /** Largest IP packet of the path's first link; 1500 (Ethernet). Bounds what is sent and what MSS is announced. */
  readonly mtu: number;
  /**
   * Finds by itself what the path takes (RFC 4821), as Linux's tcp_mtu_probing: "blackHole" only makes segments smaller
   * (then larger again) after `retries1` timeouts, "always" begins small, "off" leaves it to ICMP. "blackHole" is
   * the default, as ICMP seldom finds its way to a stack that is not the host's own.
   */
  readonly mtuProbing: "off" | "blackHole" | "always";
  /** Largest segment to announce and to send, as TCP_MAXSEG; 0 takes `mtu` less the fixed headers (RFC 9293 3.7.1). */
  readonly mss: number;
  /** The peer's MSS counts as at least this; 88, so that a tiny one cannot multiply segments (CVE-2019-11477). */
  readonly minMss: number;

  /** Send buffer to start with; 65,536. */
  readonly sndBuf: number;
  /** What the send buffer may grow to as cwnd grows; 4 MiB. Equal to `sndBuf` it never grows. */
  readonly sndBufMax: number;
  /** Receive buffer to start with, which is also the first window offered (65,535 of it in the SYN); 65,536. */
  readonly rcvBuf: number;
  /** What the receive buffer may grow to as the application keeps up; 6 MiB. Equal to `rcvBuf` it never grows. */
  readonly rcvBufMax: number;
  /** Ranges of out-of-order bytes kept; 1,024. Past it such segments are dropped, so that 1-byte segments cost no more (CVE-2018-5390). */
  readonly maxOutOfOrderRanges: number;

  /** Offers and accepts window scaling (RFC 7323 2); true. */
  readonly windowScaling: boolean;
  /** Shift to announce, 0 to 14; -1 takes the least that can express `rcvBufMax`. */
  readonly windowScale: number;
  /** Offers and accepts timestamps (RFC 7323 3); true. */
  readonly timestamps: boolean;
  /** Offers and accepts selective acknowledgment (RFC 2018); true. */
  readonly sack: boolean;
  /** Reports duplicates with SACK (RFC 2883); true. */
  readonly dsack: boolean;
  /** Explicit congestion notification; "accept". */
  readonly ecn: EcnMode;

  /** Sends small segments at once, without Nagle's algorithm (RFC 9293 3.7.4); false. */
  readonly noDelay: boolean;
  /** Holds partial segments back until it is cleared, at most `corkTime`; false. */
  readonly cork: boolean;
  /** Longest that `cork` holds bytes; 200. */
  readonly corkTime: number;
  /** Overrides silly-window avoidance of the sender after this long (RFC 9293 3.8.6.2.1: 0.1 to 1 s); 200. */
  readonly overrideTimeout: number;
  /** Longest an acknowledgment waits for company; 40. 0 acknowledges each segment (RFC 9293 3.8.6.3: below 500). */
  readonly delayedAck: number;
  /** Acknowledgments sent without delay while the peer is in slow start; 16. */
  readonly quickAcks: number;

  /** RTO before any measurement (RFC 6298 2.1); 1,000. */
  readonly initialRto: number;
  /**
   * Least that RTO lies above SRTT; 200, as in Linux: RTO is SRTT + max(minRto, 4 RTTVAR). RFC 6298 2.4 asks for an RTO of
   * 1,000 at least, which no current kernel waits; 1,000 here keeps to it.
   */
  readonly minRto: number;
  /** Largest RTO (RFC 6298 2.5: at least 60,000); 120,000. */
  readonly maxRto: number;
  /** Retransmissions of a SYN; 6, which is 127 s. RFC 9293 3.8.3 asks for 3 minutes at least (MUST-23); 7 gives 255 s and is the default. */
  readonly synRetries: number;
  /** Retransmissions of a SYN,ACK; 5, as a half-open connection costs its listener memory. */
  readonly synAckRetries: number;
  /** R1 of RFC 9293 3.8.3 in retransmissions: the path is reported as suspect; 3. */
  readonly retries1: number;
  /** R2 of RFC 9293 3.8.3 in retransmissions: the connection is given up; 15, which is 15 minutes or more. */
  readonly retries2: number;
  /** Ends the connection when sent data stays unacknowledged this long (RFC 5482); 0 leaves it to `retries2`. */
  readonly userTimeout: number;
  /** Announces `userTimeout` to the peer, in SYN and the first segment after it (RFC 5482 3.2); false. */
  readonly announceUserTimeout: boolean;
  /** Follows the peer's announced user timeout where `userTimeout` is 0; false, as RFC 5482 3.1 has it (ENABLED). */
  readonly acceptUserTimeout: boolean;

  /** 2 MSL: how long TIME-WAIT lasts; 60,000 (the RFC's MSL of 2 minutes would hold it for 4). */
  readonly timeWait: number;
  /** Ignores RST in TIME-WAIT (RFC 1337); false. */
  readonly timeWaitIgnoresRst: boolean;
  /** FIN-WAIT-2 when the application receives no more; 60,000. */
  readonly finWait2: number;
  /** Keep-alive, off by default (null), as MUST-25 wants it. */
  readonly keepAlive: KeepAlive | null;
  /** Zero-window probes carry the next byte ("byte", RFC 9293 MUST-36 and SHLD-29) or nothing ("empty", as Linux); "byte". */
  readonly windowProbe: "byte" | "empty";

  /** Initial window in segments (RFC 6928); 10. */
  readonly initialCwnd: number;
  /** Upper bound of cwnd in bytes; 1 GiB. */
  readonly maxCwnd: number;
  /** The congestion controller; "cubic". */
  readonly congestion: "cubic" | "reno";
  /** Leaves slow start on rising delay (RFC 9406); true. */
  readonly hystart: boolean;
  /** Shrinks cwnd after an idle RTO (RFC 5681 4.1); true. */
  readonly idleRestart: boolean;
  /** Spreads segments over the round trip instead of sending them at once; false. */
  readonly pacing: boolean;
  /** Duplicate acknowledgments, or SACKed segments, that mean loss (RFC 5681 3.2, RFC 6675 2); 3. */
  readonly dupThresh: number;
  /** Sends new data on the first two duplicate acknowledgments (RFC 3042); true. */
  readonly limitedTransmit: boolean;
  /** Detects losses by time and probes tails (RFC 8985), where SACK is in use; true. Else by counting (RFC 6675). */
  readonly rack: boolean;
  /** Probes for a lost tail in the place of the first timeout (RFC 8985 7), where `rack` is in use; true. */
  readonly tailLossProbe: boolean;
  /** Undoes spurious timeouts (RFC 5682); true. */
  readonly frto: boolean;

  /** Challenge ACKs in `challengeAckPeriod` (RFC 5961 7); 10, counted per connection so that no other learns of it (CVE-2016-5696). */
  readonly challengeAcks: number;
  /** The period of `challengeAcks`; 5,000. */
  readonly challengeAckPeriod: number;
  /** Least time between answers to empty segments outside the window, so that two confused ends do not ping-pong; 500. */
  readonly outOfWindowAckInterval: number;
}

/** The defaults. Shared by all connections that change none of them. */
export const DEFAULTS: Settings = Object.freeze({
  mtu: 1500,
  mtuProbing: "blackHole",
  mss: 0,
  minMss: 88,
  sndBuf: 65536,
  sndBufMax: 4 * 1024 * 1024,
  rcvBuf: 65536,
  rcvBufMax: 6 * 1024 * 1024,
  maxOutOfOrderRanges: 1024,
  windowScaling: true,
  windowScale: -1,
  timestamps: true,
  sack: true,
  dsack: true,
  ecn: "accept",
  noDelay: false,
  cork: false,
  corkTime: 200,
  overrideTimeout: 200,
  delayedAck: 40,
  quickAcks: 16,
  initialRto: 1000,
  minRto: 200,
  maxRto: 120_000,
  synRetries: 7,
  synAckRetries: 5,
  retries1: 3,
  retries2: 15,
  userTimeout: 0,
  announceUserTimeout: false,
  acceptUserTimeout: false,
  timeWait: 60_000,
  timeWaitIgnoresRst: false,
  finWait2: 60_000,
  keepAlive: null,
  windowProbe: "byte",
  initialCwnd: 10,
  maxCwnd: 1 << 30,
  congestion: "cubic",
  hystart: true,
  idleRestart: true,
  pacing: false,
  dupThresh: 3,
  limitedTransmit: true,
  rack: true,
  tailLossProbe: true,
  frto: true,
  challengeAcks: 10,
  challengeAckPeriod: 5000,
  outOfWindowAckInterval: 500,
});

const KEEP_ALIVE: KeepAlive = { idle: 7_200_000, interval: 75_000, probes: 9, garbageByte: false };

/** What a caller may give: any subset of the settings; `keepAlive: true` takes its defaults. */
export type SettingsInput = Partial<Omit<Settings, "keepAlive">> & {
  readonly keepAlive?: Partial<KeepAlive> | boolean | null;
};

/**
 * A complete, checked set of settings: `base` with `changes` applied. Endpoints that share one hold it
 * once, so a server makes it once and hands it to every connection.
 *
 * @throws {RangeError} when a number lies outside what its comment allows
 * @throws {TypeError} for a name that is no setting, or a value of another type
 */
export function settings(changes: SettingsInput = {}, base: Settings = DEFAULTS): Settings {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    if (!(name in DEFAULTS)) throw new TypeError(`no such setting: ${name}`);
    result[name] =
      name === "keepAlive" ? keepAlive(changes.keepAlive) : checked(name as keyof Settings, value);
  }
  // A buffer set above its bound moves the bound: who asks for 1 MiB means it.
  const made = result as { -readonly [K in keyof Settings]: Settings[K] };
  if (made.rcvBuf > made.rcvBufMax) made.rcvBufMax = made.rcvBuf;
  if (made.sndBuf > made.sndBufMax) made.sndBufMax = made.sndBuf;
  if (made.maxRto < made.minRto) throw new RangeError("maxRto is below minRto");
  return Object.freeze(made);
}

// [least, largest]; what is not named here is a time: 0 up to about 24 days.
const RANGES: Partial<Record<keyof Settings, readonly [number, number]>> = {
  mtu: [68, 65535 + 40],
  mss: [0, 65535],
  minMss: [1, 536],
  sndBuf: [1, 1 << 30],
  sndBufMax: [1, 1 << 30],
  rcvBuf: [0, 1 << 30],
  rcvBufMax: [0, 1 << 30],
  maxOutOfOrderRanges: [0, 1 << 20],
  windowScale: [-1, 14],
  delayedAck: [0, 499],
  quickAcks: [0, 1 << 20],
  minRto: [1, 60_000],
  synRetries: [0, 127],
  synAckRetries: [0, 127],
  retries1: [0, 127],
  retries2: [0, 127],
  initialCwnd: [1, 1 << 16],
  maxCwnd: [536, 1 << 30],
  dupThresh: [1, 127],
  challengeAcks: [0, 1 << 20],
};
const CHOICES: Partial<Record<keyof Settings, readonly string[]>> = {
  ecn: ["off", "accept", "classic", "accurate"],
  mtuProbing: ["off", "blackHole", "always"],
  windowProbe: ["byte", "empty"],
  congestion: ["cubic", "reno"],
};
const LONGEST_TIME = 2 ** 31 - 1;

function checked(name: keyof Settings, value: unknown): unknown {
  const type = typeof DEFAULTS[name];
  if (typeof value !== type) throw new TypeError(`${name}: expected a ${type}`);
  if (typeof value === "string") {
    const choices = CHOICES[name]!;
    if (!choices.includes(value)) throw new RangeError(`${name}: expected one of ${choices.join(", ")}`);
  }
  if (typeof value === "number") inRange(name, value, ...(RANGES[name] ?? ([0, LONGEST_TIME] as const)));
  return value;
}

function keepAlive(value: Partial<KeepAlive> | boolean | null | undefined): KeepAlive | null {
  if (value === null || value === false || value === undefined) return null;
  const made = { ...KEEP_ALIVE, ...(value === true ? {} : value) };
  inRange("keepAlive.idle", made.idle, 1, LONGEST_TIME);
  inRange("keepAlive.interval", made.interval, 1, LONGEST_TIME);
  inRange("keepAlive.probes", made.probes, 1, 127);
  return Object.freeze(made);
}

function inRange(name: string, value: number, least: number, largest: number): void {
  if (!(value >= least && value <= largest)) {
    throw new RangeError(`${name}: ${value} is outside ${least} to ${largest}`);
  }
}

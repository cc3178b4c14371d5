import type { SettingsInput } from "../../tcp/index.ts";

/** A sysctl by its meaning for an endpoint: the settings it changes, given those that stand. */
type Mapping = (value: readonly number[], text: string, now: SettingsInput) => SettingsInput;

const SECOND = 1000;
const FIRST_WINDOW = 65535;
const isOn = ([value]: readonly number[]) => value !== 0;
const nothing: Mapping = () => ({});

/** Linux's, by the name behind `net.ipv4.`. */
const LINUX: Readonly<Record<string, Mapping>> = {
  // The first window is 65,535 at most, however large the buffer; it grows as data arrive, as ours does.
  tcp_rmem: ([, start, most]) => ({ rcvBuf: Math.min(start, FIRST_WINDOW), rcvBufMax: most }),
  tcp_wmem: ([, start, most]) => ({ sndBuf: start, sndBufMax: most }),
  tcp_timestamps: (v) => ({ timestamps: isOn(v) }),
  tcp_sack: (v) => ({ sack: isOn(v) }),
  tcp_dsack: (v) => ({ dsack: isOn(v) }),
  tcp_window_scaling: (v) => ({ windowScaling: isOn(v) }),
  tcp_syn_retries: ([n]) => ({ synRetries: n }),
  tcp_synack_retries: ([n]) => ({ synAckRetries: n }),
  tcp_retries1: ([n]) => ({ retries1: n }),
  tcp_retries2: ([n]) => ({ retries2: n }),
  tcp_frto: (v) => ({ frto: isOn(v) }),
  tcp_reordering: ([n]) => ({ dupThresh: n }),
  tcp_congestion_control: (_, name) => ({ congestion: name as "cubic" }),
  tcp_slow_start_after_idle: (v) => ({ idleRestart: isOn(v) }),
  tcp_recovery: ([bits]) => ({ rack: (bits & 1) !== 0 }),
  tcp_mtu_probing: ([mode]) => ({ mtuProbing: (["off", "blackHole", "always"] as const)[mode] ?? "off" }),
  tcp_early_retrans: ([mode]) => ({ tailLossProbe: mode >= 3 }),
  tcp_ecn: ([mode]) => ({ ecn: (["off", "classic", "accept", "accurate"] as const)[mode] ?? "accurate" }),
  tcp_keepalive_time: ([s], _, now) => ({ keepAlive: keepAlive(now, { idle: s * SECOND }) }),
  tcp_keepalive_intvl: ([s], _, now) => ({ keepAlive: keepAlive(now, { interval: s * SECOND }) }),
  tcp_keepalive_probes: ([n], _, now) => ({ keepAlive: keepAlive(now, { probes: n }) }),
  tcp_fin_timeout: ([s]) => ({ finWait2: s * SECOND }),
  tcp_rfc1337: (v) => ({ timeWaitIgnoresRst: isOn(v) }),
  tcp_min_snd_mss: ([n]) => ({ minMss: n }),
  tcp_invalid_ratelimit: ([ms]) => ({ outOfWindowAckInterval: ms }),
  tcp_rto_min_us: ([us]) => ({ minRto: us / SECOND }),
  tcp_rto_max_ms: ([ms]) => ({ maxRto: ms }),
  // Not of an endpoint but of its host: see FastOpenPolicy.
  tcp_fastopen: nothing,
  tcp_fastopen_key: nothing,
  tcp_fastopen_cookies: nothing,
  tcp_fastopen_blackhole_timeout_sec: nothing,
  // How a kernel cuts, paces and caches, where this endpoint sends plain segments.
  tcp_fack: nothing,
  tcp_tso_win_divisor: nothing,
  tcp_min_tso_segs: nothing,
  tcp_pacing_ss_ratio: nothing,
  tcp_pacing_ca_ratio: nothing,
  tcp_no_metrics_save: nothing,
  tcp_syncookies: nothing,
  tcp_autocorking: nothing,
  tcp_ecn_option: nothing,
  tcp_base_mss: nothing,
  tcp_notsent_lowat: nothing,
};

/** FreeBSD's, by the name behind `net.inet.tcp.`. Its times are milliseconds. */
const FREEBSD: Readonly<Record<string, Mapping>> = {
  rfc1323: (v) => ({ windowScaling: isOn(v), timestamps: isOn(v) }),
  "sack.enable": (v) => ({ sack: isOn(v) }),
  delayed_ack: (v) => (isOn(v) ? {} : { delayedAck: 0 }),
  delacktime: ([ms]) => ({ delayedAck: ms }),
  recvspace: ([n]) => ({ rcvBuf: n }),
  recvbuf_max: ([n]) => ({ rcvBufMax: n }),
  sendspace: ([n]) => ({ sndBuf: n }),
  sendbuf_max: ([n]) => ({ sndBufMax: n }),
  mssdflt: nothing,
  minmss: ([n]) => ({ minMss: n }),
  msl: ([ms]) => ({ timeWait: 2 * ms }),
  keepidle: ([ms], _, now) => ({ keepAlive: keepAlive(now, { idle: ms }) }),
  keepintvl: ([ms], _, now) => ({ keepAlive: keepAlive(now, { interval: ms }) }),
  keepcnt: ([n], _, now) => ({ keepAlive: keepAlive(now, { probes: n }) }),
  finwait2_timeout: ([ms]) => ({ finWait2: ms }),
  initcwnd_segments: ([n]) => ({ initialCwnd: n }),
  "cc.algorithm": (_, name) => ({ congestion: (name === "newreno" ? "reno" : name) as "reno" }),
  "ecn.enable": ([mode]) => ({
    ecn: (["off", "classic", "accept", "accurate"] as const)[mode] ?? "accurate",
  }),
  rexmit_min: ([ms]) => ({ minRto: ms }),
  rexmit_initial: ([ms]) => ({ initialRto: ms }),
  rexmit_drop_options: nothing,
  syncookies: nothing,
  "hostcache.purgenow": nothing,
  "reass.maxqueuelen": ([n]) => ({ maxOutOfOrderRanges: n }),
};

/**
 * Settings that a sysctl changes.
 * @returns null for one that means nothing to an endpoint, or that nobody has mapped
 */
export function sysctlSettings(name: string, text: string, now: SettingsInput): SettingsInput | null {
  const mapping = name.startsWith("net.ipv4.")
    ? LINUX[name.slice("net.ipv4.".length)]
    : name.startsWith("net.inet.tcp.")
      ? FREEBSD[name.slice("net.inet.tcp.".length)]
      : undefined;
  return mapping?.(text.trim().split(/\s+/).map(Number), text.trim(), now) ?? null;
}

/** Times for whoever turns keep-alive on: alone they turn nothing on, so they are kept aside as an object. */
function keepAlive(now: SettingsInput, change: object): SettingsInput["keepAlive"] {
  return { ...(typeof now.keepAlive === "object" ? now.keepAlive : {}), ...change };
}

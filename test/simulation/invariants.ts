import { check } from "./failure.ts";
import type { Host } from "./host.ts";
import type { HostPlan } from "./plan.ts";

/** A buffer that is set in the middle may have grown, and has offered that before. */
function largestBuffer({ settings, application }: HostPlan): number {
  const set = application.changes.flatMap(({ settings }) => settings.rcvBuf ?? []);
  return set.length === 0 ? settings.rcvBuf! : Math.max(settings.rcvBuf!, settings.rcvBufMax!, ...set);
}

/** What holds of an endpoint at any time, by its STATUS. */
export function checkInvariants(host: Host): void {
  const { snd, rcv, congestion, rtt, timers, state, counters } = host.endpoint.status();
  const name = "AB"[host.number];
  const that = (holds: boolean, what: string) => check(holds, () => `${name}: ${what}`);
  const sent = (snd.nxt - snd.una) | 0;
  that(sent >= 0, `SND.UNA ${snd.una} is past SND.NXT ${snd.nxt}`);
  that(snd.inFlight >= 0 && snd.inFlight <= 2 * sent, `${snd.inFlight} of ${sent} bytes in flight`);
  that(snd.unsent <= snd.queued, `${snd.unsent} of ${snd.queued} queued bytes unsent`);
  that(snd.mss >= 1 || state === "LISTEN" || state === "SYN-SENT" || state === "CLOSED", "no MSS");
  that(congestion.cwnd >= 0, `cwnd ${congestion.cwnd}`);
  that(rcv.wnd >= 0, `RCV.WND ${rcv.wnd}`);
  // Rounding moves the edge on, at most a quarter and a unit.
  const most = Math.max(rcv.buffer, largestBuffer(host.plan)) * 1.25 + 2 * 2 ** rcv.scale;
  that(rcv.queued + rcv.outOfOrder <= most, `${rcv.queued} and ${rcv.outOfOrder} bytes wait`);
  that(rtt.rto > 0 && Number.isFinite(rtt.rto), `RTO ${rtt.rto}`);
  that(rtt.srtt >= 0, `SRTT ${rtt.srtt}`);
  that(Number.isFinite(congestion.cwnd) && Number.isFinite(congestion.ssthresh), "cwnd or ssthresh");
  for (const [timer, deadline] of Object.entries(timers)) {
    that(!Number.isNaN(deadline), `timer ${timer} is ${deadline}`);
  }
  that(state !== "CLOSED" || Object.keys(timers).length === 0, "CLOSED with a timer");
  that(counters.retransmits <= counters.segmentsOut, "more retransmissions than segments");
}

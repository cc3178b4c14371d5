import { type Case, endOf, ms, type Rule, serverOf } from "../case.ts";
import { count, duration, type Finding } from "../diagnosis.ts";
import type { Resume } from "../story.ts";

/**
 * A session was silent for long, nothing kept it alive, and the next data met a RST or nothing at all:
 * something on the way (load balancer, NAT, firewall) had an idle timeout and forgot the session, and told
 * neither end (RFC 5382 REQ-5 lets a NAT do so after 2 h 4 min; load balancers wait 1 to 10 minutes).
 */
export const idleTimeout: Rule = (c) => {
  const failed = c.story.resumes.find((r) => r.answer === "rst" || (r.answer === "none" && isGivenUp(r, c)));
  return failed ? [tell(c, failed)] : [];
};

// One retransmission can be lost on the best of ways; after a silence as long as timeouts are, it says something.
function isGivenUp({ retries, time, idle }: Resume, c: Case): boolean {
  if (retries.total >= 2) return true;
  return retries.total === 1 && idle >= 60_000_000_000n && c.captureEnd - time > 3_000_000_000n;
}

function tell(c: Case, resume: Resume): Finding {
  const idle = ms(resume.idle);
  const survived = ms(c.server.survivedIdle);
  const suggested = suggestIdle(idle, survived);
  const kept =
    suggested <= survived ? "would have kept this session" : "is below the timeout of most such devices";
  const sender = endOf(c, resume.direction);
  const silent = resume.answer === "none";
  const met = silent
    ? `nothing: ${count(resume.retries.total, "retransmission")} went unanswered`
    : `a RST after ${duration(ms(resume.answerAfter))} (frame ${resume.answerFrame})`;
  const other = resume.answerOtherTtl
    ? " The RST has another TTL than the peer's own segments, so something in between sent it."
    : "";
  const bound =
    survived > 0 && survived < idle
      ? ` Silences of up to ${duration(survived)} were survived, so the timeout lies between ${duration(survived)} and ${duration(idle)}.`
      : "";
  const zombie = silent
    ? " The other end was told nothing: unless it sends keep-alive probes itself, it holds a zombie connection."
    : "";
  return {
    name: "idle-timeout",
    severity: "problem",
    key: `${serverOf(c)} ${resume.answer}`,
    stream: c.record.stream,
    title: `An idle session was forgotten after ${duration(idle)} of silence; the next data met ${silent ? "silence" : "a RST"}`,
    explanation: `After ${duration(idle)} in which neither data nor keep-alive probes passed, ${sender} sent data (frame ${resume.frame}) and met ${met}. A load balancer, NAT or firewall between the ends drops sessions that are idle for longer than its timeout and tells nobody, or the peer itself has given the session up.${other}${bound}${zombie}`,
    advice: `Turn TCP keep-alive on with an idle time below the timeout: ${Math.round(suggested / 1000)} s ${kept} (Linux: TCP_KEEPIDLE or net.ipv4.tcp_keepalive_time=${Math.round(suggested / 1000)}; Node: setKeepAlive(true, ${Math.round(suggested)})). Or let the connection pool close sessions that were idle for longer than that.`,
    frames: [resume.frame, ...resume.retries.list, ...(resume.answerFrame ? [resume.answerFrame] : [])],
    values: {
      idle,
      survivedIdle: survived,
      suggestedKeepAliveIdle: suggested,
      answeredAfter: ms(resume.answerAfter),
    },
  };
}

// What survived is certain to keep a session; where only short silences did, a minute is below the timeout of
// nearly everything that has one (and half of the silence, where that was short itself).
const ORDINARY = 60_000;

function suggestIdle(idle: number, survived: number): number {
  const proven = survived >= ORDINARY / 2 && survived < idle;
  const seconds = (proven ? survived : Math.min(ORDINARY, idle / 2)) / 1000;
  const step = seconds >= 600 ? 60 : seconds > 60 ? 10 : seconds >= 10 ? 5 : 1;
  return Math.max(1, Math.floor(seconds / step) * step) * 1000;
}

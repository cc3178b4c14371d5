import { directions, endOf, ms, type Rule, recordSide, serverOf, storySide } from "../case.ts";
import { count, duration } from "../diagnosis.ts";
import { blackHole, perhapsBlackHole, pingSize } from "./path-mtu.ts";

/** Keep-alive probes without answer: the peer is gone, and the connection is a zombie until they end it. */
export const keepAliveUnanswered: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    const { keepAlive } = recordSide(c, direction);
    const probes = side.unansweredProbes;
    // A single probe at the end of a capture may have been answered behind it.
    if (probes.length < 2) return [];
    const unanswered = keepAlive?.unanswered ?? probes.length;
    const interval = keepAlive?.interval ?? 0;
    const cleared = side.rst > 0;
    const end = cleared
      ? `Then it gave up and sent a RST (frame ${side.rst}): keep-alive has cleared a zombie connection.`
      : "The capture ends before it gave up: until then the connection is a zombie that holds its memory and its place in the pool.";
    return [
      {
        name: "keep-alive-unanswered",
        severity: "problem",
        key: serverOf(c),
        stream: c.record.stream,
        title: `${count(unanswered, "keep-alive probe")} went unanswered: the peer is gone`,
        explanation: `${capital(endOf(c, direction))} probed ${unanswered} times${interval ? `, every ${duration(ms(interval))},` : ""} and heard nothing: the other end crashed, lost its network, or something on the way drops the session. ${end}`,
        advice: interval
          ? `How long a vanished peer goes unnoticed is idle time + interval × probes: lower TCP_KEEPINTVL (here ${duration(ms(interval))}) or TCP_KEEPCNT where that is too long.`
          : "How long a vanished peer goes unnoticed is idle time + interval × probes (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT).",
        frames: cleared ? [...probes, side.rst] : probes,
        values: {
          unanswered,
          interval: ms(interval),
          idle: ms(keepAlive?.idle ?? 0),
          cleared: Number(cleared),
        },
      },
    ];
  });

/** Data sent again and again into silence, without a long idle time before it. */
export const peerVanished: Rule = (c) => {
  if (c.record.outcome !== "silent" || c.story.resumes.some(({ answer }) => answer === "none")) return [];
  return directions.flatMap((direction) => {
    const side = storySide(c, direction);
    const seen = storySide(c, direction === 0 ? 1 : 0).segments > 0;
    if (blackHole(c, direction)) return [];
    const large = perhapsBlackHole(c, direction);
    if (side.mostRetries < 3 || side.unansweredProbes.length > 0 || (!seen && side.repeats < 3)) return [];
    return [
      {
        name: "peer-vanished",
        severity: "problem",
        key: serverOf(c),
        stream: c.record.stream,
        title: `${capital(endOf(c, direction))} got no answer any more: the same data was sent ${side.mostRetries + 1} times`,
        explanation: `${seen ? "The conversation was alive until data" : "Nothing of the other end is in the capture: data"} from ${endOf(c, direction)} went unanswered and was sent again ${side.mostRetries} times. The peer or the way to it is gone; nothing ended the connection.${large ? ` Or only packets so large (${large.size.toLocaleString("en-US")} bytes) are dropped: nothing of that size had been acknowledged before, and a path-MTU black hole looks alike. ping -M do -s ${pingSize(c, large.size)} to the other end tells.` : ""}`,
        advice:
          "Where waiting for the retransmissions to end (15 minutes on Linux) is too long, set a user timeout: TCP_USER_TIMEOUT (RFC 5482), or net.ipv4.tcp_retries2.",
        frames: side.sentAgain.list,
        values: { retransmissions: side.mostRetries },
      },
    ];
  });
};

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

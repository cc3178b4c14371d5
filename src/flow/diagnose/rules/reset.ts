import { directions, endOf, nameOf, type Rule, recordSide, serverOf, storySide } from "../case.ts";
import { count } from "../diagnosis.ts";

/** A RST without ACK to data: the answer of an end that knows no such session (RFC 9293 3.10.7.1). */
export const unknownSession: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    const resumed = c.story.resumes.some(({ answerFrame }) => answerFrame === side.unknownSession);
    if (!side.unknownSession || resumed || c.record.closedBy !== nameOf(direction) || side.otherTtl.total > 0)
      return [];
    const peer = direction === 0 ? 1 : 0;
    return [
      {
        name: "unknown-session",
        severity: "problem",
        key: serverOf(c),
        stream: c.record.stream,
        title: `${endOf(c, direction).replace("the ", "The ")} answered data with "I know no such session"`,
        explanation: `The RST in frame ${side.unknownSession} carries no ACK and the number that the data had acknowledged: so answers a TCP that has no connection with these addresses and ports. The peer of ${endOf(c, peer)} restarted or gave the connection up, or a balancer sent the data to a machine that never had it, while ${endOf(c, peer)} still thought it open.`,
        advice:
          "Retry on a new connection. If it happens to pooled connections after a quiet time, turn keep-alive on below the idle timeout of what stands between; if after deployments, drain connections before a restart.",
        frames: [storySide(c, peer).lastDataFrame, side.unknownSession].filter((frame) => frame > 0),
        values: {},
      },
    ];
  });

/** A RST whose TTL or sequence number says that the end did not send it. */
export const resetInjected: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    // A number out of the window alone can be an old segment; an end that goes on after it did not send it.
    const resets = [...side.otherTtl.list, ...(side.dataAfterRst.total > 0 ? side.outOfWindow.list : [])];
    if (resets.length === 0) return [];
    // A balancer that answers for a session it forgot is told by the idle timeout.
    if (c.story.resumes.some((r) => r.answer === "rst" && resets.includes(r.answerFrame))) return [];
    const goesOn = side.dataAfterRst.total > 0;
    return [
      {
        name: "reset-injected",
        severity: "warning",
        key: serverOf(c),
        stream: c.record.stream,
        title: `A RST in the name of ${endOf(c, direction)} was probably sent by something in between`,
        explanation: `${count(resets.length, "RST")} from ${endOf(c, direction)} came with another TTL than its other segments (${recordSide(c, direction).ttl}), or with a sequence number that a real one would not have${goesOn ? ", and it went on sending data afterwards" : ""}. Firewalls, intrusion prevention and censors reset connections so.`,
        advice:
          "Look for a firewall, proxy or intrusion prevention system on the path, and for a rule of it that this traffic meets.",
        frames: [...resets, ...side.dataAfterRst.list],
        values: { resets: resets.length, dataAfterReset: side.dataAfterRst.total },
      },
    ];
  });

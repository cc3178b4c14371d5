import { type Case, endOf, ms, type Rule, serverOf } from "../case.ts";
import { count, duration, type Finding } from "../diagnosis.ts";

/** A SYN that nobody answered. */
export const synUnanswered: Rule = (c) => {
  const { record, story } = c;
  const syn = story.sides[0].syn;
  const waited = c.captureEnd - story.sides[0].synTime;
  if (syn.total === 0 || record.server.packets > 0) return [];
  // Who acknowledges or sends data was answered: the capture lacks that direction.
  if (record.client.packets > syn.total + (story.sides[0].rst ? 1 : 0)) return [];
  // One SYN just before the end of the capture may be answered behind it.
  if (syn.total < 2 && waited < 3_000_000_000n) return [];
  return [
    {
      name: "syn-unanswered",
      severity: "problem",
      key: serverOf(c),
      stream: record.stream,
      title: `Connections to ${address(c)} are not answered`,
      explanation: `${endOf(c, 0).replace("the ", "The ")} sent ${count(syn.total, "SYN")} to ${address(c)} and heard nothing in ${duration(ms(waited))}. The machine is off or unreachable, a firewall drops the SYN (or the answer) silently, or the listener's queue is full.`,
      advice:
        "Check routes and firewall rules for this address and port, and the listener's backlog (on Linux: nstat TcpExtListenDrops). A firewall that rejects instead of dropping lets clients fail at once.",
      frames: syn.list,
      values: { syns: syn.total, waited: ms(waited) },
    },
  ];
};

/** A SYN answered by RST: nothing listens there. */
export const synRefused: Rule = (c) => {
  const { record, story } = c;
  const [client, server] = story.sides;
  if (client.syn.total === 0 || server.syn.total > 0 || !server.rst) return [];
  return [
    {
      name: "syn-refused",
      severity: "problem",
      key: serverOf(c),
      stream: record.stream,
      title: `Connections to ${address(c)} are refused`,
      explanation: `The SYN of ${endOf(c, 0)} was answered by a RST (frame ${server.rst}): the machine is there, but nothing listens on port ${record.server.port}, or a firewall refuses in its name.`,
      advice:
        "Start the service or correct the port; if the service is up, look at which address it listens on.",
      frames: [...client.syn.list, server.rst],
      values: { syns: client.syn.total },
    },
  ];
};

// Who sends a SYN waits a second for the answer (RFC 6298 2.1), some systems less at first.
const SLOW = 500_000_000n;

/** A handshake that came about after SYNs had been sent again: seconds that a user waits before anything happens. */
export const slowHandshake: Rule = (c) => {
  const { record, story } = c;
  const [client, server] = story.sides;
  const took = story.openedAt - client.synTime;
  if (client.syn.total === 0 || story.openedAt < 0n || took < SLOW) return [];
  if (client.syn.total < 2 && server.syn.total < 2) return [];
  // On a path that long the SYN is sent again before its answer can be there.
  const way = (record.client.rtt?.min ?? 0) + (record.server.rtt?.min ?? 0);
  if (way > 0.6 * Number(took)) return [];
  // An answer to the first SYN shows that it arrived.
  const answered = client.syn.total === 1 || server.synTime < client.lastSynTime;
  return [
    {
      name: "slow-handshake",
      severity: "warning",
      key: `${serverOf(c)} ${answered}`,
      stream: record.stream,
      title: `Connecting to ${address(c)} took ${duration(ms(took))}: the handshake had to be sent again`,
      explanation: `${endOf(c, 0).replace("the ", "The ")} sent ${count(client.syn.total, "SYN")}, the server ${count(server.syn.total, "SYN,ACK")}, until the connection stood. ${
        answered
          ? "The server did answer before: its SYN,ACK, or the ACK of it, got lost on the way, or the client did not take it."
          : "The first answer came only to a SYN that was sent again: those before it were lost, or dropped because the listener's queue was full."
      } Most systems wait a second before they send a SYN again, then twice as long each time (RFC 6298).`,
      advice: answered
        ? "Look for loss from the server to the client, for ways there and back that differ, and for something in between that changes or drops SYN,ACKs."
        : "Check the listener's backlog (on Linux: nstat TcpExtListenOverflows TcpExtListenDrops; raise listen()'s backlog and net.core.somaxconn) and look for loss towards the server. Connections that are kept open and used again do not pay for it each time.",
      frames: [...client.syn.list, ...server.syn.list],
      values: { syns: client.syn.total, synAcks: server.syn.total, took: ms(took) },
    },
  ];
};

// A port may be used again after 2 MSL, a minute on Linux (RFC 9293 3.6.1).
const TIME_WAIT = 60_000_000_000n;

/** The same ports again while the server may still be in TIME-WAIT. */
export const portReuse: Rule = (c) => {
  const { before, story, record } = c;
  if (!story.reusedPorts || !before) return [];
  const since = record.start - before.end;
  if (before.outcome !== "fin" || since > TIME_WAIT) return [];
  const failed = record.server.packets === 0 || (story.sides[1].rst > 0 && story.sides[1].syn.total === 0);
  const finding: Finding = {
    name: "port-reuse",
    severity: failed ? "problem" : "note",
    key: `${serverOf(c)} ${failed}`,
    stream: record.stream,
    title: failed
      ? "A port was used again too soon: the new connection failed"
      : "A port was used again within a minute of the connection before",
    explanation: `${endOf(c, 0).replace("the ", "The ")} opened a new connection from the same port ${duration(ms(since))} after the last one had closed (conversation ${before.stream}). The end that closed first is in TIME-WAIT then, to keep segments of the old connection out of the new one${failed ? ", and did not take the SYN" : "; here the new connection was taken (RFC 6191 allows it where timestamps or sequence numbers prove the SYN new)"}.`,
    advice: failed
      ? "Use more source ports or addresses, keep connections open and reuse them, and leave timestamps on (RFC 7323) so that a new SYN can be told from an old one."
      : "",
    frames: [story.reusedPorts],
    values: { since: ms(since) },
  };
  return [finding];
};

/** Options of the handshake that went missing on the way. */
export const optionsStripped: Rule = (c) => {
  const { record, story, server } = c;
  const { client } = record;
  const syns = story.sides;
  if (story.changedSyn)
    return [strip(c, "The SYN was captured twice with different options", [...story.changedSyn])];
  if (syns[0].syn.total === 0 || syns[1].syn.total === 0) return [];
  const lost = [
    client.offersWindowScale && !record.server.offersWindowScale && server.scaled > 0 && "window scaling",
    client.offersSack && !record.server.offersSack && server.sacked > 0 && "SACK",
    client.offersTimestamps && !record.server.offersTimestamps && server.timestamped > 0 && "timestamps",
  ].filter(Boolean);
  const frames = [...syns[0].syn.list, ...syns[1].syn.list];
  if (lost.length > 0) {
    return [
      strip(c, `The server agrees to ${lost.join(" and ")} with others, but not with this client`, frames),
    ];
  }
  const agreed = client.offersTimestamps && record.server.offersTimestamps;
  const without = syns.find((side) => agreed && side.withoutTimestamps.total >= 3);
  if (without)
    return [
      strip(
        c,
        "Timestamps were agreed on and are missing from later segments",
        without.withoutTimestamps.list,
      ),
    ];
  return [];
};

function strip(c: Case, title: string, frames: readonly number[]): Finding {
  return {
    name: "options-stripped",
    severity: "warning",
    key: serverOf(c),
    stream: c.record.stream,
    title: "Something on the way removes or changes TCP options",
    explanation: `${title}. Firewalls and "TCP normalisers" do that; without window scaling a connection is limited to 64 KiB a round trip, without SACK it recovers slowly from loss.`,
    advice:
      "Find the middlebox that rewrites TCP options, and let it pass window scale, SACK-permitted and timestamps.",
    frames,
    values: {},
  };
}

function address(c: Case): string {
  const { address: ip, port } = c.record.server;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

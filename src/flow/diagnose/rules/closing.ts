import { directions, endOf, ms, type Rule, recordSide, serverOf, storySide } from "../case.ts";
import { duration } from "../diagnosis.ts";

// A close that takes longer than this is not on its way any more.
const LONG = 30_000_000_000n;

/** One end closed, the other acknowledged that and never closed: its application leaks the socket. */
export const closeWait: Rule = (c) =>
  directions.flatMap((direction) => {
    const closer = storySide(c, direction);
    const other = direction === 0 ? 1 : 0;
    const sleeper = storySide(c, other);
    if (!closer.fin || sleeper.fin || !closer.finAcked) return [];
    // A RST of either end leaves no socket in CLOSE-WAIT (RFC 9293 3.10.7.4, second).
    if (closer.rst || sleeper.rst) return [];
    // Whoever still sends data uses the half-open connection as it is meant to be used.
    const last = sleeper.lastDataTime > closer.finTime ? sleeper.lastDataTime : closer.finTime;
    const since = c.captureEnd - last;
    if (since < LONG) return [];
    const { state } = recordSide(c, other);
    return [
      {
        name: "close-wait",
        severity: "problem",
        key: serverOf(c),
        stream: c.record.stream,
        title: `${endOf(c, other).replace("the ", "The ")} never closed its side: CLOSE-WAIT for ${duration(ms(since))}`,
        explanation: `${endOf(c, direction).replace("the ", "The ")} closed (FIN in frame ${closer.fin}), the other end acknowledged that and then neither sent data nor closed for ${duration(ms(since))}, to the end of the capture. It stays in CLOSE-WAIT as long as its application holds the socket; such sockets add up until no more can be opened.`,
        advice:
          "The application must close the socket when a read gives end-of-file (read() == 0, 'end' in Node). Look for a path that forgets it: an error branch, a pool that never checks its idle connections.",
        frames: [closer.fin],
        values: { since: ms(since), inCloseWait: Number(state === "CLOSE-WAIT") },
      },
    ];
  });

import { directions, endOf, type Rule, recordSide, storySide } from "../case.ts";
import { count } from "../diagnosis.ts";

/** One direction of a living conversation is not in the capture. */
export const oneSided: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = recordSide(c, direction);
    const peer = recordSide(c, direction === 0 ? 1 : 0);
    if (peer.packets > 0 || side.packets < 4) return [];
    // A SYN alone is a question that nobody answered, data again and again too; here somebody we do not see goes on.
    const { syn, repeats } = storySide(c, direction);
    if (syn.total === side.packets || repeats >= 2) return [];
    return [
      {
        name: "one-sided",
        severity: "note",
        key: "",
        stream: c.record.stream,
        title: "Only one direction is in the capture",
        explanation: `${endOf(c, direction).replace("the ", "The ")} sent ${count(side.packets, "segment")} and nothing of the other end is there, though the conversation goes on. Packets come and go by different ways (asymmetric routing, one link of a bundle), or the capture's filter fits one direction only. Losses, round trips and states cannot be told from one side.`,
        advice: "Capture at an end, or on every link that the traffic may take (mirror both directions).",
        frames: [c.record.firstFrame],
        values: { segments: side.packets },
      },
    ];
  });

/** What the capture shows of one end's own network card: checksums not yet there, segments not yet cut. */
export const offload: Rule = (c) =>
  directions.flatMap((direction) => {
    const side = storySide(c, direction);
    const record = recordSide(c, direction);
    const mss = recordSide(c, direction === 0 ? 1 : 0).mss;
    const large = mss !== undefined && record.largestPayload > mss;
    const partial = side.partialChecksums > 0;
    // Cards that take no partial sum leave what was in memory there: every segment of one end is "bad".
    const never = side.badChecksums >= 3 && side.badChecksums > side.segments * 0.9 && record.packets > 0;
    if (!large && !partial && !never) return [];
    const what = [
      partial && `${count(side.partialChecksums, "checksum")} that only cover the pseudo-header`,
      never && "checksums that are wrong in nearly every segment",
      large &&
        `segments of up to ${record.largestPayload.toLocaleString("en-US")} bytes, above the MSS of ${mss}`,
    ].filter(Boolean);
    return [
      {
        name: "offload",
        severity: "note",
        key: `${record.address} ${partial} ${never} ${large}`,
        stream: c.record.stream,
        title: `The capture was taken inside ${record.address}${large && !partial && !never ? " or its peer" : ""}: offloading shows`,
        explanation: `${endOf(c, direction).replace("the ", "The ")} sends ${what.join(" and ")}. The network card does that work behind the point of capture (checksum and segmentation offload; on receipt it joins segments before the capture sees them). On the wire the packets were as they should be.`,
        advice:
          "Nothing is wrong. To see packets as on the wire, capture on another machine or turn offloading off for the time (ethtool -K IFACE tx off tso off gso off gro off).",
        frames: [c.record.firstFrame],
        values: { partial: side.partialChecksums, largest: record.largestPayload },
      },
    ];
  });

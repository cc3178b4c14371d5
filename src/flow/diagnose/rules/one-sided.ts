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

// A bad path between the Host and the kernel: everything arrives all the same, both ways.
import assert from "node:assert/strict";
import { drain, patternSum, sendPattern } from "../lab/stage.mjs";
import { FLOW_CONTROL } from "../lab/tshark.mjs";

const SIZE = 2_000_000;

const LOST = ["retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order"];
const RECOVERY = [...LOST, "lost_segment", "ack_lost_segment", "duplicate_ack", ...FLOW_CONTROL];

const paths = {
  "2 % loss": { loss: 0.02 },
  "10 ms of delay and 4 ms of jitter, which reorders": { delay: 10, jitter: 4 },
  "5 % duplication": { duplicate: 0.05 },
  "1 % corruption": { corrupt: 0.01 },
  "all of that at once": { loss: 0.01, duplicate: 0.01, corrupt: 0.005, delay: 5, jitter: 3 },
};

export const faults = Object.entries(paths).flatMap(([name, path], i) =>
  [4, 6].map((version) => ({
    name: `2 MB each way over a path with ${name}, IPv${version}`,
    allows: RECOVERY,
    damages: path.corrupt > 0,
    seed: 100 * version + i,
    async run(stage) {
      const [ours, theirs] = await stage.connect(version);
      stage.link.faults = { in: path, out: path };
      const sending = [
        sendPattern(ours, SIZE).then(() => ours.closeWriting()),
        theirs.send(SIZE).then(() => theirs.shutdown()),
      ];
      const [got, theyGot] = await Promise.all([drain(ours), theirs.drain(), ...sending]);
      const expected = { length: SIZE, sha256: patternSum(SIZE) };
      assert.deepEqual(got, expected);
      assert.deepEqual({ length: theyGot.length, sha256: theyGot.sha256 }, expected);
      const { lost, duplicated, corrupted } = stage.link.counts;
      assert.equal(lost > 0, (path.loss ?? 0) > 0);
      assert.equal(duplicated > 0, (path.duplicate ?? 0) > 0);
      assert.equal(corrupted > 0, (path.corrupt ?? 0) > 0);
      await theirs.close();
      await ours.closed;
    },
  })),
);

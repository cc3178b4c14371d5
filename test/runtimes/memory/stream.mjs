// Nothing on disk: one chunk of records again and again, 5 GB of it.
import { readCapture } from "tcpwire/capture";
import { frames, pcap } from "../suite/vectors.js";

const bytes = pcap(frames(5, 5_000));
const records = bytes.subarray(24);
const repeats = Math.ceil(5e9 / records.length);

async function* endless() {
  yield bytes;
  for (let i = 1; i < repeats; i++) yield records;
}

const expected = (await lastOffset(bytes)) + records.length * (repeats - 1);
const actual = await lastOffset(endless());
if (actual !== expected || expected < 2 ** 32)
  throw new Error(`the last frame lies at ${actual}, not ${expected}`);

async function lastOffset(source) {
  let last = -1;
  for await (const batch of readCapture(source)) {
    if (batch.length > 0) last = batch.fileOffset[batch.length - 1];
  }
  return last;
}

// Writes the capture that ships with the repository: a story told by made-up but faithful traffic, the same
// bytes on every run, with the package's own segments and writer.
//
//   npm run build && node scripts/make-sample.mjs            writes sample/story.pcapng
//   node scripts/make-sample.mjs - | tcpwire -               writes to standard output
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PcapngWriter } from "../dist/capture.js";
import { names, story } from "./sample/story.mjs";

const out = process.argv[2] ?? "sample/story.pcapng";
const bytes = sample();
if (out === "-") writeSync(1, bytes);
else {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bytes);
}

function sample() {
  const start = BigInt(Date.UTC(2026, 2, 2, 9)) * 1_000_000n;
  const writer = new PcapngWriter({
    application: "tcpwire scripts/make-sample.mjs",
    comments: ["Ten minutes of an application server, made up. Addresses are those kept for documentation."],
    interfaces: [
      { name: "eth0", description: "to everything", linkType: 1, snapLength: 262144, ticksPerSecond: 1e6 },
      { name: "eth1", description: "to the storage", linkType: 1, snapLength: 262144, ticksPerSecond: 1e6 },
    ],
  });
  writer.writeNames(names);
  const frames = story();
  for (const { at, link, frame, comments } of frames) {
    const time = start + BigInt(Math.round(at * 1000)) * 1000n;
    writer.write({ time, bytes: frame, interfaceId: link, comments });
  }
  const end = start + BigInt(Math.ceil(frames.at(-1).at / 1000)) * 1_000_000_000n;
  for (const interfaceId of [0, 1]) {
    const received = frames.filter(({ link }) => link === interfaceId).length;
    writer.writeStatistics(interfaceId, { time: end, start, end, received, dropped: 0 });
  }
  return writer.take();
}

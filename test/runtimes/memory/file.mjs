import { createReadStream } from "node:fs";
import { readCapture } from "tcpwire/capture";

let segments = 0;
let last = 0;
for await (const batch of readCapture(createReadStream(process.argv[2], { highWaterMark: 1 << 20 }))) {
  segments += batch.length;
  if (batch.length > 0) last = batch.fileOffset[batch.length - 1];
}
console.log(JSON.stringify({ segments, last }));

import { readCaptureFile } from "tcpwire/node";

let segments = 0;
let last = 0;
for await (const batch of readCaptureFile(process.argv[2])) {
  segments += batch.length;
  if (batch.length > 0) last = batch.fileOffset[batch.length - 1];
}
console.log(JSON.stringify({ segments, last }));

// Under a Content-Security-Policy that refuses WebAssembly: everything but that goes on, and the refusal can
// be caught where the module would first be needed.
import { readCaptureSync } from "tcpwire/capture";
import { checksum, seq } from "tcpwire/wire";
import { frames, pcap } from "./vectors.js";

const result = {
  seq: seq.lt(0xffffffff, 0),
  checksum: checksum(new Uint8Array(5000).fill(1)),
  refused: "no",
};
try {
  for (const batch of readCaptureSync(pcap(frames(1, 10)))) result.refused = `${batch.length} rows`;
} catch (error) {
  result.refused = error instanceof WebAssembly.CompileError ? "CompileError" : String(error);
}
globalThis.result = JSON.stringify(result);

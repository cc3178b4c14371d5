import { readCapture } from "tcpwire/capture";

document.querySelector("input").addEventListener("change", async ({ target }) => {
  let [segments, last, heap] = [0, 0, 0];
  try {
    const capture = readCapture(target.files[0]);
    for await (const batch of capture) {
      segments += batch.length;
      if (batch.length > 0) last = batch.fileOffset[batch.length - 1];
      if (segments % 64 === 0) heap = Math.max(heap, performance.memory.usedJSHeapSize);
    }
    heap = Math.max(heap, performance.memory.usedJSHeapSize);
    globalThis.result = { segments, last, heap, wasm: capture.memorySize };
  } catch (error) {
    globalThis.result = { error: String(error) };
  }
});

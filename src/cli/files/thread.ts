import { Worker } from "node:worker_threads";
import type { FileEvent, FileThread } from "./file-task.ts";

/** A thread of the operating system that runs the command line's own code. */
export function startThread(): FileThread {
  // Beside the bundle that this is part of: dist/.
  const worker = new Worker(new URL("./file-worker.js", import.meta.url));
  let listener: (event: FileEvent) => void = () => {};
  worker.on("message", (event) => listener(event));
  worker.on("error", (error) => listener({ error: { kind: "bug", message: error.stack ?? error.message } }));
  return {
    run(task, listen) {
      listener = listen;
      worker.postMessage({ task });
    },
    printed: (bytes) => worker.postMessage({ printed: bytes }),
    end: () => worker.terminate(),
  };
}

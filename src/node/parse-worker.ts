// What the threads of `readCaptureParallel` run.
import { openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerSetup } from "./parallel/protocol.ts";
import { RangeWorker } from "./parallel/range-worker.ts";

const setup = workerData as WorkerSetup;
const descriptor = openSync(setup.path, "r");
const worker = new RangeWorker(
  setup,
  (into, offset) => readSync(descriptor, into, 0, into.length, offset),
  (report) => parentPort!.postMessage(report),
);
parentPort!.on("message", (task) => worker.take(task));

// What the threads of a command line with several files run.
import { parentPort } from "node:worker_threads";
import { TaskRunner } from "./files/run-task.ts";

const port = parentPort!;
const runner = new TaskRunner(
  (event) => port.postMessage(event),
  () => performance.now(),
);
port.on("message", (message) => {
  if ("printed" in message) runner.printed(message.printed);
  else void runner.run(message.task);
});

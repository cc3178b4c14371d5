#!/usr/bin/env node
import { readFileSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { fileSource } from "../node/index.ts";
import { EXIT_BUG } from "./errors.ts";
import { startThread } from "./files/thread.ts";
import { run } from "./run.ts";
import { nodeSink } from "./terminal/sink.ts";

// The package's own, beside dist/.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

try {
  process.exitCode = await run(
    process.argv.slice(2),
    {
      stdout: nodeSink(process.stdout),
      stderr: nodeSink(process.stderr),
      env: process.env,
      stdin: () => fileSource(0),
      stdinIsTerminal: isatty(0),
      clock: () => performance.now(),
      startThread,
    },
    version,
  );
} catch (error) {
  console.error("tcpwire: this is a bug of tcpwire's, please report it:");
  console.error(error);
  process.exitCode = EXIT_BUG;
}

// A TCP stack in a program of its own, raced beside ours:
//
//   STACK="./target/release/my-stack --quiet" npm run bench -- --with bench/adapters/stack-process.js --only endpoint
//
// The program reads a line from its standard input and answers each with one on its standard output: the nanoseconds
// that the work took, or "error" and why not.
//
//   transfer MTU TOTAL CHUNK DELIVERED   the bytes of the file CHUNK, again and again, TOTAL in all, over one connection
//                                        between two of its ends, in IPv4 packets of up to MTU bytes, checksums computed
//                                        and verified; what arrives goes to the file DELIVERED, outside the time, or
//                                        nowhere when that is "-"
//   connections COUNT                    so many connections opened and closed, until both ends are CLOSED

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const command = process.env.STACK ?? "";
const folder = mkdtempSync(join(tmpdir(), "stack-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** @type {import("../../src/bench/adapter.ts").Codec} */
const stack = {
  name: command.split(" ")[0].split("/").at(-1) ?? "",

  async transfer({ chunk, total, mtu, isCompared, take }) {
    const source = join(folder, "chunk");
    const delivered = isCompared ? join(folder, "delivered") : "-";
    writeFileSync(source, chunk);
    const nanoseconds = await ask(`transfer ${mtu} ${total} ${source} ${delivered}`);
    if (isCompared) take(readFileSync(delivered));
    return nanoseconds;
  },

  connections: (count) => ask(`connections ${count}`),
};

export default stack;

/** @type {ReturnType<typeof start> | undefined} */
let program;

/**
 * @param {string} line
 * @returns {Promise<number>}
 */
async function ask(line) {
  program ??= start();
  const { child, lines } = program;
  child.stdout.ref();
  child.stdin.write(`${line}\n`);
  const { value, done } = await lines.next();
  child.stdout.unref();
  if (done) throw new Error(`it ended at: ${line}`);
  const nanoseconds = Number(value);
  if (!(nanoseconds > 0)) throw new Error(`${line}: ${value}`);
  return nanoseconds;
}

/** A program that this process waits for while it is asked something, and at no other time. */
function start() {
  const child = spawn(command, { shell: true, stdio: ["pipe", "pipe", "inherit"] });
  child.unref();
  /** @type {import("node:net").Socket} */ (child.stdin).unref();
  const stdout = /** @type {import("node:net").Socket} */ (child.stdout);
  return {
    child: { stdin: child.stdin, stdout },
    lines: createInterface({ input: stdout })[Symbol.asyncIterator](),
  };
}

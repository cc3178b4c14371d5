// Preloaded into an example: records what its marked statements show, for examples.ts to compare.
import { writeFileSync } from "node:fs";
import { format, inspect } from "node:util";
import { frames, pcap } from "../runtimes/suite/vectors.js";

const shown = {};
const add = (mark, text) => {
  shown[mark] ??= [];
  shown[mark].push(text);
};
const options = { breakLength: Number.POSITIVE_INFINITY, depth: 4 };

globalThis.__show = (mark, value) =>
  add(mark, typeof value === "string" ? `"${value}"` : inspect(value, options));
globalThis.__log = (mark, ...values) => {
  console.log(...values);
  add(mark, format(...values.map((value) => (typeof value === "string" ? value : inspect(value, options)))));
};
process.on("exit", () => writeFileSync(process.env.TCPWIRE_SHOWN, JSON.stringify(shown)));

Object.assign(globalThis, ambient());

/** See `ambient` in examples.ts. */
function ambient() {
  const bytes = pcap(frames(7, 100));
  const segment = new Uint8Array(1480).fill(80, 12, 13);
  return {
    bytes,
    file: new File([bytes], "capture.pcap"),
    segment,
    src: "192.0.2.1",
    dst: "192.0.2.2",
    total: 0,
    network: { send() {} },
  };
}

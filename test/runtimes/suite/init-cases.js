// Every way to bring the codec's module, and what happens with what is none.
import { readCaptureSync } from "tcpwire/capture";
import { init } from "tcpwire/wasm";
import { codec } from "./codec.js";
import { frames, pcap } from "./vectors.js";

const bytes = Uint8Array.from(atob(codec), (c) => c.charCodeAt(0));
const ways = {
  "nothing: the inlined bytes": () => undefined,
  bytes: () => bytes,
  "an ArrayBuffer": () => bytes.buffer,
  "a Module": () => new WebAssembly.Module(bytes),
  "a Response": () => new Response(bytes, { headers: { "content-type": "application/wasm" } }),
  "the promise of a Response": () => Promise.resolve(new Response(bytes)),
};

export const initCases = Object.fromEntries([
  ...Object.entries(ways).map(([name, way]) => [
    `init with ${name}`,
    async () => {
      // A module without exports first: that reading fails then shows that init() is heard.
      await init(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
      if (works() !== false) throw new Error("a module without exports was not heard of");
      await init(way());
      return works();
    },
  ]),
  [
    "init with no module is refused, and changes nothing",
    async () => [await refused(42), await refused(new Uint8Array(8)), works()],
  ],
]);

/** How many segments are read, or `false`. */
function works() {
  try {
    let segments = 0;
    for (const batch of readCaptureSync(pcap(frames(10, 50)))) segments += batch.length;
    return segments;
  } catch {
    return false;
  }
}

function refused(source) {
  return init(source).then(
    () => "accepted",
    (error) => error.name,
  );
}

// What bundlers start from: the suite without the captures of ../shared. In a process it prints the digests,
// in a worker it posts them, in a page it leaves them in `result`.
import { suite } from "./suite.js";

const digests = JSON.stringify(await suite().catch((error) => ({ error: String(error) })));
if (typeof WorkerGlobalScope === "function") postMessage(digests);
else if (typeof document === "object") globalThis.result = digests;
else console.log(digests);

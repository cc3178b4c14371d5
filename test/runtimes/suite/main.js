// In a process: prints the digests, one JSON object.
import { captures } from "./captures.js";
import { suite } from "./suite.js";

console.log(JSON.stringify(await suite(captures)));

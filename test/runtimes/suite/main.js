// In a process: prints the digests, one JSON object. In a page or worker, browser.js takes the place of this.
import { suite } from "./suite.js";

console.log(JSON.stringify(await suite()));

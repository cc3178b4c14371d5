// Preloaded: leaves the process's largest resident set, in bytes, where TCPWIRE_PEAK says.
import { writeFileSync } from "node:fs";

process.on("exit", () =>
  writeFileSync(process.env.TCPWIRE_PEAK, String(process.resourceUsage().maxRSS * 1024)),
);

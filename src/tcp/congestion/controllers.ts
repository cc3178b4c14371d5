import type { CongestionControl } from "./control.ts";
import { cubic } from "./cubic.ts";
import { reno } from "./reno.ts";

/** The algorithms, by the name that the setting `congestion` takes. */
export const controllers: Readonly<Record<"cubic" | "reno", CongestionControl>> = { cubic, reno };

export * from "./address.ts";
export * from "./flags.ts";
export * from "./relative.ts";
export * as seq from "./seq.ts";

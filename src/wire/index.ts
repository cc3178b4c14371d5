export * from "./address.ts";
export * from "./checksum.ts";
export * from "./errors.ts";
export * from "./flags.ts";
export * from "./options/index.ts";
export * from "./relative.ts";
export * from "./rewrite.ts";
export * as seq from "./seq.ts";

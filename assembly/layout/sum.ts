// The memory of sum.wasm, which has no columns: what it hands out begins behind its static data.
export const SUM_BASE = 2048;

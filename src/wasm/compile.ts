/** Where a module may come from, beside the bytes that are inlined. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | PromiseLike<Response>;

/** Compiles off the main thread where the platform can. */
export async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (typeof Response === "function" && given instanceof Response) {
    return WebAssembly.compile(await given.arrayBuffer());
  }
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
    return WebAssembly.compile(given as BufferSource);
  }
  throw new TypeError("init: expected a WebAssembly.Module, bytes or a Response");
}

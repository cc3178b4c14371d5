// Parts of the library that write a file's footer; the package ships them without types.
declare module "@uwdata/flechette/src/encode/builder.js" {
  export class Builder {
    constructor(sink: { write(bytes: Uint8Array): void });
  }
}

declare module "@uwdata/flechette/src/encode/footer.js" {
  import type { Builder } from "@uwdata/flechette/src/encode/builder.js";
  export function writeFooter(
    builder: Builder,
    schema: unknown,
    dictionaryBlocks: readonly unknown[],
    recordBlocks: readonly { offset: number; metadataLength: number; bodyLength: number }[],
    metadata: ReadonlyMap<string, string> | null,
  ): void;
}

import * as layout from "../../assembly/layout/capture.ts";
import { CAPTURE_BLOCK_CONTENT } from "../../assembly/layout/status.ts";
import { BlockError, type BlockReader } from "./block-reader.ts";
import { type CaptureError, captureError } from "./errors.ts";
import type { Metadata } from "./metadata.ts";
import {
  type InterfaceDescription,
  readInterface,
  readNames,
  readSecrets,
  readSectionHeader,
  readStatistics,
} from "./pcapng-blocks.ts";

/** What wants to know which sections and interfaces there are: the codec. */
export interface SectionListener {
  configurePcapng(bigEndian: number): void;
  /** Returns 0 when there are too many. */
  addInterface(linkType: number, tsresol: number, tsoffset: bigint, snapLength: number): number;
}

/** A pcapng block that is no packet. */
export interface Block {
  readonly type: number;
  readonly bigEndian: boolean;
  /** Where it starts: bytes from the start of the input. */
  readonly offset: number;
  /** All of it but the type and the two lengths. */
  readonly body: Uint8Array;
}

/** Takes what the blocks of a pcapng say into the capture's metadata, block by block, and tells the codec of it. */
export class BlockInterpreter {
  readonly #metadata: Metadata;
  readonly #listener: SectionListener;
  /** What the section's interfaces measure time in. */
  #clocks: Pick<InterfaceDescription, "tsresol" | "tsoffset">[] = [];

  constructor(metadata: Metadata, listener: SectionListener) {
    this.#metadata = metadata;
    this.#listener = listener;
  }

  /**
   * @returns the version of a section that cannot be read
   * @throws {BlockError} when the contents do not fit the block; what was understood before stays. Where the block
   *   only describes, packets behind it can be read on
   */
  interpret({ type, offset, bigEndian }: Omit<Block, "body">, body: BlockReader): string | undefined {
    const metadata = this.#metadata;
    switch (type) {
      case layout.PCAPNG_SECTION_HEADER: {
        const section = readSectionHeader(body, offset, bigEndian);
        if (!section.version.startsWith("1.")) return section.version;
        metadata.addSection(section);
        this.#clocks = [];
        this.#listener.configurePcapng(bigEndian ? 1 : 0);
        break;
      }
      case layout.PCAPNG_INTERFACE: {
        const { info, tsresol, tsoffset } = readInterface(body, this.#clocks.length);
        if (!this.#listener.addInterface(info.linkType, tsresol, tsoffset, info.snapLength)) {
          throw new BlockError(`more than ${this.#clocks.length} interfaces in a section`);
        }
        this.#clocks.push({ tsresol, tsoffset });
        metadata.addInterface(info);
        break;
      }
      case layout.PCAPNG_INTERFACE_STATISTICS: {
        const read = readStatistics(body, (id) => this.#clocks[id]);
        if (read) metadata.addStatistics(read.interfaceId, read.statistics);
        break;
      }
      case layout.PCAPNG_NAME_RESOLUTION:
        readNames(body, (record) => metadata.addName(record));
        break;
      case layout.PCAPNG_DECRYPTION_SECRETS: {
        const { type, length } = readSecrets(body);
        metadata.addSecret(type, length);
      }
    }
    return undefined;
  }
}

/** Whether packets mean the same without blocks of this type: statistics, names, secrets. */
export function onlyDescribes(type: number): boolean {
  return type !== layout.PCAPNG_SECTION_HEADER && type !== layout.PCAPNG_INTERFACE;
}

/** The error for a block whose contents do not fit it. */
export function blockDamage(block: Block, error: BlockError, source: string | undefined): CaptureError {
  return captureError(CAPTURE_BLOCK_CONTENT, block.offset, source, blockReason(block.type, error));
}

/** What is wrong with it, in words. */
export function blockReason(type: number, error: BlockError): string {
  return `${blockName(type)} block: ${error.message}`;
}

function blockName(type: number): string {
  switch (type) {
    case layout.PCAPNG_SECTION_HEADER:
      return "section header";
    case layout.PCAPNG_INTERFACE:
      return "interface description";
    case layout.PCAPNG_INTERFACE_STATISTICS:
      return "interface statistics";
    case layout.PCAPNG_NAME_RESOLUTION:
      return "name resolution";
    default:
      return "decryption secrets";
  }
}

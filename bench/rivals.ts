// Other readers of captures, driven in processes of their own by the lines of rivals/process.ts.
import type { Contender, Outcome } from "../src/bench/race.ts";
import { LineProcess } from "./line-process.ts";

interface Reader {
  readonly name: string;
  readonly id: string;
  readonly note?: string;
  readonly installed: boolean;
}

/** A program that has readers: the npm packages' (the bundle of rivals/process.ts), or gopacket's. */
export interface RivalProgram {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

export class Rivals {
  readonly #processes: readonly LineProcess[];
  #readers: readonly (readonly [LineProcess, Reader])[] | undefined;

  constructor(programs: readonly RivalProgram[]) {
    this.#processes = programs.map(({ name, program, args }) => new LineProcess(name, program, args, true));
  }

  close(): void {
    for (const process of this.#processes) process.close();
  }

  /** Lines about packages that are not installed. */
  async missing(): Promise<string[]> {
    const readers = await this.#list();
    return readers
      .filter(([, reader]) => !reader.installed)
      .map(([, { name }]) => `${name}: npm install --prefix bench/rivals`);
  }

  async contenders(path: string, frames: number): Promise<Contender[]> {
    const readers = (await this.#list()).filter(([, reader]) => reader.installed);
    return readers.map(([process, { name, id, note }]) => ({
      name,
      maxRepeats: 1,
      ...(note !== undefined && { note }),
      run: async () => Number(await process.ask(`time ${id} ${frames} ${path}`)),
      outcome: async (): Promise<Outcome> => JSON.parse(await process.ask(`outcome ${id} ${frames} ${path}`)),
    }));
  }

  async #list(): Promise<readonly (readonly [LineProcess, Reader])[]> {
    if (this.#readers !== undefined) return this.#readers;
    const lists = this.#processes.map(async (process) => {
      const readers = JSON.parse(await process.ask("list")) as Reader[];
      return readers.map((reader) => [process, reader] as const);
    });
    this.#readers = (await Promise.all(lists)).flat();
    return this.#readers;
  }
}

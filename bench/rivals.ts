// npm packages that read captures, driven in their process (rivals/process.ts).
import type { Contender, Outcome } from "../src/bench/race.ts";
import { LineProcess } from "./line-process.ts";

interface Reader {
  readonly name: string;
  readonly id: string;
  readonly note?: string;
  readonly installed: boolean;
}

export class Rivals {
  readonly #process: LineProcess;
  #readers: readonly Reader[] | undefined;

  /** `program` is the bundle of rivals/process.ts. */
  constructor(program: string) {
    this.#process = new LineProcess("the npm packages' process", process.execPath, [program]);
  }

  close(): void {
    this.#process.close();
  }

  /** Lines about packages that are not installed. */
  async missing(): Promise<string[]> {
    const readers = await this.#list();
    return readers
      .filter((reader) => !reader.installed)
      .map(({ name }) => `${name}: npm install --prefix bench/rivals`);
  }

  async contenders(path: string, frames: number): Promise<Contender[]> {
    const readers = (await this.#list()).filter((reader) => reader.installed);
    return readers.map(({ name, id, note }) => ({
      name,
      maxRepeats: 1,
      ...(note !== undefined && { note }),
      run: async () => Number(await this.#process.ask(`time ${id} ${frames} ${path}`)),
      outcome: async (): Promise<Outcome> =>
        JSON.parse(await this.#process.ask(`outcome ${id} ${frames} ${path}`)),
    }));
  }

  async #list(): Promise<readonly Reader[]> {
    this.#readers ??= JSON.parse(await this.#process.ask("list")) as Reader[];
    return this.#readers;
  }
}

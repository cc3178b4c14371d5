// The rules of the house (ARCHITECTURE.md), each shown to catch what it forbids.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { heapBase, managedViolations } from "./architecture/assemblyscript.ts";
import { cycleViolations, floorViolations, reachesPlatform, roomOf } from "./architecture/floors.ts";
import { globalViolations } from "./architecture/globals.ts";
import { layoutConstants, layoutViolations, numberViolations } from "./architecture/numbers.ts";
import { repositorySources, type Sources } from "./architecture/sources.ts";

const isGenerated = (path: string) => path.includes("/generated/");
const isSpec = (path: string) => path.startsWith("assembly/__tests__/");
const house = filter(
  repositorySources("assembly", "src", "web"),
  (path) => !isSpec(path) && !isGenerated(path),
);
const layout = filter(house, (path) => path.startsWith("assembly/layout/"));
const assembly = filter(house, (path) => path.startsWith("assembly/") && !layout.has(path));
const constants = layoutConstants(layout);

test("the rules are held against the whole house", () => {
  expect([...house.keys()]).toEqual(
    expect.arrayContaining(["assembly/checksum.ts", "assembly/layout/wire.ts", "src/wasm/load.ts"]),
  );
});

describe("imports", () => {
  test("run downwards only", () => {
    expect(floorViolations(house)).toEqual([]);
  });

  test("make no rings", () => {
    expect(cycleViolations(house)).toEqual([]);
  });

  test.each([
    ["src/wire/a.ts", 'import { x } from "../capture/reader.ts";', "imports src/capture (floor 3)"],
    ["src/capture/a.ts", 'import type { X } from "../tcp/tcb.ts";', "imports src/tcp (floor 3)"],
    ["src/tcp/a.ts", 'export * from "../capture/table.ts";', "imports src/capture (floor 3)"],
    ["src/flow/a.ts", 'let x: import("../net/host.ts").Host;', "imports src/net (floor 4)"],
    ["src/net/a.ts", 'await import("../flow/tracker.ts");', "imports src/flow (floor 4)"],
    ["src/sim/a.ts", "await import(name);", "computed"],
    ["src/capture/a.ts", 'import { readFileSync } from "node:fs";', "from outside"],
    ["src/cli/a.ts", 'import chalk from "chalk";', "from outside"],
    ["src/cli/a.ts", 'await import("hyparquet-writer");', "from outside"],
    ["src/wire/a.ts", 'import { fold } from "../../assembly/checksum.ts";', "assembly/layout alone"],
    ["src/wire/a.ts", 'import { seq } from "./seq";', ".ts ending"],
    ["src/capture/a.ts", 'import { codecBase64 } from "../wasm/generated/codec.ts";', "src/wasm's own"],
    ["assembly/checksum.ts", 'import { batch } from "./batch";', "imports assembly (captures)"],
    ["assembly/bytes.ts", 'import { seq } from "../src/wire/seq";', "imports from src"],
    ["src/misc/a.ts", "", "on no floor"],
  ])("in %s, `%s` is caught", (path, text, message) => {
    expect(floorViolations(new Map([[path, text]]))).toEqual([expect.stringContaining(message)]);
  });

  test("downwards are free", () => {
    const text = 'import { SYN } from "../../assembly/layout/wire.ts"; import { lt } from "../wire/seq.ts";';
    expect(floorViolations(new Map([["src/capture/a.ts", text]]))).toEqual([]);
    expect(floorViolations(new Map([["src/cli/a.ts", 'import { open } from "node:fs/promises";']]))).toEqual(
      [],
    );
  });

  test("in a ring are caught", () => {
    const ring = new Map([
      ["src/wire/a.ts", 'import "./b.ts";'],
      ["src/wire/b.ts", 'import "./c.ts";'],
      ["src/wire/c.ts", 'import "./a.ts";'],
    ]);
    expect(cycleViolations(ring)).toEqual([
      "src/wire/a.ts -> src/wire/b.ts -> src/wire/c.ts -> src/wire/a.ts: a ring of imports",
    ]);
  });
});

describe("the floors of ARCHITECTURE.md", () => {
  const [, plan] = readFileSync("ARCHITECTURE.md", "utf8").match(/^## Floors\n.*?^```\n(.*?)^```/ms)!;
  const told = plan.split("\n").flatMap((line) => {
    const [, folders, floor] = line.match(/^((?:\S+\/ +)+)(\d) /) ?? [];
    return folders ? folders.split(" ").flatMap((folder) => (folder ? [{ folder, floor: +floor }] : [])) : [];
  });

  test.each(told)("has $folder where the rules have it, on $floor", ({ folder, floor }) => {
    expect(roomOf(`${folder}a.ts`)?.floor).toBe(floor);
  });

  test("are those of every folder of src", () => {
    const folders = [...house.keys()].flatMap((path) => path.match(/^src\/[^/]+\//) ?? []);
    expect(told.map(({ folder }) => folder)).toEqual(expect.arrayContaining([...new Set(folders)]));
  });

  test("from which on the platform may be reached are those that CONTRIBUTING.md names", () => {
    const [, named] = readFileSync("CONTRIBUTING.md", "utf8").match(
      /Below floor 6 \(that is, outside of (.*?)\)/s,
    )!;
    const above = told.flatMap(({ folder, floor }) => (floor >= 6 ? [folder.slice(0, -1)] : []));
    expect([...named.matchAll(/`(.*?)`/g)].map(([, folder]) => folder)).toEqual(above);
  });
});

describe("below floor 6", () => {
  test("no clock, random source, Node or DOM is reached", () => {
    const below = filter(house, (path) => path.startsWith("src/") && (roomOf(path)?.floor ?? 0) < 6);
    const rest = filter(below, (path) => !reachesPlatform.has(path));
    expect(globalViolations(rest)).toEqual([]);
    expect(rest.size).toBe(below.size - reachesPlatform.size);
  });

  const forbidden = [
    "const t = Date.now();",
    "const t = new Date();",
    "const { now } = Date;",
    "const t = performance.now();",
    "const r = Math.random();",
    "const { random } = Math;",
    "crypto.getRandomValues(new Uint8Array(4));",
    "const p = process.env.HOME;",
    "const b = Buffer.alloc(4);",
    "let b: Buffer;",
    "setTimeout(() => {}, 5);",
    "queueMicrotask(() => {});",
    'console.log("hello");',
    "document.title;",
    "window.name;",
    'globalThis["process"];',
    'const fs = require("fs");',
    "const u = import.meta.url;",
    'fetch("x");',
    "export const all = { performance };",
    "new Worker('x');",
  ];
  test("each way to one is caught", () => {
    const sources = new Map(forbidden.map((text, i) => [`src/tcp/bad${i}.ts`, `${text}\nexport {};`]));
    const found = globalViolations(sources).join("\n");
    const missed = forbidden.filter((_, i) => !found.includes(`src/tcp/bad${i}.ts:`));
    expect(missed).toEqual([]);
  });

  test("names that only look like globals are free", () => {
    const text = `
      export function f(process: number, event: { document: string; now(): number }): string {
        const { now: performance } = event;
        const text = new Date(process).toISOString() + Math.max(1, performance());
        return text + event.document + new TextDecoder().decode(new Uint8Array(1));
      }
      export type Source = Blob | ReadableStream<Uint8Array> | BufferSource;
      export class Timer { setTimeout = 1; window: number | undefined = undefined; }`;
    expect(globalViolations(new Map([["src/tcp/good.ts", text]]))).toEqual([]);
  });
});

describe("numbers of a specification", () => {
  test("stand in assembly/layout as plain constants, each once", () => {
    expect(layoutViolations(layout)).toEqual([]);
    expect([...constants].filter(([, value]) => Number.isNaN(value))).toEqual([]);
  });

  test("stand nowhere else", () => {
    expect(
      numberViolations(
        filter(house, (path) => !layout.has(path)),
        constants,
      ),
    ).toEqual([]);
  });

  test.each([
    ["export const A: u32 = 1;", "has a type"],
    ["export function lt(a: number, b: number) { return a < b; }", "only `export const"],
    ['export const A = "x";', "no constant integer"],
    ["export const A = 1.5;", "no constant integer"],
    ["const A = 1;", "only `export const"],
    ["export let A = 1;", "only `export const"],
    ["export const A = 1; export const A = 2;", "already"],
    ['import { f } from "../checksum.ts"; export const A = 1;', "imports only from layout"],
  ])("in a layout file, `%s` is caught", (text, message) => {
    expect(layoutViolations(new Map([["assembly/layout/a.ts", text]]))).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test.each([
    ["if (magic === 0xa1b2c3d4) f();", "0xa1b2c3d4 is PCAP"],
    ["if (magic === 2712847316) f();", "2712847316 is PCAP"],
    ["const VXLAN = 4789;", "written again"],
    ["const SYN = 2;", "written again"],
  ])("outside of layout, `%s` is caught", (text, message) => {
    const known = new Map(Object.entries({ PCAP: 0xa1b2c3d4, VXLAN: 4789, SYN: 2, ROWS: 8192 }));
    expect(numberViolations(new Map([["src/capture/a.ts", text]]), known)).toContainEqual(
      expect.stringContaining(message),
    );
    expect(numberViolations(new Map([["src/capture/a.ts", "f(2, 8192, 0xffff, 1500);"]]), known)).toEqual([]);
  });
});

describe("assembly", () => {
  test("has no managed objects", () => {
    expect(managedViolations(assembly)).toEqual([]);
  });

  test.each([
    ["class A {}", "a class"],
    ["const a = new Uint8Array(4);", "`new`"],
    ["const a = [1, 2];", "an array"],
    ['throw "no";', "a string"],
    ["function f(a: StaticArray<u8>): void {}", "the type StaticArray<u8>"],
    ["const f = (a: u32): u32 => a;", "a function value"],
  ])("`%s` is caught", (text, message) => {
    expect(managedViolations(new Map([["assembly/a.ts", text]]))).toContainEqual(
      expect.stringContaining(message),
    );
  });

  test("may lay out static data", () => {
    const text = 'import { A } from "./layout/a"; const t: usize = memory.data<u8>([1, 2], 16);';
    expect(managedViolations(new Map([["assembly/a.ts", text]]))).toEqual([]);
  });

  test.each(targets())("the static data of %s ends below its first fixed address", async (name, entry) => {
    const first = {
      codec: constants.get("COLUMNS"),
      flow: constants.get("FLOW_BASE"),
      sum: constants.get("SUM_BASE"),
      // Works on address 0 and up: none at all, as in a module of numbers alone.
      unpack: await heapBase("assembly/layout/limits.ts"),
    }[name];
    expect(first, `say the first fixed address of ${name} here`).toBeDefined();
    expect(await heapBase(entry)).toBeLessThanOrEqual(first!);
  });
});

describe("files", () => {
  const limit = 400;
  /** Longer files, each with the reason that it is still one subject. */
  const exceptions: Record<string, [lines: number, reason: string]> = {};

  test(`have one subject: none is longer than ${limit} lines`, () => {
    expect(tooLong(repositorySources("."), limit, exceptions)).toEqual([]);
  });

  test("that are too long are caught, and exceptions that are not needed any more", () => {
    const long = new Map([["src/a.ts", "x;\n".repeat(401)]]);
    expect(tooLong(long, limit, {})).toEqual(["src/a.ts has 401 lines: is it still one subject?"]);
    expect(tooLong(long, limit, { "src/a.ts": [401, "a table"] })).toEqual([]);
    expect(tooLong(new Map([["src/a.ts", "x;\n"]]), limit, { "src/a.ts": [500, "a table"] })).toEqual([
      "src/a.ts is no exception any more",
    ]);
  });
});

function targets(): [name: string, entry: string][] {
  const config = JSON.parse(readFileSync("asconfig.json", "utf8"));
  return Object.entries<{ entries: string[] }>(config.targets).map(([name, { entries }]) => [
    name,
    entries[0],
  ]);
}

function tooLong(sources: Sources, limit: number, exceptions: Record<string, [number, string]>): string[] {
  const lines = new Map([...sources].map(([path, text]) => [path, text.split("\n").length - 1]));
  return [
    ...[...lines].flatMap(([path, n]) =>
      n > (exceptions[path]?.[0] ?? limit) ? [`${path} has ${n} lines: is it still one subject?`] : [],
    ),
    ...Object.keys(exceptions).flatMap((path) =>
      (lines.get(path) ?? 0) <= limit ? [`${path} is no exception any more`] : [],
    ),
  ];
}

function filter(sources: Sources, keep: (path: string) => boolean): Sources {
  return new Map([...sources].filter(([path]) => keep(path)));
}

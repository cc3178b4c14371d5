import { at, parse, resolveSpecifier, type Sources, specifiers, type Violation } from "./sources.ts";

/**
 * The house (ARCHITECTURE.md). Imports run downwards only; two rooms of one floor do not know each other.
 * A new folder or AssemblyScript file needs its place here.
 */
const rooms: [RegExp, room: string, floor: number][] = [
  [/^assembly\/layout\//, "assembly/layout", 0],
  [
    /^assembly\/(arena|bytes|checksum|counters|known|seq|options|segment)\.ts$/,
    "assembly (bytes and headers)",
    1,
  ],
  [/^assembly\/flow\//, "assembly (conversations)", 3],
  [/^assembly\/(index|flow)\.ts$/, "assembly (modules)", 4],
  [/^assembly\/[a-z0-9-]+\.ts$/, "assembly (captures)", 2],
  [/^src\/wasm\//, "src/wasm", 1],
  [/^src\/wire\//, "src/wire", 2],
  [/^src\/capture\//, "src/capture", 3],
  [/^src\/tcp\//, "src/tcp", 3],
  [/^src\/flow\//, "src/flow", 4],
  [/^src\/net\//, "src/net", 4],
  [/^src\/sim\//, "src/sim", 5],
  [/^src\/packetdrill\//, "src/packetdrill", 5],
  [/^src\/bench\//, "src/bench", 5],
  [/^src\/node\//, "src/node", 6],
  [/^src\/cli\//, "src/cli", 7],
  [/^web\//, "web", 7],
];

/** What floor 6 and those above may bring in from outside; below it, nothing. */
const outside = /^node:/;

/** Libraries that are bundled into the command line (tsup.config.ts), and where alone they are known. */
const bundled = /^(@uwdata\/flechette|hyparquet|hyparquet-writer)(\/|$)/;
const knowsBundled = /^src\/cli\/export\//;

/** What imports a module that the user names (`--with CODEC.js`), and so by a computed specifier. */
const loadsWhatIsNamed = new Set(["src/cli/bench/load.ts"]);

/** The one file below floor 6 that reaches the platform's clock and randomness: the default of what a host is given. */
export const reachesPlatform = new Set(["src/net/platform.ts"]);

export function roomOf(path: string): { room: string; floor: number } | undefined {
  const found = rooms.find(([pattern]) => pattern.test(path));
  return found && { room: found[1], floor: found[2] };
}

/** Imports that run upwards, sideways or out of the house. */
export function floorViolations(sources: Sources): Violation[] {
  return [...sources].flatMap(([path, text]) => {
    const here = roomOf(path);
    if (here === undefined) return [`${path}: on no floor; give it one in test/architecture/floors.ts`];
    const file = parse(path, text);
    return specifiers(file).flatMap(({ text: specifier, node }) => {
      const trouble = wrong(path, here, specifier);
      return trouble ? [`${at(file, node)}: ${trouble}`] : [];
    });
  });
}

/** Files that import each other in a ring, each ring once. */
export function cycleViolations(sources: Sources): Violation[] {
  const imports = new Map(
    [...sources].map(([path, text]) => [
      path,
      specifiers(parse(path, text)).flatMap(({ text: s }) => (s && resolveSpecifier(path, s)) || []),
    ]),
  );
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (path: string, trail: string[]): void => {
    const from = trail.indexOf(path);
    if (from >= 0) found.push(`${[...trail.slice(from), path].join(" -> ")}: a ring of imports`);
    if (from >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}

function wrong(path: string, here: { room: string; floor: number }, specifier?: string): string | undefined {
  if (specifier === undefined && loadsWhatIsNamed.has(path)) return undefined;
  if (specifier === undefined) return "the specifier is computed: no one can tell what is imported";
  const target = resolveSpecifier(path, specifier);
  if (target === undefined) {
    if (here.floor >= 6 && outside.test(specifier)) return undefined;
    if (knowsBundled.test(path) && bundled.test(specifier)) return undefined;
    return `${here.room} imports "${specifier}" from outside`;
  }
  if (/^src\/wasm\/generated\//.test(target)) {
    return here.room === "src/wasm" ? undefined : "the inlined module is src/wasm's own";
  }
  const there = roomOf(target);
  if (there === undefined) return `"${specifier}" is on no floor`;
  if (path.startsWith("src/") && !/\.ts$/.test(specifier)) return `"${specifier}" lacks its .ts ending`;
  if (path.startsWith("src/") && target.startsWith("assembly/") && there.floor !== 0) {
    return "src shares assembly/layout alone with assembly";
  }
  if (path.startsWith("assembly/") && !target.startsWith("assembly/")) return "assembly imports from src";
  if (there.room === here.room || there.floor < here.floor) return undefined;
  return `${here.room} (floor ${here.floor}) imports ${there.room} (floor ${there.floor})`;
}

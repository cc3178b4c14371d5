// What every clone relies on: lock files that install anywhere, no address of one workplace.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { tracked } from "./architecture/sources.ts";

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const files = tracked();
const locks = files.filter((path) => path.endsWith("package-lock.json"));

describe.each(locks)("%s", (path) => {
  const text = readFileSync(path, "utf8");
  const packages: Record<string, Locked> = JSON.parse(text).packages;

  test("carries no download address", () => {
    expect(text).not.toMatch(/"resolved"/);
    expect(registryAddresses(text)).toEqual([]);
  });

  test("knows the optional packages of every platform, so that npm ci works on each", () => {
    expect(missingOptional(packages)).toEqual([]);
  });

  test("belongs to exact versions", () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(dirname(path), "package.json"), "utf8"),
    );
    const versions = Object.values<string>({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^(npm:.+@)?\d+(\.\d+\.\d+(-[\w.]+)?)?$/.test(version))).toEqual([]);
  });
});

test("no file names a registry's host", () => {
  expect(locks).not.toEqual([]);
  const texts = files.filter((path) => !/\.(pcap|pcapng|gz|wasm|png)$/.test(path));
  expect(texts.flatMap((path) => registryAddresses(readFileSync(path, "utf8")))).toEqual([]);
});

test("what these tests forbid is found", () => {
  const host = ["https:/", "registry.example.org", "a"].join("/");
  expect(registryAddresses(`"${host}"`)).toEqual([host]);
  expect(missingOptional({ a: { optionalDependencies: { "a-linux": "1.0.0" } } })).toEqual([
    "a wants a-linux",
  ]);
});

function registryAddresses(text: string): string[] {
  return text.match(/https?:\/\/[^\s"'/]*(registry|npmjs|yarnpkg|deb)\.[^\s"']*/g) ?? [];
}

function missingOptional(packages: Record<string, Locked>): string[] {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => {
        const nested = packages[`${owner}/node_modules/${name}`];
        return (nested ?? packages[`node_modules/${name}`])?.version === undefined;
      })
      .map((name) => `${owner} wants ${name}`),
  );
}

// Where the suite runs: this Node, and those that the folder's own package.json brings.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const modules = resolve(import.meta.dirname, "node_modules");

/** Name, command and arguments before the script, of each runtime without a window. */
export const processes = [
  { name: `Node ${process.version} (this one)`, command: process.execPath, args: [] },
  { name: "Node 22", command: join(modules, "node22/bin/node"), args: [] },
  { name: "Node 24", command: join(modules, "node24/bin/node"), args: [] },
  // Deno gets no permission at all: the package must not want any.
  {
    name: "Deno",
    command: join(modules, "deno/deno"),
    args: ["run", "--no-prompt", "--node-modules-dir=manual"],
  },
  { name: "Bun", command: join(modules, "bun/bin/bun.exe"), args: ["run"] },
];

export const browsers = [
  { name: "Chromium", browser: "chrome", paths: ["/usr/bin/chromium", "/usr/bin/google-chrome"] },
  { name: "Firefox", browser: "firefox", paths: ["/usr/bin/firefox-esr", "/usr/bin/firefox"] },
];

/** What is installed; the rest by name, with how to get it. */
export function installed(list) {
  const found = [];
  const missing = [];
  for (const each of list) {
    const path = (each.paths ?? [each.command]).find((p) => existsSync(p));
    if (path) found.push({ ...each, path });
    else missing.push(each);
  }
  return { found, missing };
}

/** Runs a script of the project in a process and returns what it printed, as JSON. */
export function runProcess({ command, args }, script, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, [...args, script], {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`exit ${status}: ${error ?? stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}

/** A browser under puppeteer. The caller closes it. */
export async function launch({ browser, path }) {
  const { default: puppeteer } = await import(
    join(modules, "puppeteer-core/lib/esm/puppeteer/puppeteer-core.js")
  );
  return puppeteer.launch({
    browser,
    executablePath: path,
    headless: true,
    args:
      browser === "chrome"
        ? [
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-precise-memory-info",
          ]
        : [],
  });
}

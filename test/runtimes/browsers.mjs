// What a browser is asked: the suite in a page and in a worker, a page of one plain script, strict
// Content-Security-Policies, and a module that it fetches.
import { join } from "node:path";
import { importMap, serve } from "./server.mjs";

const dist = "/node_modules/tcpwire/dist";
const script = (code) => `<script type="module">${code}</script>`;
const tell = (code) =>
  script(`const tell = (result) => { globalThis.result = JSON.stringify(result); };
    try { tell(await (async () => { ${code} })()); } catch (error) { tell({ error: String(error) }); }`);

/** Cases whose `digests` are held against the reference, or whose `check` says what is wrong, or "". */
export function browserCases(browser, origin) {
  const answers = (path, expected) => async () => {
    const result = JSON.stringify(await visit(browser, origin + path));
    return result === JSON.stringify(expected) ? "" : `${result} instead of ${JSON.stringify(expected)}`;
  };
  return [
    { title: "in a page", digests: () => visit(browser, `${origin}/page`) },
    { title: "in a worker", bundled: true, digests: () => visit(browser, `${origin}/worker`) },
    {
      title: "in a page whose policy allows WebAssembly and no other eval",
      bundled: true,
      digests: () => visit(browser, `${origin}/policy`),
    },
    {
      title: "a policy that refuses WebAssembly leaves all that does without it",
      check: answers("/strict", { seq: true, checksum: 0x3232, refused: "CompileError" }),
    },
    { title: "a plain script without import map or bundler", check: answers("/plain", true) },
    { title: "a module that is fetched", check: answers("/fetched", 0xfefd) },
  ];
}

/** Serves the project and the pages of `browserCases`. */
export function servePages(project) {
  const map = importMap(join(project, "node_modules/tcpwire"), "/node_modules/tcpwire/");
  return serve(project, {
    "/page": {
      html:
        map +
        tell(`const { suite } = await import("/suite.js"); const { captures } = await import("/captures.js");
          return suite(captures);`),
    },
    "/worker": {
      html: tell(`const worker = new Worker("/bundle-vite/main.js", { type: "module" });
        return new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(JSON.parse(data));
          worker.onerror = (event) => reject(event.message);
        });`),
    },
    "/policy": {
      csp: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
      html: `<script type="module" src="/bundle-webpack/main.js"></script>`,
    },
    "/strict": {
      csp: "default-src 'none'; script-src 'self'",
      html: `<script type="module" src="/strict/strict.js"></script>`,
    },
    "/plain": {
      html: script(
        `import { seq } from "${dist}/wire.js"; globalThis.result = JSON.stringify(seq.lt(0xffffffff, 0));`,
      ),
    },
    "/fetched": {
      html: tell(`const { init } = await import("${dist}/wasm.js"); const { checksum } = await import("${dist}/wire.js");
        await init(fetch("${dist}/codec.wasm")); return checksum(Uint8Array.of(1, 2));`),
    },
  });
}

/** Opens a page, waits until it has a result, and returns that. */
export async function visit(browser, url, timeout = 60_000) {
  const page = await browser.newPage();
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction("globalThis.result !== undefined", { timeout, polling: 50 }).catch((error) => {
      throw new Error(`${error.message} ${troubles.join("; ")}`);
    });
    const result = JSON.parse(await page.evaluate("globalThis.result"));
    if (result?.error) throw new Error(result.error);
    return result;
  } finally {
    await page.close();
  }
}

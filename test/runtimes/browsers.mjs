// What a browser is asked: the suite in a page and in a worker, a page of one plain script, a strict
// Content-Security-Policy, and every way to bring the codec's module.
import { join } from "node:path";
import { importMap, serve } from "./server.mjs";

const module = (code) => `<script type="module">${code}</script>`;
const tell = (expression) =>
  module(`
  const tell = (result) => { globalThis.result = JSON.stringify(result); };
  try { tell(await (async () => { ${expression} })()); } catch (error) { tell({ error: String(error) }); }`);

/** Cases to hold against the reference (`digests`) or true by themselves (`check`: what is wrong, or ""). */
export async function* browserCases(browser, project) {
  const map = importMap(join(project, "node_modules/tcpwire"), "/node_modules/tcpwire/");
  const plain = `import { seq } from "/node_modules/tcpwire/dist/wire.js";`;
  const pages = {
    "/page": { html: map + tell(`const { suite } = await import("/suite.js"); return suite();`) },
    "/worker": {
      html: tell(`const worker = new Worker("/bundle-vite/main.js", { type: "module" });
        return new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => reject(event.message);
        });`),
    },
    "/plain": { html: module(`${plain} globalThis.result = JSON.stringify(seq.lt(0xffffffff, 0));`) },
  };
  const { origin, close } = await serve(project, pages);
  try {
    yield { title: "in a page", digests: () => visit(browser, `${origin}/page`) };
    yield {
      title: "a plain script without import map or bundler",
      check: async () => ((await visit(browser, `${origin}/plain`)) === true ? "" : "wrong answer"),
    };
  } finally {
    close();
  }
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

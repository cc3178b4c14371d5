// A static server on the loopback, for pages that import the package as a browser does.
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/**
 * Serves `root`, and `pages` (HTML by path) above it. A page's `csp` becomes its header.
 * @returns the origin and a `close`
 */
export async function serve(root, pages) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const page = pages[path];
    if (page) {
      const headers = { "content-type": "text/html; charset=utf-8" };
      if (page.csp) headers["content-security-policy"] = page.csp;
      return response.writeHead(200, headers).end(page.html);
    }
    const file = join(root, path);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-length": found.size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An import map that resolves the package's entries as a bundler would, from its manifest. */
export function importMap(packageFolder, url) {
  const { name, exports } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const imports = {};
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "object") imports[join(name, path)] = join(url, target.default);
  }
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`;
}

// The programs of examples/, as a user would run them: against the built package.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

if (!existsSync("dist/net/node.js")) throw new Error("examples run against the built package: npm run build");

test("ethernet.mjs: a guest fetches over IPv4 and IPv6 through its card", () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["examples/ethernet.mjs"], {
    encoding: "utf8",
    timeout: 30_000,
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: "hello guest\nhello guest\n", stderr: "", status: 0 });
});

test("websocket/relay.mjs: TCP from another host reaches it in WebSocket messages", async () => {
  const relay = spawn(process.execPath, ["examples/websocket/relay.mjs", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const said = await new Promise<Buffer>((resolve) => relay.stdout.once("data", resolve));
    const page = said.toString().trim();
    const served = await Promise.all(["/", "/link.js", "/dist/net.js"].map((path) => fetch(page + path)));
    expect(served.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await fetch(`${page}/../package.json`)).status).toBe(404);
    const client = spawnSync(
      process.execPath,
      ["test/examples/websocket-client.mjs", page.replace("http", "ws")],
      {
        encoding: "utf8",
        timeout: 20_000,
      },
    );
    expect({ ...pick(client) }).toEqual({ stdout: "500000 bytes came back whole\n", stderr: "", status: 0 });
  } finally {
    relay.kill();
  }
});

function pick({ stdout, stderr, status }: { stdout: string; stderr: string; status: number | null }) {
  return { stdout, stderr, status };
}

// `npm start`: builds the package, then does the main job on the capture that ships with the repository.
// What the build prints is shown when it fails.
import { spawnSync } from "node:child_process";

const say = (text) => process.stderr.write(text);
say("Building (half a minute or so)...");
const build = spawnSync("npm", ["run", "build", "--silent"], {
  encoding: "utf8",
  shell: process.platform === "win32",
  maxBuffer: 64 << 20,
});
say(process.stderr.isTTY ? "\r\x1b[K" : "\n");
if (build.status !== 0) {
  say(build.error ? `${build.error.message}\n` : build.stdout + build.stderr);
  process.exit(build.status ?? 1);
}
const report = spawnSync(process.execPath, ["dist/cli.js", "sample/story.pcapng"], { stdio: "inherit" });
process.exit(report.status ?? 1);

// gopacket, compiled on the spot from rivals/gopacket with Debian's packages, or from wherever GOPATH has it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const SOURCES = "/usr/share/gocode"; // where Debian puts them
const PACKAGES =
  "golang-go golang-github-google-gopacket-dev golang-golang-x-net-dev golang-golang-x-sys-dev";

/** Compiles the program. @returns where it is, or what is missing and how to install it */
export function buildGopacket(source: string, cache: string): { program: string } | { missing: string } {
  const program = join(cache, "gopacket");
  const { GOPATH = "", ...environment } = process.env;
  const env = { ...environment, GO111MODULE: "off", GOPATH: [GOPATH, SOURCES].filter(Boolean).join(":") };
  const { error, status, stderr } = spawnSync("go", ["build", "-o", program, source], {
    env,
    encoding: "utf8",
  });
  if (error) return { missing: `gopacket: apt install ${PACKAGES}` };
  const [why = ""] = stderr.trim().split("\n");
  return status === 0 ? { program } : { missing: `gopacket: ${why} (apt install ${PACKAGES})` };
}

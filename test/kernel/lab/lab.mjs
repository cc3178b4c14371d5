// Network namespaces, the links between them, the kernel's sockets in them, and captures: all that a test
// against the Linux kernel needs. A lab makes everything itself and leaves nothing behind, also when the
// process is interrupted; what a killed one left is swept away by the next.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { Agent } from "./agent.mjs";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const run = promisify(execFile);
const PREFIX = "tcpwire";
/** More than an ordinary packet. tcpdump's ring has slots of this size, so more would mean fewer. */
const FRAME = 2048;

/** What is missing for a lab on this machine and how to get it, or "" when it can be made. */
export function missing(tools = []) {
  if (process.platform !== "linux") return "network namespaces exist on Linux only";
  if (process.getuid() !== 0) return "root, for network namespaces: run with sudo";
  const lacking = ["ip", "tcpdump", "python3", "ethtool", ...tools].filter((tool) => !exists(tool));
  if (lacking.length > 0)
    return `${lacking.join(", ")} (Debian: apt-get install ${lacking.map(packageOf).join(" ")})`;
  try {
    execFileSync("ip", ["netns", "list"], { stdio: "ignore" });
    const name = `${PREFIX}-${process.pid}-trial`;
    execFileSync("ip", ["netns", "add", name], { stdio: "ignore" });
    execFileSync("ip", ["netns", "del", name], { stdio: "ignore" });
  } catch {
    return "the right to make network namespaces (CAP_SYS_ADMIN and CAP_NET_ADMIN; docker: --privileged)";
  }
  return "";
}

/** Whether there is such a program. Any C compiler will do for `cc`. */
export function exists(tool) {
  if (tool === "cc") return ["clang", "gcc"].some(exists);
  try {
    execFileSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const packages = {
  ip: "iproute2",
  nc: "netcat-openbsd",
  cc: "clang",
  sshd: "openssh-server",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
};
const packageOf = (tool) => packages[tool] ?? tool;

const labs = new Set();
let labCount = 0;

/** Namespaces that belong together. */
export class Lab {
  #hosts = [];
  #children = new Set();
  #id = ++labCount;

  constructor() {
    if (labCount === 1) {
      sweep();
      process.on("exit", () => {
        for (const lab of labs) lab.#removeNow();
      });
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
    }
    labs.add(this);
  }

  /** A machine of its own: a namespace with loopback up, no firewall, and figures that do not outlive a connection. */
  async host(name) {
    const host = new Machine(this, name, `${PREFIX}-${process.pid}-${this.#id}-${name}`);
    this.#hosts.push(host);
    await run("ip", ["netns", "add", host.namespace]);
    await host.sh("ip link set lo up");
    await host.sysctl({
      "net.ipv4.tcp_no_metrics_save": 1,
      "net.ipv4.tcp_congestion_control": "reno",
      "net.ipv4.conf.all.rp_filter": 0,
      "net.ipv4.conf.default.rp_filter": 0,
      "net.ipv6.conf.default.accept_dad": 0,
      "net.ipv6.conf.default.accept_ra": 0,
    });
    return host;
  }

  /**
   * Joins two machines by a pair of virtual cards. `addresses` of each: `192.0.2.1/24`. Offloading is off unless
   * asked for, so that captures show packets as a wire would.
   */
  async link(a, b, { cards = ["eth0", "eth0"], addresses, mtu = 1500, offload = false }) {
    const ends = [a, b];
    await run("ip", [
      ..."link add".split(" "),
      ...[cards[0], "mtu", `${mtu}`, "netns", a.namespace],
      ..."type veth peer name".split(" "),
      ...[cards[1], "mtu", `${mtu}`, "netns", b.namespace],
    ]);
    for (const [i, host] of ends.entries()) {
      const card = cards[i];
      const off = offload ? [] : [`ethtool -K ${card} tx off rx off tso off gso off gro off`];
      const given = addresses[i].map((address) => `ip addr add ${address} dev ${card}`);
      await host.sh([...off, ...given, `ip link set ${card} up`].join(" && "));
    }
  }

  /** Starts a program in `host`'s namespace; it is ended with the lab. */
  spawn(host, command, args, options = {}) {
    const child = spawn("ip", ["netns", "exec", host.namespace, command, ...args], options);
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  /** Records what passes `card` until `stop()`, which gives once all is in `file`. */
  async capture(host, file, { card = "eth0", filter = "tcp", snap = FRAME } = {}) {
    const precision = "--time-stamp-precision=nano";
    const args = ["-i", card, "-n", "--immediate-mode", "-B", "16384", precision, "-Z", "root"];
    const child = this.spawn(host, "tcpdump", [...args, "-s", `${snap}`, "-w", file, ...filter.split(" ")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(child, "close");
    const notes = await untilSaid(child, /listening on/);
    return {
      async stop() {
        // What was sent a moment ago is still on its way to it.
        await new Promise((resolve) => setTimeout(resolve, 100));
        child.kill("SIGINT");
        await ended;
        const dropped = /(\d+) packets? dropped by kernel/.exec(notes());
        if (dropped && Number(dropped[1]) > 0) throw new Error(`tcpdump lost ${dropped[1]} packets`);
      },
    };
  }

  /** Ends everything and waits for it. */
  async remove() {
    const children = [...this.#children];
    const ends = children.map((child) => (child.exitCode === null ? once(child, "close") : undefined));
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(ends);
    this.#removeNow();
  }

  #removeNow() {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const { namespace } of this.#hosts) {
      try {
        execFileSync("ip", ["netns", "del", namespace], { stdio: "ignore" });
      } catch {} // never made
    }
    this.#hosts = [];
    labs.delete(this);
  }
}

/** A network namespace with a name. */
class Machine {
  #agent;

  constructor(lab, name, namespace) {
    this.lab = lab;
    this.name = name;
    this.namespace = namespace;
  }

  /** Runs a line of shell to its end and gives its output. */
  async sh(line) {
    const args = ["netns", "exec", this.namespace, "sh", "-c", line];
    try {
      return (await run("ip", args, { maxBuffer: 1 << 26 })).stdout;
    } catch (error) {
      throw new Error(`${this.name}: ${line}: ${error.stderr || error.message}`);
    }
  }

  sysctl(settings) {
    const words = Object.entries(settings).map(([name, value]) => `'${name}=${value}'`);
    return this.sh(`sysctl -qw ${words.join(" ")}`);
  }

  /** Its kernel's sockets. */
  get kernel() {
    this.#agent ??= new Agent(
      this.lab.spawn(this, "python3", ["-u", join(here, "agent.py")], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    return this.#agent;
  }

  spawn(command, args, options) {
    return this.lab.spawn(this, command, args, options);
  }
}

/** Waits for a line on standard error; gives what tells all that was said there. */
export async function untilSaid(child, expected) {
  let said = "";
  child.stderr.setEncoding("utf8");
  await new Promise((resolve, reject) => {
    child.stderr.on("data", (text) => {
      said += text;
      if (expected.test(said)) resolve();
    });
    child.once("close", () => reject(new Error(`${child.spawnargs.join(" ")} ended: ${said}`)));
  });
  return () => said;
}

/** Removes the namespaces of processes that are no more. */
function sweep() {
  const names = execFileSync("ip", ["netns", "list"], { encoding: "utf8" }).split("\n");
  for (const line of names) {
    const [name] = line.split(" ");
    const owner = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || alive(Number(owner))) continue;
    execFileSync("ip", ["netns", "del", name], { stdio: "ignore" });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

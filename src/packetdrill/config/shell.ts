/** What a line for the shell would do. */
export type ShellAction =
  | { readonly type: "sysctl"; readonly name: string; readonly value: string }
  /** Runs a script file, whose lines are to be read. */
  | { readonly type: "script"; readonly path: string }
  /** `ip route change ... mtu lock 640 initcwnd 11`: what a route says of connections. */
  | { readonly type: "route"; readonly attributes: ReadonlyMap<string, number> }
  /** The queue discipline fq spreads a connection's packets. */
  | { readonly type: "pacing" }
  /** Forgets what is known of peers. */
  | { readonly type: "flush" }
  /** Concerns a machine that is not there: interfaces, counters, caches. */
  | { readonly type: "idle" }
  | { readonly type: "unknown"; readonly text: string };

/** Commands about queues, offloads and statistics of a kernel, or that restore what it had before. */
const IDLE =
  /^(ethtool|nstat|sleep|true|echo|\[|if|then|fi|exit|set)\b|^\S*sysctl_restore_|^tc qdisc (add|replace|del)/;
const LIMITING_QDISC = /\blimit 0\b|\bnetem\b/;

/** The actions of a shell text: commands separated by lines, `;`, `&&` and `||`. Of alternatives the first counts. */
export function shellActions(text: string): ShellAction[] {
  const lines = text
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, ""));
  return lines.flatMap((line) => line.split(/;|&&/)).flatMap(commandActions);
}

function commandActions(command: string): ShellAction[] {
  const text = command
    .split("||")[0]
    .replace(/\s(\d|&)?>+\s*\S+/g, (all) => (all.includes("/proc/") ? all : " "))
    .trim();
  if (text === "") return [];
  const [name, ...args] = words(text);
  if (name === "sysctl")
    return args.filter((arg) => !arg.startsWith("-")).map((arg) => assignment(arg, text));
  if (/(^|\/)set_sysctls\.py$/.test(name)) return args.map((arg) => assignment(arg, text));
  const written = /^echo\s+(.*?)\s*>\s*\/proc\/sys\/(\S+)$/.exec(text);
  if (written !== null) return [{ type: "sysctl", name: dotted(written[2]), value: unquoted(written[1]) }];
  if (/^ip (-6 )?route (change|replace|add)\b/.test(text))
    return [{ type: "route", attributes: route(args) }];
  if (/^ip (-6 )?tcp_metrics flush\b/.test(text)) return [{ type: "flush" }];
  if (/^tc qdisc (add|replace) .*\bfq\b/.test(text)) return [{ type: "pacing" }];
  if (IDLE.test(text) && !LIMITING_QDISC.test(text)) return [{ type: "idle" }];
  return /\.sh$/.test(name) ? [{ type: "script", path: name }] : [{ type: "unknown", text }];
}

/** Splits at blanks outside of quotes; `$((15*1024))` is computed. */
function words(text: string): string[] {
  const computed = text.replace(/\$\(\(([\d\s*+-]+)\)\)/g, (_, sum: string) => String(product(sum)));
  return computed.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
}

function product(text: string): number {
  return text.split("*").reduce((value, factor) => value * Number(factor), 1);
}

function assignment(word: string, text: string): ShellAction {
  const at = word.indexOf("=");
  if (at < 0) return { type: "unknown", text };
  return { type: "sysctl", name: dotted(word.slice(0, at)), value: unquoted(word.slice(at + 1)) };
}

/** `/proc/sys/net/ipv4/tcp_sack` and `net/ipv4/tcp_sack` are `net.ipv4.tcp_sack`. */
function dotted(path: string): string {
  return path.replace(/^\/proc\/sys\//, "").replaceAll("/", ".");
}

function unquoted(text: string): string {
  return text.trim().replace(/^["']|["']$/g, "");
}

function route(args: readonly string[]): Map<string, number> {
  const attributes = new Map<string, number>();
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1] === "lock" ? args[i + 2] : args[i + 1];
    if (/^[a-z]+$/.test(args[i]) && /^\d+$/.test(value ?? "")) attributes.set(args[i], Number(value));
  }
  return attributes;
}

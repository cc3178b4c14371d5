import type { Arguments } from "../arguments.ts";
import type { Io } from "../command.ts";
import { escapeText } from "../terminal/escape.ts";
import { bytesText } from "../terminal/numbers.ts";

/** Says on standard error what has been written where: `tcpwire: wrote a.csv: 12 rows, 1.46 kB`. Not with `-q`. */
export async function tellWritten(
  { path, what, bytes }: { readonly path: string; readonly what: string; readonly bytes: number },
  args: Arguments,
  io: Io,
): Promise<void> {
  if (args.has("quiet")) return;
  await io.stderr.write(`tcpwire: wrote ${escapeText(path)}: ${what}, ${bytesText(bytes)}\n`);
}

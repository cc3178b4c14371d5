// What tshark says of a capture file, in the terms of a Row.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** tshark's version, undefined where it is not installed. */
export const tsharkVersion: string | undefined = spawnSync("tshark", ["--version"], {
  encoding: "utf8",
}).stdout?.match(/\d+\.\d+\.\d+/)?.[0];

const FIELDS = [
  "frame.number",
  "frame.time_epoch",
  "ip.src",
  "ip.dst",
  "ipv6.src",
  "ipv6.dst",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.hdr_len",
  "tcp.flags",
  "tcp.window_size_value",
  "tcp.checksum",
  "tcp.checksum.status",
  "tcp.urgent_pointer",
  "tcp.len",
  "tcp.options.mss_val",
  "tcp.options.wscale.shift",
  "tcp.options.sack_le",
  "tcp.options.sack_re",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
] as const;

const SETTINGS = [
  "tcp.check_checksum:TRUE",
  "ip.check_checksum:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
  "tcp.reassemble_out_of_order:FALSE",
  "ip.defragment:TRUE",
  "ipv6.defragment:TRUE",
];

export type Answer = Record<(typeof FIELDS)[number], string[]>;

/** One answer for each frame with a TCP header outside ICMP errors; a field holds a value for each time it occurs. */
export function askTshark(file: Uint8Array): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
  try {
    const path = join(folder, "capture");
    writeFileSync(path, file);
    const settings = SETTINGS.flatMap((s) => ["-o", s]);
    const fields = FIELDS.flatMap((f) => ["-e", f]);
    const out = execFileSync(
      "tshark",
      [
        "-n",
        "-r",
        path,
        ...settings,
        "-Y",
        "tcp && !icmp && !icmpv6",
        "-T",
        "fields",
        "-E",
        "separator=/t",
        ...fields,
      ],
      // An empty profile, so that nobody's preferences count.
      {
        encoding: "utf8",
        env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    return out
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const values = line.split("\t").map((v) => (v ? v.split(",") : []));
        return Object.fromEntries(FIELDS.map((name, i) => [name, values[i] ?? []])) as Answer;
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

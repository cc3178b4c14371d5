// What tshark finds in a capture: the names of its findings with the frames they were made of, and how many
// checksums are bad.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "reused_ports",
  "lost_segment",
  "ack_lost_segment",
  "window_full",
  "keep_alive",
  "keep_alive_ack",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
  "duplicate_ack",
];
/**
 * What is found where a window fills, and closes while a program is late to read: flow control at work, on a machine whose
 * scheduler decides who is late. Any case that sends more than a window allows these. Linux probes a closed window with
 * what Wireshark calls a keep-alive.
 */
export const FLOW_CONTROL = [
  "window_full",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
  "keep_alive",
  "keep_alive_ack",
];
const BAD = "0";
/** Linux writes it for a sum of zero, and Wireshark takes only 0x0000; both are right (RFC 1624 3). */
const OTHER_ZERO = "0xffff";

/** `{ findings: Map name -> frames, badChecksums: frames, segments }` */
export async function examine(file) {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
  const fields = [
    "frame.number",
    "tcp.checksum.status",
    "tcp.checksum",
    ...NAMES.map((name) => `tcp.analysis.${name}`),
  ];
  const settings = ["tcp.check_checksum:TRUE", "tcp.desegment_tcp_streams:FALSE"].flatMap((s) => ["-o", s]);
  const findings = new Map();
  const badChecksums = [];
  let segments = 0;
  try {
    const args = ["-n", "-r", file, ...settings, "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"];
    // An empty profile, so that nobody's preferences count.
    const env = { ...process.env, WIRESHARK_CONFIG_DIR: folder };
    for await (const line of lines("tshark", [...args, ...fields.flatMap((f) => ["-e", f])], env)) {
      const [frame, status, checksum, ...found] = line.split("\t");
      segments++;
      if (status === BAD && checksum !== OTHER_ZERO) badChecksums.push(Number(frame));
      for (const [i, value] of found.entries()) {
        if (value !== "") findings.set(NAMES[i], [...(findings.get(NAMES[i]) ?? []), Number(frame)]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { findings, badChecksums, segments };
}

async function* lines(command, args, env) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.stdout.setEncoding("utf8");
  let rest = "";
  for await (const text of child.stdout) {
    const pieces = (rest + text).split("\n");
    rest = pieces.pop();
    yield* pieces;
  }
  if ((await ended) !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

// What the writers write, as Wireshark's tools read it.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  type CapturePacket,
  type PcapngPacket,
  PcapngWriter,
  PcapWriter,
  parseCapture,
} from "../../src/capture/index.ts";
import { tcpFrame } from "./captures.ts";

const SECOND = 1_000_000_000n;
const T = 1_700_000_000n * SECOND;

const packets: CapturePacket[] = Array.from({ length: 50 }, (_, i) => ({
  time: T + BigInt(i) * 123_456_789n,
  bytes: tcpFrame({ seq: i, payload: i * 3, ipVersion: i % 2 ? 6 : 4 }),
}));

describe("Wireshark's tools", () => {
  const directory = mkdtempSync(join(tmpdir(), "tcpwire-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const installed =
    spawnSync("capinfos", ["--version"]).status === 0 && spawnSync("tshark", ["--version"]).status === 0;
  if (!installed) {
    console.log("skipped: capinfos and tshark are not installed (apt install tshark)");
    test.runIf(process.env.CI)("in CI they are there", () => expect(installed).toBe(true));
    return;
  }
  const run = (tool: string, ...args: string[]): string =>
    execFileSync(tool, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

  const noted: PcapngPacket[] = packets.map((packet, i) => ({
    ...packet,
    interfaceId: i % 2,
    comments: i === 3 ? ["a remark", "another"] : [],
    direction: i === 4 ? "outbound" : undefined,
    dropped: i === 5 ? 7 : undefined,
  }));

  const pcapngOptions = { application: "tcpwire", hardware: "box", os: "none", comments: ["of the section"] };
  const writers: [string, () => Uint8Array][] = [false, true].flatMap((bigEndian) => [
    ...[false, true].map((nanoseconds): [string, () => Uint8Array] => [
      `pcap, ${bigEndian ? "big" : "little"} endian, ${nanoseconds ? "nano" : "micro"}seconds`,
      () => {
        const writer = new PcapWriter({ bigEndian, nanoseconds });
        for (const packet of packets) writer.write(packet);
        return writer.take();
      },
    ]),
    [
      `pcapng, ${bigEndian ? "big" : "little"} endian`,
      () => {
        const interfaces = [
          { name: "one", filter: "tcp" },
          { name: "two", ticksPerSecond: 1e6 },
        ];
        const writer = new PcapngWriter({ ...pcapngOptions, bigEndian, interfaces });
        writer.writeNames([{ address: "10.0.0.1", names: ["first.example"] }]);
        for (const packet of noted) writer.write(packet);
        writer.writeStatistics(0, { time: T, received: 25, dropped: 1 });
        return writer.take();
      },
    ],
  ]);

  test.each(writers)("read %s: every frame, time, length and byte", (name, write) => {
    const path = join(directory, `${name}.cap`);
    writeFileSync(path, write());
    expect(run("capinfos", "-Mrc", path)).toMatch(/\b50\b/);
    const fields = [
      "frame.number",
      "frame.time_epoch",
      "frame.len",
      "frame.cap_len",
      "tcp.seq_raw",
      "tcp.len",
      "tcp.checksum.status",
    ];
    const lines = run(
      "tshark",
      "-n",
      "-r",
      path,
      "-o",
      "tcp.check_checksum:TRUE",
      "-T",
      "fields",
      ...fields.flatMap((field) => ["-e", field]),
    );
    const unit = name.includes("micro") ? 1000n : 1n;
    const expected = packets.map(({ time, bytes }, i) => {
      const rounded =
        (time / (name.startsWith("pcapng") && i % 2 ? 1000n : unit)) *
        (name.startsWith("pcapng") && i % 2 ? 1000n : unit);
      const epoch = `${rounded / SECOND}.${String(rounded % SECOND).padStart(9, "0")}`;
      return [i + 1, epoch, bytes.length, bytes.length, i, i * 3, 1].join("\t");
    });
    expect(lines.trimEnd().split("\n")).toEqual(expected);
  });

  test("find comments, names, directions and interfaces in pcapng", () => {
    for (const [name, write] of writers.filter(([name]) => name.startsWith("pcapng"))) {
      const path = join(directory, `${name}.cap`);
      writeFileSync(path, write());
      const infos = run("capinfos", path);
      for (const text of ["box", "tcpwire", "of the section", "one", "two", "tcp"])
        expect(infos).toContain(text);
      const details = run(
        "tshark",
        "-n",
        "-r",
        path,
        "-Y",
        "frame.number==4",
        "-T",
        "fields",
        "-e",
        "frame.comment",
        "-e",
        "frame.interface_name",
      );
      expect(details.trim()).toBe("a remark,another\ttwo");
      const flags = run(
        "tshark",
        "-n",
        "-r",
        path,
        "-Y",
        "frame.number==5",
        "-T",
        "fields",
        "-e",
        "frame.packet_flags_direction",
      );
      expect(Number(flags.trim())).toBe(2);
      const resolved = run(
        "tshark",
        "-r",
        path,
        "-N",
        "n",
        "-Y",
        "frame.number==1",
        "-T",
        "fields",
        "-e",
        "_ws.col.Source",
      );
      expect(resolved.trim()).toBe("first.example");
    }
  });

  test("write pcapng that is read back the same", () => {
    const [, write] = writers.find(([name]) => name === "pcap, little endian, nanoseconds")!;
    const path = join(directory, "in.pcap");
    const out = join(directory, "out.pcapng");
    writeFileSync(path, write());
    run("editcap", "-F", "pcapng", path, out);
    const table = parseCapture(execFileSync("cat", [out]));
    expect(table.info?.format).toBe("pcapng");
    expect([...table.time]).toEqual(packets.map(({ time }) => time));
  });
});

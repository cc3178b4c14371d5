// What the tracker says of conversations that no capture has, held against what tshark says of them now.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { PcapWriter, parseCapture } from "../../src/capture/index.ts";
import { FlowTracker } from "../../src/flow/index.ts";
import { addressBytes } from "../../src/wire/address.ts";
import { buildSegment } from "../../src/wire/build.ts";
import { tsharkVersion } from "../codec/tshark.ts";
import { wildRows } from "./conversations.ts";
import type { Row } from "./segments.ts";
import { expectation, fieldsOfTshark, statement } from "./statement.ts";
import { random } from "./talk.ts";

describe("wild conversations", () => {
  // Rules change between releases: 4.0's are meant.
  const usable = tsharkVersion?.startsWith("4.0.");
  if (!usable) {
    console.log(
      `skipped: tshark 4.0 is not installed (apt install tshark on Debian 12), but ${tsharkVersion}`,
    );
    test.runIf(process.env.CI)("in CI it is there", () => expect(tsharkVersion).toMatch(/^4\.0\./));
    return;
  }
  test.each([1, 2, 3])("are judged as tshark judges them (seed %i)", async (seed) => {
    const file = captureOf(wildRows(seed, 2500));
    const table = await parseCapture(file);
    const said = new FlowTracker({ random }).add(table);
    const answers = ask(file);
    expect(answers).toHaveLength(table.length);
    const streams = new Map<string, number>();
    const wrong = answers.flatMap((answer, i) => {
      const stream = answer["tcp.stream"];
      if (!streams.has(stream)) streams.set(stream, said.stream[i]);
      const theirs = expectation(answer, fieldsOfTshark, streams.get(stream)!);
      const ours = statement(said, i, table.flags[i]);
      return Object.keys(theirs)
        .filter((column) => theirs[column] !== ours[column])
        .map((column) => `frame ${i + 1} ${column}: tshark ${theirs[column]}, tcpwire ${ours[column]}`);
    });
    expect(wrong.slice(0, 10), `${wrong.length} differ`).toEqual([]);
  });
});

function captureOf(rows: Row[]): Uint8Array {
  const writer = new PcapWriter({ linkType: LINKTYPE_RAW });
  for (const row of rows) writer.write({ time: row.time, bytes: packet(row) });
  return writer.take();
}

/** An IPv4 packet without a header checksum, which nobody looks at here. */
function packet({ src, dst, sack, mss, windowScale, length = 0, ...row }: Row): Uint8Array {
  const segment = buildSegment(
    {
      ...row,
      payload: new Uint8Array(length),
      options: {
        ...(mss === undefined ? {} : { mss }),
        ...(windowScale === undefined ? {} : { windowScale }),
        ...(sack?.length ? { sack: blocks(sack) } : {}),
      },
    },
    { src, dst },
  );
  const bytes = new Uint8Array(20 + segment.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x45, 0]);
  view.setUint16(2, bytes.length);
  bytes.set([64, 6], 8);
  bytes.set(addressBytes(src), 12);
  bytes.set(addressBytes(dst), 16);
  bytes.set(segment, 20);
  return bytes;
}

function blocks(edges: number[]) {
  return edges.flatMap((left, i) => (i % 2 === 0 ? [{ left, right: edges[i + 1] }] : []));
}

function ask(file: Uint8Array): Record<string, string>[] {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
  try {
    writeFileSync(join(folder, "capture"), file);
    const names = ["tcp.stream", "tcp.flags", ...Object.values(fieldsOfTshark)];
    const fields = names.flatMap((name) => ["-e", name]);
    const reading = ["-n", "-r", join(folder, "capture"), "-o", "tcp.reassemble_out_of_order:FALSE"];
    // An empty profile, so that nobody's preferences count.
    const env = { ...process.env, WIRESHARK_CONFIG_DIR: folder };
    const out = execFileSync("tshark", [...reading, "-T", "fields", ...fields], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return out
      .trimEnd()
      .split("\n")
      .map((line) => {
        const values = line.split("\t");
        return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

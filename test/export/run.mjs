// DuckDB reads what `tcpwire export` writes: Parquet, CSV, JSON, and a folder of captures as one table.
//
//   npm ci --prefix test/export && npm run build && node test/export/run.mjs
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordCounts } from "../../scripts/counts.mjs";

const sample = "sample/story.pcapng";
const counts = { passed: 0, failed: 0, skipped: 0 };
if (existsSync(join(import.meta.dirname, "node_modules"))) await main();
else {
  counts[process.env.CI ? "failed" : "skipped"]++;
  console.log("skipped: DuckDB is not installed; npm ci --prefix test/export does");
}
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

async function main() {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const database = await (await DuckDBInstance.create()).connect();
  const query = async (sql) => (await database.runAndReadAll(sql)).getRowObjectsJS();
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-export-"));
  const at = (name) => join(folder, name).replaceAll("\\", "/");
  // Two captures, one of them in a folder and under names that a path has to escape.
  const captures = join(folder, "captures");
  execFileSync("mkdir", ["-p", join(captures, "rack 7=a")]);
  const bytes = readFileSync(sample);
  writeFileSync(join(captures, "whole.pcapng"), bytes);
  writeFileSync(join(captures, "rack 7=a", "half%.pcapng"), bytes);
  writeFileSync(join(captures, "README.txt"), "no capture");
  try {
    await check(query, at, captures);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function check(query, at, captures) {
  for (const format of ["parquet", "csv", "ndjson"]) {
    tcpwire("export", sample, "-o", at(`segments.${format}`));
    tcpwire("export", sample, "--flows", "-o", at(`flows.${format}`));
  }
  const lines = (name) => readFileSync(at(name), "utf8").trimEnd().split("\n").map(JSON.parse);
  const segments = lines("segments.ndjson");

  await test("Parquet: every cell is what ndjson has, 64-bit numbers exactly", async () => {
    // The text holds time_ns exactly, JSON.parse does not.
    const exact = readFileSync(at("segments.ndjson"), "utf8").match(/(?<="time_ns":)\d+/g);
    const rows = await query(`select * from '${at("segments.parquet")}'`);
    assert.equal(rows.length, segments.length);
    rows.forEach((row, i) => {
      assert.equal(String(row.time_ns), exact[i]);
      assert.deepEqual(Object.keys(row), Object.keys(segments[i]));
      for (const [name, cell] of Object.entries(row)) {
        if (name.startsWith("time") && !name.startsWith("time_")) continue;
        assert.deepEqual(plain(cell), segments[i][name], `row ${i}, ${name}`);
      }
      assert.equal(row.time.getTime(), Date.parse(segments[i].time.replace(/\d{6}Z$/, "Z")));
    });
  });
  await test("Parquet: numbers above 2^31 are unsigned, and the largest can be asked for", async () => {
    const path = at("segments.parquet");
    const [row] = await query(
      `select max(seq) as seq, typeof(max(seq)) as type from '${path}' where seq > 4294960000`,
    );
    assert.deepEqual(row, { seq: Math.max(...segments.map(({ seq }) => seq)), type: "UINTEGER" });
  });
  await test("Parquet: findings are lists", async () => {
    const rows = await query(
      `select frame from '${at("segments.parquet")}' where list_contains(findings, 'fast_retransmission')`,
    );
    assert.deepEqual(rows, [{ frame: 23 }]);
  });
  await test("CSV: types and values are recognised", async () => {
    const columns = "frame, time_ns, src, src_port, seq, ack, tsval, stream, ack_rtt_ns, checksum_status";
    const from = (format) => query(`select ${columns} from '${at(`segments.${format}`)}' order by frame`);
    assert.deepEqual((await from("csv")).map(plainRow), (await from("parquet")).map(plainRow));
  });
  await test("flow records agree in all formats", async () => {
    const columns = "stream, start_ns, conn_state, history, client_address, server_bytes, client_rtt_mean_ns";
    const from = (format) => query(`select ${columns} from '${at(`flows.${format}`)}' order by stream`);
    const rows = (await from("parquet")).map(plainRow);
    assert.equal(rows.length, lines("flows.ndjson").length);
    assert.deepEqual((await from("csv")).map(plainRow), rows);
    assert.deepEqual((await from("ndjson")).map(plainRow), rows);
  });

  tcpwire("export", captures, "-o", at("set/"), "--format", "parquet");
  const set = `read_parquet('${at("set")}/**/*.parquet', hive_partitioning = true)`;
  await test("a folder of captures is one table, with names as they are and the date", async () => {
    const rows = await query(
      `select capture, date::varchar as date, count(*)::int as rows from ${set} group by all order by capture`,
    );
    const date = segments[0].time.slice(0, 10);
    assert.deepEqual(rows, [
      { capture: "rack 7=a/half%.pcapng", date, rows: segments.length },
      { capture: "whole.pcapng", date, rows: segments.length },
    ]);
  });
  await test("the example of ARCHITECTURE.md", async () => {
    const text = readFileSync("ARCHITECTURE.md", "utf8");
    const sql = text.match(/```sql\n(.*?)```/s)[1].replaceAll("lake/", `${at("set")}/`);
    const rows = await query(sql);
    assert.ok(rows.length > 0 && rows.every(({ resent }) => resent > 0));
  });
}

async function test(title, body) {
  try {
    await body();
    counts.passed++;
    console.log(`ok     ${title}`);
  } catch (error) {
    counts.failed++;
    console.log(`FAILED ${title}\n${error.stack}`);
  }
}

function tcpwire(...args) {
  execFileSync(process.execPath, ["dist/cli.js", ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

function plainRow(row) {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, plain(cell)]));
}

/** As JSON has it: the sample's other 64-bit numbers fit a double. */
function plain(cell) {
  return typeof cell === "bigint" ? Number(cell) : cell;
}

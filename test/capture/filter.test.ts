import { describe, expect, test } from "vitest";
import { compileFilter, type FilterField } from "../../src/capture/filter/compile.ts";
import { FilterError } from "../../src/capture/filter/lexer.ts";
import { addressBytes } from "../../src/wire/address.ts";

interface Row {
  port: number[];
  syn: boolean;
  retransmission: boolean;
  time: bigint;
  src?: string;
  src6?: string;
  mss?: number;
  name: string;
  payload: string;
}

const fields: Record<string, FilterField<Row[]>> = {
  "tcp.port": { type: "integer", value: (rows, i) => rows[i].port },
  "tcp.flags.syn": { type: "boolean", value: (rows, i) => rows[i].syn },
  "tcp.analysis.retransmission": { type: "flag", value: (rows, i) => rows[i].retransmission },
  "frame.time_epoch": { type: "seconds", value: (rows, i) => rows[i].time },
  "ip.src": { type: "address", value: (rows, i) => rows[i].src && addressBytes(rows[i].src) },
  "ipv6.src": { type: "address", value: (rows, i) => rows[i].src6 && addressBytes(rows[i].src6) },
  "tcp.options.mss_val": { type: "integer", value: (rows, i) => rows[i].mss },
  "tcpwire.name": { type: "text", value: (rows, i) => rows[i].name },
  "tcp.payload": {
    type: "bytes",
    value: (rows, i) => (rows[i].payload ? new TextEncoder().encode(rows[i].payload) : undefined),
  },
};

const bytes = Uint8Array.of(0xff, 0, 0x80, 0xf0, 0x9f, 0x98, 0x80);
fields["tcp.bytes"] = { type: "bytes", value: (_, i) => (i === 1 ? bytes : undefined) };

const base: Row = { port: [50000, 80], syn: false, retransmission: false, time: 0n, name: "", payload: "" };
const rows: Row[] = [
  { ...base, syn: true, mss: 1460, src: "10.0.0.7", time: 1_700_000_000_000_000_001n },
  {
    ...base,
    src: "192.168.1.1",
    payload: "GET / HTTP/1.1\r\n",
    time: 1_700_000_000_500_000_000n,
    name: "web",
  },
  {
    ...base,
    src6: "2001:db8::1",
    port: [443, 50001],
    retransmission: true,
    time: 1_700_000_001_000_000_000n,
  },
];
const matches = (filter: string) => {
  const predicate = compileFilter(filter, (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined));
  return rows.map((_, i) => i).filter((i) => predicate(rows, i));
};

describe("display filters", () => {
  const cases: [filter: string, rows: number[]][] = [
    ["tcp.port == 80", [0, 1]],
    ["tcp.port eq 0x1bb", [2]],
    ["tcp.port > 50000", [2]],
    ["tcp.port >= 50000 && tcp.port < 100", [0, 1]],
    ["tcp.port != 80", [2]],
    ["!(tcp.port == 80)", [2]],
    ["tcp.flags.syn", [0, 1, 2]],
    ["tcp.flags.syn == 1", [0]],
    ["tcp.flags.syn == false", [1, 2]],
    ["tcp.analysis.retransmission", [2]],
    ["not tcp.analysis.retransmission", [0, 1]],
    ["tcp.options.mss_val", [0]],
    ["tcp.options.mss_val != 536", [0]],
    ["!tcp.options.mss_val", [1, 2]],
    ["ip.src == 10.0.0.7", [0]],
    ["ip.src == 10.0.0.0/8", [0]],
    ["ip.src == 0.0.0.0/0", [0, 1]],
    ["ip.src > 10.0.0.7", [1]],
    ["ip.src != 10.0.0.7", [1]],
    ["ipv6.src == 2001:DB8:0::1", [2]],
    ["ipv6.src == 2001:db8::/33", [2]],
    ["frame.time_epoch >= 1700000000.5", [1, 2]],
    ["frame.time_epoch == 1700000000.000000001", [0]],
    ['tcp.payload contains "HTTP"', [1]],
    ["tcp.payload contains 47:45:54", [1]],
    ['tcp.payload contains "\\r\\n"', [1]],
    ['tcp.payload contains "\\x47ET"', [1]],
    ['tcp.bytes contains "\\xff\\x00\\x80"', [1]],
    ['tcp.bytes == "\\xff\\x00\\x80\u{1f600}"', [1]],
    ["tcp.bytes contains ff:00:80:f0:9f", [1]],
    ['tcp.bytes contains "\u00ff"', []],
    ['tcpwire.name == "web" || tcp.flags.syn == 1', [0, 1]],
    ["tcp.port == 443 || tcp.port == 80 && tcp.flags.syn == 1", [0, 2]],
    ["(tcp.port == 443 or tcp.port == 80) and !tcp.flags.syn == 1", [1, 2]],
    ["tcp.port==443||!!tcp.options.mss_val&&!(tcp.port==1)", [0, 2]],
  ];
  for (const [filter, expected] of cases) {
    test(filter, () => expect(matches(filter)).toEqual(expected));
  }
});

describe("a filter that cannot be read names the character at fault", () => {
  const cases: [filter: string, offset: number, reason: string][] = [
    ["", 0, "the filter is empty"],
    ["tcp.prot == 80", 0, 'no field "tcp.prot"'],
    ["tcp.port == eighty", 12, "wants a number"],
    ["tcp.port ==", 11, 'expected a value after "=="'],
    ["tcp.port == 80 tcp.port == 81", 15, 'unexpected "tcp.port"'],
    ["(tcp.port == 80", 15, 'expected ")"'],
    ["tcp.port = 80", 9, 'no operator "="'],
    ["tcp.port=>80", 8, 'no operator "=>"'],
    ["tcp.port === 80", 9, 'no operator "==="'],
    ["tcp.port !== 80", 9, 'no operator "!=="'],
    ["tcp.port & !tcp.port", 9, 'no operator "&"'],
    ["tcp.port equals 80", 9, 'no operator "equals"'],
    ["tcp.port constructor 80", 9, 'no operator "constructor"'],
    ["tcp.port 80", 9, "expected an operator before the value"],
    ['tcpwire.name "web"', 13, "expected an operator before the value"],
    ["tcp.analysis.retransmission == 1", 31, "no value to compare"],
    ["ip.src == 10.0.0.300", 10, "wants an IPv4 or IPv6 address"],
    ["ip.src == 10.0.0.0/33", 10, "prefix length of 0 to 32"],
    ["ip.src == 10.0.0.0/8/8", 10, "prefix length of 0 to 32"],
    ["ip.src == 10.0.0.0/0x8", 10, "prefix length of 0 to 32"],
    ["ip.src == 10.0.0.0/", 10, "prefix length of 0 to 32"],
    ["tcp.port contains 8", 18, "no parts"],
    ['tcpwire.name == "web', 16, "closing quote"],
    ['tcpwire.name == "\\q"', 17, "unknown escape"],
    ['tcpwire.name == "\\x4"', 17, "unknown escape"],
    ["tcp.flags.syn == constructor", 17, "wants 1 or 0"],
    ["toString", 0, 'no field "toString"'],
    ["tcp.flags.syn valueOf 1", 14, 'no operator "valueOf"'],
    ["tcp.flags.syn == 2", 17, "wants 1 or 0"],
    [`${"(".repeat(5000)}tcp.port`, 201, "nested too deeply"],
  ];
  for (const [filter, offset, reason] of cases) {
    test(`${filter.slice(0, 40)} -> ${reason}`, () => {
      let error: unknown;
      try {
        matches(filter);
      } catch (e) {
        error = e;
      }
      expect(error).toBeInstanceOf(FilterError);
      expect((error as FilterError).offset).toBe(offset);
      expect((error as FilterError).message).toContain(reason);
    });
  }
});

test("a filter may name as many things as it likes, in a row", () => {
  const ports = Array.from({ length: 50_000 }, (_, i) => `tcp.port == ${i + 300}`);
  expect(matches(ports.join(" || "))).toEqual([0, 1, 2]);
  expect(matches(ports.join(" && "))).toEqual([]);
});

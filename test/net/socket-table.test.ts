import { expect, test } from "vitest";
import { formatSockets, type SocketRow } from "../../src/net/index.ts";
import { A4, A6, pair, pattern, turns } from "./virtual.ts";

const lines = (rows: readonly SocketRow[]) => formatSockets(rows).split("\n").slice(2);

test("the table has the layout of netstat -napo", async () => {
  const { a, b, clock } = pair();
  a.listen({ port: 22, hostname: A4 });
  a.listen({ port: 80 });
  const listener = a.listen({ port: 443, hostname: A6 });
  const keepAlive = { initialDelay: 7_200_000 };
  const client = b.connect({ hostname: A6, port: 443 }, { localPort: 40_000, keepAlive });
  await listener.accept();
  await client.opened;
  await clock.pass(1_860);
  await client.write(pattern(5));
  await clock.pass(0);
  expect(formatSockets(a.sockets())).toBe(`\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name     Timer
tcp        0      0 192.0.2.1:22            0.0.0.0:*               LISTEN      -                    off (0.00/0/0)
tcp6       0      0 :::80                   :::*                    LISTEN      -                    off (0.00/0/0)
tcp6       0      0 2001:db8::1:443         :::*                    LISTEN      -                    off (0.00/0/0)
tcp6       5      0 2001:db8::1:443         2001:db8::2:40000       ESTABLISHED -                    off (0.00/0/0)`);
  expect(lines(b.sockets())).toEqual([
    "tcp6       0      0 2001:db8::2:40000       2001:db8::1:443         ESTABLISHED -                    keepalive (7200.00/0/0)",
  ]);
});

test("states and timers of a connection show from its SYN to TIME-WAIT", async () => {
  const world = pair();
  const { a, b, clock } = world;
  const listener = a.listen({ port: 7 });
  const row = (host: typeof a, state: string) =>
    lines(host.sockets())
      .find((each) => each.includes(` ${state} `))
      ?.replace(/ +/g, " ");
  world.wire = (_, from) => from === "b";
  const client = b.connect({ hostname: A4, port: 7 }, { localPort: 40_000, allowHalfOpen: true });
  await clock.pass(250);
  expect(row(b, "SYN_SENT")).toBe("tcp 0 1 192.0.2.2:40000 192.0.2.1:7 SYN_SENT - on (0.75/0/0)");
  expect(row(a, "SYN_RECV")).toBe("tcp 0 0 192.0.2.1:7 192.0.2.2:40000 SYN_RECV - on (0.75/0/0)");
  world.wire = () => true;
  await clock.pass(1_000);
  const server = await listener.accept();
  expect(row(a, "ESTABLISHED")).toBe("tcp 0 0 192.0.2.1:7 192.0.2.2:40000 ESTABLISHED - off (0.00/0/0)");
  world.wire = () => false;
  await client.write(pattern(100));
  await clock.pass(0);
  expect(row(b, "ESTABLISHED")).toMatch(/^tcp 0 100 \S+ \S+ ESTABLISHED - on \(\d\.\d\d\/0\/0\)$/);
  world.wire = () => true;
  await clock.pass(30_000);
  await client.closeWriting();
  await turns();
  expect(row(b, "FIN_WAIT2")).toMatch(/ off /);
  expect(row(a, "CLOSE_WAIT")).toBe("tcp 101 0 192.0.2.1:7 192.0.2.2:40000 CLOSE_WAIT - off (0.00/0/0)");
  await server.closeWriting();
  await turns();
  expect(row(b, "TIME_WAIT")).toBe("tcp 0 0 192.0.2.2:40000 192.0.2.1:7 TIME_WAIT - timewait (60.00/0/0)");
});

test("a listener's Recv-Q is what waits to be accepted", async () => {
  const { a, b, clock } = pair();
  a.listen({ port: 7, hostname: A4 });
  for (let i = 0; i < 3; i++) b.connect({ hostname: A4, port: 7 });
  await clock.pass(1);
  expect(a.sockets()[0]).toMatchObject({ state: "LISTEN", recvQ: 3 });
});

import { describe, expect, test } from "vitest";
import { World } from "../../src/sim/index.ts";
import { files, tcpwire } from "./harness.ts";

const sample = "sample/story.pcapng";

describe("diagnose", () => {
  test("tells the stories that the sample holds, worst first, with frames and settings", async () => {
    const { status, out } = await tcpwire(["diagnose", sample]);
    expect(status).toBe(0);
    expect(out).toContain("An idle session was forgotten after 10 min of silence; the next data met a RST");
    expect(out).toContain("TCP_KEEPIDLE");
    expect(out).toMatch(/conversation \d+; frames/);
    expect(out.indexOf("problem")).toBe(0);
    expect(out.indexOf("note ")).toBeGreaterThan(out.lastIndexOf("problem "));
  });

  test("--json gives an object a line, and --fail-on says by the exit status how grave it is", async () => {
    const { status, out } = await tcpwire(["diagnose", sample, "--json", "--fail-on", "problem"]);
    expect(status).toBe(1);
    const found = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["idle-timeout", "syn-refused", "zero-window"]),
    );
    for (const diagnosis of found) {
      expect(Object.keys(diagnosis)).toEqual(
        expect.arrayContaining([
          "name",
          "severity",
          "title",
          "explanation",
          "advice",
          "streams",
          "conversations",
          "frames",
          "values",
        ]),
      );
    }
  });
});

describe("follow", () => {
  test("gives the bytes of both sides, or of one", async () => {
    const both = (await tcpwire(["follow", sample, "--flow", "0"])).out;
    const client = (await tcpwire(["follow", sample, "--flow", "0", "--dir", "client"])).out;
    const server = (await tcpwire(["follow", sample, "--flow", "0", "--dir", "server"])).out;
    expect(client.length + server.length).toBe(both.length);
    expect(client.length).toBeGreaterThan(0);
    expect(server.length).toBeGreaterThan(0);
  });

  test("a conversation that is not there is a usage error that says which there are", async () => {
    const { status, err } = await tcpwire(["follow", sample, "--flow", "9999"]);
    expect(status).toBe(2);
    expect(err).toMatch(/conversations 0 to \d+, and no 9999/);
  });

  test("on a terminal control characters do not reach it", async () => {
    const { out } = await tcpwire(["follow", sample, "--flow", "0"], { terminal: true });
    expect([...out].every((c) => c >= " " || c === "\n" || c === "\t")).toBe(true);
  });

  test("on a terminal lines stay lines, and a backslash that was sent is none of ours", async () => {
    const world = new World();
    const client = world.host("client", "192.0.2.1");
    const server = world.host("server", "192.0.2.2");
    const tap = world.tap(world.link(client, server).a);
    server.listen(80, () => ({}));
    const connection = client.connect("192.0.2.2", 80);
    connection.send(new TextEncoder().encode("C:\\new\r\nC:\\temp\n\\x1b[m\t\x1b[m"));
    world.run(1000);
    const { path, clean } = files({ "a.pcap": tap.pcap() });
    const { out } = await tcpwire(["follow", path("a.pcap"), "--flow", "0"], { terminal: true });
    clean();
    expect(out).toBe("C:\\\\new\nC:\\\\temp\n\\\\x1b[m\t\\x1b[m");
  });
});

describe("ladder", () => {
  test("draws the handshake with the states of both ends", async () => {
    const { out } = await tcpwire(["ladder", sample, "--flow", "0"]);
    expect(out).toMatch(/SYN-SENT │── SYN seq 0 /);
    expect(out).toMatch(/│ SYN-RECEIVED/);
    expect(out).toMatch(/ESTABLISHED │── ack 1 /);
  });
});

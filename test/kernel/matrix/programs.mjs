// Programs whose connections go through a Host for as long as they like: OpenSSH, and the example of examples/tun.mjs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { untilSaid } from "../lab/lab.mjs";
import { KERNEL, OURS, pattern, patternSum, seconds } from "../lab/stage.mjs";
import { FLOW_CONTROL } from "../lab/tshark.mjs";

const MB = 1_000_000;
const SIZE = 10 * MB;
const SSHD = 2200;
const RELAY = 2222;

export const programs = [
  {
    name: "ssh speaks to sshd through a Host that relays: lines typed, 10 MB each way",
    needs: ["sshd", "ssh", "ssh-keygen"],
    allows: FLOW_CONTROL,
    async run({ host, kernel }, folder) {
      const server = await sshd(kernel, folder);
      const relayed = relay(host, server);
      const ssh = `ssh -F ${join(folder, "ssh_config")} relay`;
      await writeFile(join(folder, "file"), pattern(SIZE));

      const shell = kernel.spawn("sh", ["-c", `${ssh} 'while read word; do echo "$word to you"; done'`], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const ended = once(shell, "close");
      const answers = lines(shell.stdout);
      for (const word of ["hello", "how are", "bye"]) {
        shell.stdin.write(`${word}\n`);
        assert.equal((await answers.next()).value, `${word} to you`);
        // Longer than a delayed acknowledgment waits: each line is a packet of its own each way.
        await seconds(0.3);
      }
      shell.stdin.end();
      assert.deepEqual(await ended, [0, null]);

      const up = await kernel.sh(`${ssh} sha256sum < ${join(folder, "file")}`);
      const down = await kernel.sh(`${ssh} cat ${join(folder, "file")} | sha256sum`);
      assert.deepEqual(
        [up, down].map((line) => line.split(" ")[0]),
        [patternSum(SIZE), patternSum(SIZE)],
      );
      await assert.rejects(kernel.sh(`${ssh} exit 7`));

      // One connection of ssh's is two of the Host's, and each ended as its program ended it.
      assert.deepEqual(await Promise.all(relayed.splice(0)), Array(4).fill("in order"));
    },
  },
  {
    name: "examples/tun.mjs answers the kernel's curl and ping",
    bare: true,
    async run({ kernel }) {
      const example = kernel.spawn(process.execPath, ["examples/tun.mjs"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const said = lines(example.stdout);
      assert.equal((await said.next()).value, "curl http://10.9.0.2/");
      const table = await kernel.sh("curl -sS --max-time 10 http://10.9.0.2/");
      assert.match(table, /^tcp .* 10\.9\.0\.2:80 +10\.9\.0\.1:\d+ +ESTABLISHED /m);
      assert.match(await kernel.sh("ping -c 3 -i 0.2 -W 2 10.9.0.2"), /3 received, 0% packet loss/);
      const ended = once(example, "close");
      example.kill();
      await ended;
      const byItself = kernel.spawn(process.execPath, ["examples/tun.mjs", "--once"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [all, [status]] = await Promise.all([text(byItself.stdout), once(byItself, "close")]);
      assert.equal(status, 0);
      assert.match(all, /^tcp .* 10\.9\.0\.2:80 +10\.9\.0\.1:\d+ +ESTABLISHED /m);
    },
  },
];

/** Starts sshd with keys of its own, and writes the client's configuration beside them. Gives where it listens. */
async function sshd(kernel, folder) {
  const at = (name) => join(folder, name);
  await kernel.sh(
    ["host", "user"].map((name) => `ssh-keygen -q -t ed25519 -N '' -C ${name} -f ${at(name)}`).join(" && "),
  );
  const server = { hostname: KERNEL[4], port: SSHD };
  await writeFile(
    at("sshd_config"),
    `Port ${server.port}
ListenAddress ${server.hostname}
HostKey ${at("host")}
AuthorizedKeysFile ${at("user.pub")}
AuthenticationMethods publickey
PermitRootLogin yes
StrictModes no
UsePAM no
UseDNS no
PidFile none
`,
  );
  await writeFile(
    at("ssh_config"),
    `Host relay
  HostName ${OURS[4]}
  Port ${RELAY}
  User root
  IdentityFile ${at("user")}
  IdentitiesOnly yes
  BatchMode yes
  UserKnownHostsFile ${at("known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  LogLevel ERROR
`,
  );
  await kernel.sh(
    `echo "[${OURS[4]}]:${RELAY} $(cat ${at("host.pub")})" > ${at("known_hosts")}; mkdir -p /run/sshd`,
  );
  // It wants to be called by its whole path.
  const path = (await kernel.sh("command -v sshd")).trim();
  const child = kernel.spawn(path, ["-D", "-e", "-f", at("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await untilSaid(child, /Server listening/);
  return server;
}

/** Has `host` pass on what comes to it. Gives how each connection that it passed on came to its end. */
function relay(host, server) {
  const ends = [];
  const listener = host.listen({ port: RELAY, allowHalfOpen: true, noDelay: true });
  (async () => {
    for await (const from of listener) {
      const to = host.connect(server, { allowHalfOpen: true, noDelay: true });
      const both = [
        from.readable.pipeTo(to.writable),
        to.readable.pipeTo(from.writable),
        from.closed,
        to.closed,
      ];
      ends.push(
        Promise.all(both).then(
          () => "in order",
          (error) => error.message,
        ),
      );
    }
  })();
  return ends;
}

/** The lines of a stream, without their ends. */
async function* lines(stream) {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}

async function text(stream) {
  let all = "";
  for await (const chunk of stream.setEncoding("utf8")) all += chunk;
  return all;
}

import { Router } from "../boxes/box.ts";
import { Filter } from "../boxes/filter.ts";
import type { Connection, Machine } from "../machine.ts";
import { bytes, CLIENT, counted, delay, letters, PORT, SERVER, seconds } from "./pair.ts";
import type { NumberParameter, Text } from "./parameter.ts";
import type { Scenario } from "./scenario.ts";
import type { ActStage, Stage } from "./stage.ts";

const ROUTER = "203.0.113.1";
const REQUEST = bytes("PUT /backup HTTP/1.1\r\n\r\n");
const ANSWER = bytes("HTTP/1.1 100 Continue\r\n\r\n");

const mtu: NumberParameter = {
  name: "mtu",
  unit: "bytes",
  default: 1400,
  least: 576,
  most: 1499,
  help: {
    en: "largest packet of the link behind the router, a tunnel",
    ko: "라우터 뒤 링크(터널)가 전달할 수 있는 가장 큰 패킷",
  },
};

const size: NumberParameter = {
  name: "size",
  unit: "bytes",
  default: 6000,
  least: 2000,
  most: 20_000_000,
  help: { en: "bytes to transfer", ko: "전송할 바이트 수" },
};

/** What one act came to. */
interface Outcome {
  readonly delivered: number;
  /** Milliseconds from the write to the last byte; Infinity when it did not arrive. */
  readonly took: number;
  readonly retransmits: number;
  readonly pathMtu: number;
}

interface Scene {
  readonly act: ActStage;
  readonly client: Machine;
  readonly server: Machine;
  readonly firewall: Filter;
  readonly connection: Connection;
  /** Sends the upload, and lets time pass until it is there, the connection is over, or `most` milliseconds are. */
  upload(most: number): Outcome;
  /** What the application is told, once the connection has failed. */
  failedWith(): string;
}

export const pathMtu: Scenario = {
  name: "path-mtu",
  title: { en: "Path MTU discovery, and its black hole", ko: "경로 MTU 탐색(PMTUD)과 블랙홀" },
  summary: {
    en: "a router says by ICMP what its next link takes; where a firewall drops that, large segments vanish and small ones pass",
    ko: "라우터는 다음 링크가 받을 수 있는 크기를 ICMP로 알려 준다. 방화벽이 ICMP를 버리면 큰 세그먼트만 소리 없이 사라진다",
  },
  parameters: [delay, mtu, size],
  // Of the client that never gets through, and of the one that finds out.
  diagnosis: ["path-mtu-black-hole", "path-mtu-black-hole"],
  play(stage) {
    const told = discovered(stage);
    const hole = swallowed(stage);
    const probed = probing(stage);
    const cell = ({ delivered, took, retransmits, pathMtu }: Outcome) => [
      delivered.toLocaleString("en-US"),
      took === Number.POSITIVE_INFINITY ? "-" : `${seconds(took)} s`,
      String(retransmits),
      String(pathMtu),
    ];
    const word = (text: Text) => stage.say(text);
    stage.table(
      { en: "The same upload, three times", ko: "같은 업로드를 세 번" },
      [
        { en: "ICMP", ko: "ICMP" },
        { en: "bytes delivered", ko: "전달된 바이트" },
        { en: "took", ko: "걸린 시간" },
        { en: "segments sent again", ko: "재전송한 세그먼트" },
        { en: "the client's path MTU", ko: "클라이언트가 아는 경로 MTU" },
      ],
      [
        [word({ en: "gets through", ko: "통과" }), ...cell(told)],
        [word({ en: "dropped", ko: "버려짐" }), ...cell(hole)],
        [word({ en: "dropped, tcp_mtu_probing 1", ko: "버려짐, tcp_mtu_probing 1" }), ...cell(probed)],
      ],
    );
    stage.conclude({
      en: "A connection that opens, answers small requests and hangs on the first large transfer has met a path-MTU black hole. The mend is to let ICMP type 3 code 4 (ICMPv6: type 2) through. Where one cannot: clamp the MSS at the tunnel (iptables -j TCPMSS --clamp-mss-to-pmtu), or have the sender find out by itself (net.ipv4.tcp_mtu_probing=1, RFC 4821).",
      ko: "연결은 되고 작은 요청에도 응답이 오는데 첫 번째 큰 전송에서 멈춘다면 경로 MTU 블랙홀을 만난 것이다. 해결책은 ICMP type 3 code 4(ICMPv6는 type 2)를 통과시키는 것이다. 그럴 수 없다면 터널에서 MSS를 줄이거나(iptables -j TCPMSS --clamp-mss-to-pmtu) 송신 측이 스스로 알아내게 한다(net.ipv4.tcp_mtu_probing=1, RFC 4821).",
    });
  },
};

function discovered(stage: Stage): Outcome {
  const scene = opened(stage, { en: "ICMP gets through", ko: "ICMP가 통과하는 경우" });
  const { act, connection } = scene;
  const mtu = stage.number("mtu");
  const { mss } = connection.status.snd;
  act.tell({
    en: `Both ends have Ethernet and said so in their SYNs (mss 1460): of the tunnel behind the router, which takes ${mtu} bytes, neither knows. The client sends ${counted(stage.number("size"), "byte")} in segments of ${mss}, in packets of 1,500 bytes with DF set: not to be fragmented.`,
    ko: `양쪽 호스트는 이더넷에 있고 SYN에서 그렇게 알렸다(mss 1460). 라우터 뒤의 터널이 ${mtu}바이트까지만 받는다는 것은 둘 다 모른다. 클라이언트가 ${stage.number("size").toLocaleString("en-US")}바이트를 ${mss}바이트 세그먼트로, 즉 DF(단편화 금지)가 설정된 1,500바이트 패킷으로 보낸다.`,
  });
  const outcome = scene.upload(60_000);
  act.look({
    en: `The router drops what does not fit and says so: ICMP type 3 code 4, fragmentation needed, with the MTU of its next link and the first bytes of the packet it is about (RFC 1191). By these the client finds the connection, believes it (RFC 5927) and sends the same bytes again at once, in segments that fit. That costs one round trip to the router, and no timeout.`,
    ko: `라우터는 맞지 않는 패킷을 버리고 그 사실을 알린다. ICMP type 3 code 4(fragmentation needed)에는 다음 링크의 MTU와 문제가 된 패킷의 앞부분이 들어 있다(RFC 1191). 클라이언트는 이것으로 어느 연결인지 찾아 확인한 뒤(RFC 5927) 같은 바이트를 크기가 맞는 세그먼트로 곧바로 다시 보낸다. 라우터까지 왕복 한 번이면 되고 타임아웃은 없다.`,
  });
  finish(scene);
  return outcome;
}

function swallowed(stage: Stage): Outcome {
  const scene = opened(
    stage,
    { en: "A firewall drops ICMP: the black hole", ko: "방화벽이 ICMP를 버리는 경우: 블랙홀" },
    "off",
  );
  const { act, client, server, firewall, connection } = scene;
  firewall.rules.push({ protocol: "icmp", action: "drop" });
  act.tell({
    en: "The same once more, but somebody has told the firewall to drop all ICMP. The handshake, the request and its answer have passed, for they are small. Now the upload begins.",
    ko: "같은 상황이지만 누군가 방화벽에서 모든 ICMP를 버리도록 설정했다. 핸드셰이크와 요청, 응답은 작기 때문에 통과했다. 이제 업로드가 시작된다.",
  });
  const outcome = scene.upload(30_000);
  act.look({
    en: `After 30 s ${outcome.delivered.toLocaleString("en-US")} of the bytes are delivered. The router speaks, and nobody hears it. The client takes the silence for loss and sends the same large segment again and again, at twice the interval each time (timer: on). What is small would pass as before.`,
    ko: `30초가 지나도 전달된 데이터는 ${outcome.delivered.toLocaleString("en-US")}바이트이다. 라우터는 말하고 있지만 아무도 듣지 못한다. 클라이언트는 침묵을 패킷 손실로 여기고 같은 큰 세그먼트를 두 배씩 늘어나는 간격으로 계속 다시 보낸다(타이머: on). 작은 패킷이라면 지금도 통과할 것이다.`,
  });
  act.sockets(client, server);
  while (scene.failedWith() === "" && act.now < 3_600_000) act.world.run(act.now + 1000);
  act.look({
    en: `At last, ${minutes(act.now)} minutes later, the application is told: ${scene.failedWith()} (tcp_retries2 = 15 in Linux). Hosts that are not behind the tunnel are reached as ever, which is what makes this fault hard to find. The server still has its end: a zombie.`,
    ko: `${minutes(act.now)}분이 지나서야 애플리케이션은 ${scene.failedWith()}을 받는다(Linux에서 tcp_retries2 = 15). 터널 뒤에 있지 않은 호스트와는 평소처럼 통신되기 때문에 원인을 찾기 어렵다. 서버에는 연결이 좀비로 남아 있다.`,
  });
  act.sockets(client, server);
  act.ladder(connection, server);
  return { ...outcome, retransmits: connection.status.counters.retransmits };
}

function probing(stage: Stage): Outcome {
  const scene = opened(
    stage,
    { en: "The sender finds out by itself", ko: "송신 측이 스스로 알아내는 경우" },
    "blackHole",
  );
  const { act, client, firewall } = scene;
  firewall.rules.push({ protocol: "icmp", action: "drop" });
  act.does(client, "sysctl net.ipv4.tcp_mtu_probing=1");
  act.tell({
    en: "The firewall still drops ICMP, but the client looks for black holes (RFC 4821): after a few timeouts in a row it tries smaller segments.",
    ko: "방화벽은 여전히 ICMP를 버리지만 클라이언트가 블랙홀을 스스로 찾는다(RFC 4821). 타임아웃이 몇 번 이어지면 더 작은 세그먼트로 시도한다.",
  });
  const outcome = scene.upload(120_000);
  act.look({
    en: `They get through, and all ${outcome.delivered.toLocaleString("en-US")} bytes with them, after ${seconds(outcome.took)} s instead of never. Segments carry ${outcome.pathMtu} bytes and less now; later the client tries larger ones again.`,
    ko: `작은 세그먼트는 통과하고 ${outcome.delivered.toLocaleString("en-US")}바이트 모두가 도착한다. 영영 끝나지 않는 대신 ${seconds(outcome.took)}초가 걸렸다. 이제 패킷은 ${outcome.pathMtu}바이트 이하이며, 나중에 더 큰 세그먼트를 다시 시도한다.`,
  });
  finish(scene);
  return outcome;
}

/** Client, firewall, router, tunnel, server; connected, and one small request answered. */
function opened(stage: Stage, title: Text, mtuProbing: "off" | "blackHole" = "off"): Scene {
  const act = stage.act(title);
  const { world } = act;
  const client = act.host("client", CLIENT, { mtuProbing }, "1322/backup");
  const server = act.host("server", SERVER, {}, "576/httpd");
  const firewall = world.add(new Filter("firewall"));
  const router = world.add(new Router("router", [ROUTER]));
  act.tap.name(ROUTER, "router");
  const each = stage.number("delay") / 3;
  const cable = world.link(client, firewall, { delay: each });
  world.link(firewall, router, { delay: each });
  world.link(router, server, { delay: each, mtu: stage.number("mtu") });
  act.tap.listen(cable.a, "client eth0");
  let received = 0;
  let error = "";
  server.listen(PORT, (connection) => ({
    data: (data) => {
      if (received === 0) connection.send(ANSWER);
      received += data.length;
    },
    ended: () => connection.close(),
  }));
  const connection = client.connect(SERVER, PORT, {
    data: () => {},
    closed: (reason) => {
      if (reason !== "finished") error = reason === "timedOut" ? "ETIMEDOUT" : "ECONNRESET";
    },
  });
  act.does(connection, `send(${REQUEST.length})`);
  connection.send(REQUEST);
  world.run(1000 + 4 * stage.number("delay"));
  return {
    act,
    client,
    server,
    firewall,
    connection,
    failedWith: () => error,
    upload(most) {
      const wanted = REQUEST.length + stage.number("size");
      let left = letters(stage.number("size"));
      const send = () => {
        left = left.subarray(connection.send(left));
      };
      connection.application = { ...connection.application, writable: send };
      act.does(connection, `send(${left.length})`);
      const start = act.now;
      send();
      const before = connection.status.counters.retransmits;
      while (received < wanted && act.now < start + most && error === "") act.world.run(act.now + 10);
      return {
        delivered: received - REQUEST.length,
        took: received < wanted ? Number.POSITIVE_INFINITY : act.now - start,
        retransmits: connection.status.counters.retransmits - before,
        pathMtu: connection.status.snd.pmtu,
      };
    },
  };
}

function minutes(ms: number): string {
  return String(Math.round(ms / 60_000));
}

function finish({ act, client, server, connection }: Scene): void {
  act.sockets(client, server);
  connection.close();
  act.world.run(act.now + 5000);
  act.ladder(connection, server);
}

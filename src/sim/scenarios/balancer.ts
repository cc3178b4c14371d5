import { LoadBalancer, type Policy, type UnknownSession } from "../boxes/balancer.ts";
import type { Connection, Machine } from "../machine.ts";
import { counted, delay, seconds } from "./pair.ts";
import type { NumberParameter, Text } from "./parameter.ts";
import { Pool } from "./pool.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const VIRTUAL = "203.0.113.80";
const PORT = 5672;
const CLIENT = "192.0.2.7";

const second = (name: string, value: number, help: Text, least = 1): NumberParameter => ({
  name,
  unit: "s",
  default: value,
  least,
  most: 86_400,
  help,
});

export const loadBalancer: Scenario = {
  name: "load-balancer",
  title: { en: "A load balancer forgets", ko: "MQ 서버와 로드 밸런서: 잊혀진 세션" },
  summary: {
    en: "pooled sessions idle past the balancer's timeout: RST or timeout for the next request, zombies on the servers",
    ko: "커넥션 풀의 세션이 로드 밸런서의 idle timeout을 넘기면 다음 요청은 RST나 타임아웃을 만나고 서버에는 좀비가 남는다",
  },
  parameters: [
    delay,
    {
      name: "sessions",
      unit: "sessions",
      default: 12,
      least: 1,
      most: 2000,
      help: { en: "sessions in the client's pool", ko: "클라이언트 커넥션 풀의 세션 수" },
    },
    /* @__PURE__ */ second("idle", 600, {
      en: "how long the pool has nothing to do at night",
      ko: "새벽에 풀의 세션이 사용되지 않는 시간",
    }),
    /* @__PURE__ */ second("lb-timeout", 300, {
      en: "the balancer's idle timeout",
      ko: "로드 밸런서의 idle timeout",
    }),
    /* @__PURE__ */ second("keepalive", 120, {
      en: "idle time of keep-alive, in the act that has it",
      ko: "keep-alive를 켠 경우의 keep-alive 유휴 시간",
    }),
    /* @__PURE__ */ second("app-timeout", 3, {
      en: "how long the application waits for an answer",
      ko: "애플리케이션이 응답을 기다리는 시간(타임아웃 임계치)",
    }),
    {
      name: "unknown",
      choices: ["forward", "drop", "reset"],
      default: "forward",
      help: {
        en: "what meets a packet of a session that the balancer has forgotten: some server, nothing, a RST of its own",
        ko: "잊혀진 세션의 패킷을 다루는 법: 아무 서버에게나 전달(forward), 버림(drop), 직접 RST(reset)",
      },
    },
    {
      name: "policy",
      choices: ["random", "round-robin", "hash", "least-sessions"],
      default: "random",
      help: { en: "how the balancer chooses a server", ko: "로드 밸런서가 서버를 고르는 정책" },
    },
  ],
  diagnosis: ["idle-timeout"],
  play(stage) {
    const tooLong = stage.ms("lb-timeout") * 2;
    const idle = stage.ms("keepalive");
    const isShort = idle < stage.ms("lb-timeout");
    const none = night(stage, {
      title: { en: "Without keep-alive", ko: "keep-alive가 없을 때" },
      client: 0,
      server: 0,
    });
    const cleared = night(stage, {
      title: {
        en: `Keep-alive on the servers alone, after ${seconds(tooLong)} s: longer than the balancer's timeout`,
        ko: `서버에만 keep-alive를 켜고 로드 밸런서의 timeout보다 길게 잡았을 때(${seconds(tooLong)}초)`,
      },
      client: 0,
      server: tooLong,
    });
    const kept = night(stage, {
      title: {
        en: `Keep-alive on the client, after ${seconds(idle)} s: ${isShort ? "shorter than" : "no shorter than"} the balancer's timeout`,
        ko: isShort
          ? `클라이언트에 로드 밸런서의 timeout보다 짧은 keep-alive를 켰을 때(${seconds(idle)}초)`
          : `클라이언트에 keep-alive를 켰지만 로드 밸런서의 timeout보다 짧지 않을 때(${seconds(idle)}초)`,
      },
      client: idle,
      server: 0,
    });
    stage.table(
      {
        en: `${counted(stage.number("sessions"), "pooled session")}, idle for ${stage.number("idle")} s behind a balancer that forgets after ${stage.number("lb-timeout")} s`,
        ko: `세션 ${stage.number("sessions")}개, 유휴 시간 ${stage.number("idle")}초, 로드 밸런서의 idle timeout ${stage.number("lb-timeout")}초`,
      },
      [
        { en: "keep-alive", ko: "keep-alive" },
        { en: "forgotten", ko: "잊혀진 세션" },
        { en: "first requests that fail", ko: "실패한 첫 요청" },
        { en: "by RST", ko: "RST" },
        { en: "by timeout", ko: "타임아웃" },
        { en: "until answered, mean", ko: "응답까지 평균" },
        { en: "longest", ko: "최대" },
        { en: "zombies after", ko: "직후 좀비" },
        { en: "2 h later", ko: "2시간 뒤 좀비" },
      ],
      [
        [stage.say({ en: "none", ko: "없음" }), ...none],
        [stage.say({ en: `servers, ${seconds(tooLong)} s`, ko: `서버, ${seconds(tooLong)}초` }), ...cleared],
        [stage.say({ en: `client, ${seconds(idle)} s`, ko: `클라이언트, ${seconds(idle)}초` }), ...kept],
      ],
    );
    stage.conclude({
      en: "The balancer forgets a session in its own table and tells neither end. Keep-alive below its idle timeout keeps the session in the table, and nothing of all this happens. Above it, keep-alive at least clears the servers' zombies, but requests still fail. Note that both TCP_KEEPIDLE and TCP_KEEPINTVL have to be below it: an answered probe is followed by the next one after the longer of the two.",
      ko: "로드 밸런서는 자기 세션 테이블에서만 세션을 지우고 두 종단에는 알리지 않는다. idle timeout보다 짧은 keep-alive는 세션을 테이블에 남겨 두므로 이런 일이 일어나지 않는다. 더 길면 서버의 좀비는 정리되지만 요청은 여전히 실패한다. TCP_KEEPIDLE과 TCP_KEEPINTVL이 모두 timeout보다 짧아야 한다. 응답을 받은 뒤의 다음 probe는 둘 중 긴 시간 뒤에 나가기 때문이다.",
    });
  },
};

interface Night {
  readonly title: Text;
  /** Idle time of keep-alive on the client, milliseconds; 0 without. */
  readonly client: number;
  readonly server: number;
}

/** One night: sessions opened in the evening, idle, used in the morning. @returns the figures, as text */
function night(stage: Stage, { title, client: clientIdle, server: serverIdle }: Night): string[] {
  const act = stage.act(title);
  const keepAlive = (idle: number) =>
    idle === 0 ? {} : { keepAlive: { idle, interval: Math.min(idle, 10_000), probes: 3 } };
  const client = act.host("client", CLIENT, keepAlive(clientIdle), "1322/app");
  const addresses = ["10.0.1.1", "10.0.1.2", "10.0.1.3"];
  const balancer = act.world.add(
    new LoadBalancer("lb", {
      address: VIRTUAL,
      port: PORT,
      servers: addresses,
      policy: stage.choice("policy") as Policy,
      unknown: stage.choice("unknown") as UnknownSession,
      idleTimeout: stage.ms("lb-timeout"),
      random: act.world.random.fork("balancer"),
    }),
  );
  act.tap.name(VIRTUAL, "mq");
  const d = stage.number("delay") / 2;
  const cable = act.world.link(client, balancer, { delay: d });
  act.tap.listen(cable.a, "client eth0");
  const servers = addresses.map((address, i) => {
    const server = act.host(`mq${i + 1}`, address, keepAlive(serverIdle), "881/beam.smp");
    act.world.link(balancer, server, { delay: d });
    server.listen(PORT, (connection) => ({
      data: (data) => void connection.send(data),
      ended: () => connection.close(),
    }));
    return server;
  });
  const pool = new Pool(client, act.world.clock, VIRTUAL, PORT, stage.ms("app-timeout"));

  const count = stage.number("sessions");
  act.tell({
    en: `In the evening the client opens ${counted(count, "session")} to the message queue's one address and keeps them in a pool. The balancer sends each to one of three servers and remembers it in its session table.`,
    ko: `저녁에 클라이언트가 메시지 큐의 대표 주소로 세션 ${count}개를 열어 커넥션 풀에 둔다. 로드 밸런서는 세션마다 서버 세 대 중 하나를 골라 세션 테이블에 기억한다.`,
  });
  pool.open(count);
  act.world.run(1000);
  pool.requestAll();
  act.world.run(5000);
  // One that will meet somebody else, where there is any.
  const shown = pool.sessions[Math.min(1, count - 1)];
  const home = homeOf(shown, servers);
  act.sockets(client, home);
  const idleUntil = act.now + stage.ms("idle");
  const probing = probesOf(clientIdle, stage.ms("lb-timeout"), stage.ms("idle"));
  act.tell({
    en: `Night: nobody uses the sessions for ${seconds(stage.ms("idle"))} s.${probing.en}`,
    ko: `새벽 시간대: ${seconds(stage.ms("idle"))}초 동안 아무도 세션을 사용하지 않는다.${probing.ko}`,
  });
  act.world.run(idleUntil);
  const inTable = balancer.sessions(act.now);
  const { replaced } = pool;
  act.look(
    replaced > 0
      ? {
          en: `The balancer has forgotten ${balancer.forgotten}. Of ${counted(replaced, "session")} keep-alive has told the client so: ${replaced === 1 ? "it is" : "they are"} closed, and the pool has opened others in ${replaced === 1 ? "its" : "their"} place.`,
          ko: `로드 밸런서는 세션 ${balancer.forgotten}개를 지웠다. 그중 ${replaced}개는 keep-alive가 알아차려 닫혔고, 풀이 그 자리에 새 세션을 열었다.`,
        }
      : balancer.forgotten === 0
        ? {
            en: `The balancer's table still holds ${inTable === 1 ? "the session" : `all ${inTable} sessions`}, and both ends say ESTABLISHED.`,
            ko: `로드 밸런서의 테이블에는 세션 ${inTable}개가 모두 남아 있고, 두 종단의 소켓도 모두 ESTABLISHED이다.`,
          }
        : {
            en: `The balancer's table holds ${inTable} of ${counted(count, "session")}; it has forgotten ${balancer.forgotten}, and told nobody: both ends still say ESTABLISHED.`,
            ko: `로드 밸런서의 테이블에는 세션 ${count}개 중 ${inTable}개만 남아 있고 ${balancer.forgotten}개는 지워졌다. 아무에게도 알리지 않았으므로 두 종단의 소켓은 여전히 모두 ESTABLISHED이다.`,
          },
  );
  const forgotten = balancer.forgotten;
  act.sockets(client, home);
  act.tell({
    en: "In the morning the application sends a request on each of its sessions.",
    ko: "아침이 되어 애플리케이션이 모든 세션으로 요청을 보낸다.",
  });
  const morning = pool.requestAll();
  act.world.run(act.now + 2 * stage.ms("app-timeout") + 10_000);
  const { failed, byReset, byTimeout, mean, longest } = morning.figures();
  act.look(outcome(stage, failed, byReset, byTimeout, longest));
  const zombies = zombiesOf(servers, client);
  act.look(
    zombies === 0
      ? {
          en: "Every connection of the servers is one that the client has: there are no zombies.",
          ko: "서버의 연결은 모두 클라이언트도 가지고 있는 연결이다. 좀비 커넥션은 없다.",
        }
      : {
          en: `On the servers ${counted(zombies, "connection")} ${zombies === 1 ? "is" : "are"} ESTABLISHED of which the client knows nothing any more: ${zombies === 1 ? "a zombie" : "zombies"}.`,
          ko: `서버에는 클라이언트가 더 이상 알지 못하는 ESTABLISHED 연결이 ${zombies}개 남아 있다. 좀비 커넥션이다.`,
        },
  );
  act.sockets(client, home);
  act.ladder(shown, home, {
    en: "A session of the pool (on the right the server that had it)",
    ko: "풀의 세션 하나 (오른쪽은 원래 연결되어 있던 서버)",
  });
  act.world.run(act.now + 7_200_000);
  const later = zombiesOf(servers, client);
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [forgotten, failed, byReset, byTimeout]
    .map(String)
    .concat(ms(mean), ms(longest), `${zombies}`, `${later}`);
}

/** What keep-alive on the client does at night, in words. */
function probesOf(idle: number, timeout: number, night: number): Text {
  if (idle === 0) return { en: "", ko: "" };
  if (idle >= night) {
    return {
      en: ` Keep-alive would ask after ${seconds(idle)} s, which the night does not last.`,
      ko: ` keep-alive는 ${seconds(idle)}초 뒤에야 probe를 보내는데, 새벽이 그만큼 길지 않다.`,
    };
  }
  if (idle >= timeout) {
    return {
      en: ` Keep-alive would ask after ${seconds(idle)} s; by then the balancer has forgotten.`,
      ko: ` keep-alive는 ${seconds(idle)}초 뒤에야 probe를 보내는데, 그때는 로드 밸런서가 이미 세션을 잊은 뒤다.`,
    };
  }
  return {
    en: ` Keep-alive sends a probe every ${seconds(idle)} s, which the servers answer, and the balancer counts as use.`,
    ko: ` keep-alive가 ${seconds(idle)}초마다 probe를 보내고 서버가 응답하므로 로드 밸런서는 세션이 사용 중이라고 본다.`,
  };
}

function outcome(stage: Stage, failed: number, byReset: number, byTimeout: number, longest: number): Text {
  if (failed === 0) {
    return {
      en: `All were answered on the sessions they were sent on, the slowest after ${longest.toFixed(0)} ms.`,
      ko: `모든 요청이 보낸 세션에서 바로 응답을 받았다. 가장 느린 것이 ${longest.toFixed(0)} ms였다.`,
    };
  }
  const kind = stage.choice("unknown");
  const why: Record<string, Text> = {
    forward: {
      en: "The balancer does not know these sessions and gives each packet to some server. A packet that is lucky meets the one that has the session; the others answer RST (who are you?).",
      ko: "로드 밸런서는 이 세션을 모르므로 아무 서버에게나 패킷을 전달한다. 운 좋게 원래 서버에 전달되면 문제가 없지만, 그렇지 않으면 서버가 RST(너 누구냐)로 답한다.",
    },
    drop: {
      en: "The balancer does not know these sessions and drops their packets. The client retransmits into silence until its application loses patience.",
      ko: "로드 밸런서는 이 세션을 모르므로 패킷을 버린다. 클라이언트는 애플리케이션의 타임아웃까지 응답 없는 재전송을 거듭한다.",
    },
    reset: {
      en: "The balancer does not know these sessions and answers RST by itself. The servers hear nothing.",
      ko: "로드 밸런서는 이 세션을 모르므로 직접 RST로 답한다. 서버는 아무것도 모른다.",
    },
  };
  return {
    en: `${why[kind].en} ${counted(failed, "request")} failed (${byReset} by RST, ${byTimeout} by timeout) and had to be sent again on new connections; the slowest was answered after ${longest.toFixed(0)} ms.`,
    ko: `${why[kind].ko} 요청 ${failed}개가 실패했고(RST ${byReset}개, 타임아웃 ${byTimeout}개) 새 연결을 맺어 다시 보내야 했다. 가장 느린 것은 ${longest.toFixed(0)} ms 만에 응답을 받았다.`,
  };
}

/** Which server a session of the client's was opened to. */
function homeOf(session: Connection, servers: readonly Machine[]): Machine {
  const isHome = (server: Machine) =>
    server.connections.some(({ socket }) => socket.remotePort === session.localPort);
  return servers.find(isHome) ?? servers[0];
}

/** Connections of the servers that the client does not have. */
function zombiesOf(servers: readonly Machine[], client: Machine): number {
  const known = new Set(client.connections.map(({ localPort }) => localPort));
  const all = servers.flatMap(({ connections }) => connections);
  return all.filter(({ state, socket }) => state === "ESTABLISHED" && !known.has(socket.remotePort)).length;
}

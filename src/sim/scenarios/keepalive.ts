import { FIN } from "../../../assembly/layout/wire.ts";
import { Filter } from "../boxes/filter.ts";
import type { Connection } from "../machine.ts";
import { bytes, CLIENT, connected, counted, delay, pair, SERVER, seconds, serve } from "./pair.ts";
import type { NumberParameter } from "./parameter.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const idle: NumberParameter = {
  name: "idle",
  unit: "s",
  default: 60,
  least: 1,
  most: 86_400,
  help: {
    en: "silence before the first keep-alive probe (TCP_KEEPIDLE)",
    ko: "첫 keep-alive probe까지의 유휴 시간 (TCP_KEEPIDLE)",
  },
};
const interval: NumberParameter = {
  name: "interval",
  unit: "s",
  default: 10,
  least: 1,
  most: 3600,
  help: {
    en: "between unanswered probes (TCP_KEEPINTVL)",
    ko: "응답 없는 probe 사이의 간격 (TCP_KEEPINTVL)",
  },
};
const probes: NumberParameter = {
  name: "probes",
  unit: "segments",
  default: 5,
  least: 1,
  most: 100,
  help: {
    en: "unanswered probes that end the connection (TCP_KEEPCNT)",
    ko: "연결을 끊을 때까지의 응답 없는 probe 수 (TCP_KEEPCNT)",
  },
};

function keepAliveOf(stage: Stage) {
  return { idle: stage.ms("idle"), interval: stage.ms("interval"), probes: stage.number("probes") };
}

export const keepAliveAnswered: Scenario = {
  name: "keepalive-answered",
  title: { en: "Keep-alive, answered", ko: "TCP Keep-Alive: 응답이 있을 때" },
  summary: {
    en: "tiny probes in silence show that the peer is there, and keep the session",
    ko: "조용할 때 보내는 아주 작은 패킷으로 상대가 살아 있음을 확인하고 세션을 유지한다",
  },
  parameters: [delay, idle, interval, probes],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server } = scene;
    serve(scene, () => ({ data: () => {} }));
    const keepAlive = keepAliveOf(stage);
    const connection = connected(scene, {}, { keepAlive });
    act.tell({
      en: `The client sends a request and then there is nothing to say. It has SO_KEEPALIVE on with an idle time of ${seconds(keepAlive.idle)} s; the server has not, and need not.`,
      ko: `클라이언트가 요청을 하나 보낸 뒤 할 말이 없다. 클라이언트는 SO_KEEPALIVE를 켰고 유휴 시간은 ${seconds(keepAlive.idle)}초이다. 연결을 유지하고 싶은 쪽만 켜면 되므로 서버는 켜지 않아도 된다.`,
    });
    connection.send(bytes("GET / HTTP/1.1\r\n\r\n"));
    act.world.run(1000);
    act.look({
      en: "netstat -napo shows the timer that runs: keepalive (seconds left/retransmissions/unanswered probes).",
      ko: "netstat -napo의 마지막 열에서 돌고 있는 타이머를 볼 수 있다: keepalive (남은 초/재전송 횟수/응답 없는 probe 수).",
    });
    act.sockets(client, server);
    const period = Math.max(keepAlive.idle, keepAlive.interval);
    act.world.run(keepAlive.idle + 10);
    act.tell({
      en: "The timer runs out. The probe carries no data and a number that was acknowledged long ago (SND.NXT-1), so the peer has to answer with an ACK. No application hears of it.",
      ko: "타이머가 끝난다. probe에는 데이터가 없고 이미 승인된 번호(SND.NXT-1)가 들어 있어서 상대는 ACK로 답할 수밖에 없다. 애플리케이션은 이것을 알지 못한다.",
    });
    act.world.run(keepAlive.idle + 2 * period + 2000);
    act.look({
      en: `The answer sets the clock back, and the next probe follows after ${seconds(period)} s of silence.`,
      ko: `응답이 오면 시계가 되돌려지고, 다음 probe는 ${seconds(period)}초의 침묵 뒤에 나간다.`,
    });
    act.sockets(client);
    act.ladder(connection, server);
    stage.conclude({
      en: "Without keep-alive an idle connection sends nothing at all, for ever. Two small packets a period keep it in every session table on the way and prove that the peer is there. The default of two hours is longer than what most load balancers, NATs and firewalls remember.",
      ko: "keep-alive가 없으면 유휴 연결은 아무것도 보내지 않는다. 주기마다 작은 패킷 두 개면 길 위의 모든 세션 테이블에 세션이 남고 상대가 살아 있음도 확인된다. 다만 기본값 두 시간은 대부분의 로드 밸런서, NAT, 방화벽의 기억보다 길다.",
    });
  },
};

export const zombie: Scenario = {
  name: "zombie",
  title: { en: "A zombie connection", ko: "좀비 커넥션" },
  summary: {
    en: "the peer vanishes without a word: who notices, and when",
    ko: "상대가 말없이 사라졌을 때 누가 언제 알아차리는가",
  },
  parameters: [delay, idle, interval, probes],
  diagnosis: ["keep-alive-unanswered"],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, rtt } = scene;
    serve(scene);
    const keepAlive = keepAliveOf(stage);
    act.tell({
      en: `The client opens two connections, the first without keep-alive, the second with (idle ${seconds(keepAlive.idle)} s, interval ${seconds(keepAlive.interval)} s, ${counted(keepAlive.probes, "probe")}).`,
      ko: `클라이언트가 연결 두 개를 맺는다. 첫 번째는 keep-alive 없이, 두 번째는 keep-alive를 켜고(유휴 ${seconds(keepAlive.idle)}초, 간격 ${seconds(keepAlive.interval)}초, probe ${keepAlive.probes}번).`,
    });
    const without = connected(scene);
    const opened = act.now;
    let ended = 0;
    const withIt = connected(
      scene,
      {
        closed: () => {
          ended = act.now;
          act.does(withIt, "recv(): ETIMEDOUT");
        },
      },
      { keepAlive },
    );
    act.world.run(5000);
    act.sockets(client);
    act.world.run(10_000);
    act.tell({
      en: "The server loses its power. No FIN, no RST: nothing on the wire says that it is gone.",
      ko: "서버의 전원이 꺼진다. FIN도 RST도 없다. 서버가 사라졌다는 것을 알려 주는 패킷은 하나도 없다.",
    });
    act.does(server, "power cut");
    server.crash();
    // Behind an answered probe the next waits for the interval too.
    const isProbed = act.now - opened - rtt > keepAlive.idle;
    const byInterval = isProbed && keepAlive.interval > keepAlive.idle;
    const silence = byInterval ? keepAlive.interval : keepAlive.idle;
    const whole = silence + keepAlive.interval * keepAlive.probes;
    act.world.run(act.now + rtt);
    const enough = Math.min(2, keepAlive.probes);
    while (withIt.status.timer.probes < enough && ended === 0)
      act.world.run(act.now + keepAlive.interval / 2);
    act.look({
      en: "The probes go unanswered, and the timer counts them: keepalive (seconds left/retransmissions/unanswered probes).",
      ko: "probe에 응답이 없고, 타이머가 그 횟수를 센다: keepalive (남은 초/재전송 횟수/응답 없는 probe 수).",
    });
    act.sockets(client);
    while (ended === 0) act.world.run(act.now + 1000);
    act.look({
      en: `After ${byInterval ? "interval" : "idle"} + interval x probes = ${seconds(silence)} + ${seconds(keepAlive.interval)} x ${keepAlive.probes} = ${seconds(whole)} s without an answer keep-alive gives up: the socket is cleared, the application told (ETIMEDOUT).`,
      ko: `${byInterval ? "간격" : "유휴"} + 간격 x probe 수 = ${seconds(silence)} + ${seconds(keepAlive.interval)} x ${keepAlive.probes} = ${seconds(whole)}초 동안 응답이 없으면 keep-alive가 포기한다. 소켓이 정리되고 애플리케이션에 알려진다(ETIMEDOUT).`,
    });
    act.world.run(act.now + 86_400_000);
    act.look({
      en: `A day later the connection without keep-alive is still ${without.state}: a zombie. It holds its memory, its port and its place in the pool, until somebody sends on it.`,
      ko: `하루가 지나도 keep-alive가 없는 연결은 여전히 ${without.state}이다. 좀비 커넥션이다. 누군가 여기에 데이터를 보내기 전까지 메모리와 포트, 커넥션 풀의 자리를 차지한다.`,
    });
    act.sockets(client);
    act.does(without, `netstat: ${without.state}`);
    act.ladder(withIt, server, { en: "With keep-alive", ko: "keep-alive를 켠 연결" });
    act.ladder(without, server, { en: "Without", ko: "keep-alive가 없는 연결" });
    stage.conclude({
      en: "A peer that vanished is noticed only by who sends something. Keep-alive sends something. Whoever waits without sending (servers, pools, subscribers) needs it, or a heartbeat of its own.",
      ko: "사라진 상대는 무언가를 보내는 쪽만 알아차릴 수 있다. keep-alive가 바로 그 무언가를 보낸다. 보내지 않고 기다리기만 하는 쪽(서버, 커넥션 풀, 구독자)에는 keep-alive나 자체 heartbeat가 필요하다.",
    });
  },
};

export const finDropped: Scenario = {
  name: "fin-dropped",
  title: {
    en: "The FIN that iptables dropped",
    ko: "iptables가 버린 FIN: DB 서버와 애플리케이션 서버",
  },
  summary: {
    en: "a DB server closes, a rule drops what it sends, the application server never hears of it",
    ko: "DB 서버가 연결을 끊지만 규칙이 패킷을 버려서 애플리케이션 서버는 그 사실을 모른다",
  },
  parameters: [
    delay,
    idle,
    interval,
    probes,
    {
      name: "drop",
      choices: ["all", "fin"],
      default: "all",
      help: {
        en: "what the rule drops of the DB server's packets: all of them, or those with FIN",
        ko: "규칙이 버리는 DB 서버의 패킷: 전부(all) 또는 FIN만(fin)",
      },
    },
  ],
  diagnosis: ["keep-alive-unanswered"],
  play(stage) {
    const act = stage.act();
    const app = act.host("app", CLIENT, {}, "1322/java");
    const db = act.host("db", SERVER, {}, "2043/mysqld");
    const iptables = act.world.add(new Filter("iptables"));
    const d = stage.number("delay") / 2;
    const cable = act.world.link(app, iptables, { delay: d });
    act.world.link(iptables, db, { delay: d });
    act.tap.listen(cable.a, "app eth0");
    const keepAlive = keepAliveOf(stage);
    const accepted = new Set<Connection>();
    db.listen(3306, (connection) => {
      accepted.add(connection);
      return {};
    });
    act.tell({
      en: "The application server holds two connections to the DB server in its pool: one without keep-alive, one with.",
      ko: "애플리케이션 서버가 DB 서버와 맺은 연결 두 개를 커넥션 풀에 가지고 있다. 하나는 keep-alive 없이, 하나는 keep-alive를 켠 연결이다.",
    });
    const without = app.connect(SERVER, 3306);
    let ended = 0;
    let why = "";
    const withIt = app.connect(
      SERVER,
      3306,
      {
        closed: (reason) => {
          ended = act.now;
          why = reason;
          act.does(withIt, reason === "reset" ? "recv(): ECONNRESET" : "recv(): ETIMEDOUT");
        },
      },
      { keepAlive },
    );
    act.world.run(10_000);
    act.sockets(app);
    const all = stage.choice("drop") === "all";
    iptables.rules.push({ from: SERVER, action: "drop", ...(all ? {} : { flags: FIN }) });
    act.tell({
      en: `A rule is added on the DB server's side: iptables -A OUTPUT -p tcp --sport 3306 ${all ? "" : "--tcp-flags FIN FIN "}-j DROP. Then the DB server closes both connections. Its FINs are dropped.`,
      ko: `DB 서버 쪽에 규칙이 추가된다: iptables -A OUTPUT -p tcp --sport 3306 ${all ? "" : "--tcp-flags FIN FIN "}-j DROP. 그다음 DB 서버가 두 연결을 모두 끊지만 FIN은 버려진다.`,
    });
    for (const connection of accepted) {
      act.does(connection, "close()");
      connection.close();
    }
    act.world.run(15_000);
    act.look({
      en: "The DB server sends FIN again and again in FIN-WAIT-1. The application server has no way to know: both of its sockets are ESTABLISHED.",
      ko: "DB 서버는 FIN_WAIT1 상태에서 FIN을 거듭 재전송한다. 애플리케이션 서버는 알 방법이 없다. 소켓 두 개 모두 여전히 ESTABLISHED이다.",
    });
    act.sockets(app, db);
    while (ended === 0) act.world.run(act.now + 1000);
    act.look(
      why === "reset"
        ? {
            en: `As long as the DB server still had the connection it answered probes. When it gave its FIN up, the next probe met a RST: cleared after ${seconds(ended)} s.`,
            ko: `DB 서버에 연결이 남아 있는 동안은 probe에 응답이 왔다. DB 서버가 FIN 재전송을 포기한 뒤의 probe는 RST를 받았고, ${seconds(ended)}초 만에 정리되었다.`,
          }
        : {
            en: `Probes met silence, for what the DB server answered was dropped as well. After ${seconds(ended)} s keep-alive has closed that socket.`,
            ko: `DB 서버의 응답도 버려지므로 probe에 응답이 없다. ${seconds(ended)}초 만에 keep-alive가 그 소켓을 종료했다.`,
          },
    );
    act.world.run(7_200_000 + act.now);
    act.look({
      en: `Two hours later the one without keep-alive is ${without.state}, and the DB server has long forgotten it: a zombie.`,
      ko: `두 시간 뒤에도 keep-alive가 없는 소켓은 ${without.state}이다. DB 서버는 이미 잊은 지 오래다. 좀비 커넥션이다.`,
    });
    act.sockets(app, db);
    act.ladder(withIt, db, { en: "With keep-alive", ko: "keep-alive를 켠 연결" });
    act.ladder(without, db, { en: "Without", ko: "keep-alive가 없는 연결" });
    stage.conclude({
      en: "Any packet can get lost, FIN too. An end that only waits never learns of it; keep-alive is how it asks.",
      ko: "패킷은 언제든지 사라질 수 있고 FIN도 예외가 아니다. 기다리기만 하는 쪽은 영영 알 수 없다. keep-alive는 물어보는 방법이며, 이를 통해 좀비 커넥션을 종료시킬 수 있다.",
    });
  },
};

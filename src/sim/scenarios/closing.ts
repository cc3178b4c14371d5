import { bytes, connected, delay, pair, seconds, serve } from "./pair.ts";
import type { Scenario } from "./scenario.ts";

export const fourWayClose: Scenario = {
  name: "four-way-close",
  title: { en: "Four-way close", ko: "4-way handshake: 연결 해제" },
  summary: {
    en: "FIN and ACK each way, who waits in which state, and why TIME-WAIT lasts",
    ko: "양방향의 FIN과 ACK, 누가 어떤 상태에서 기다리는지, 그리고 TIME_WAIT가 필요한 이유",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, accepted, rtt } = scene;
    serve(scene);
    const connection = connected(scene, { data: () => {} });
    const [passive] = accepted;
    act.world.run(1000);
    act.tell({
      en: "1. The client closes first, so its close is the active one: it sends FIN and waits in FIN-WAIT-1.",
      ko: "1. 클라이언트가 먼저 끊는다(active close). FIN을 보내고 FIN_WAIT1 상태가 된다.",
    });
    act.does(client, "close()");
    connection.close();
    act.world.run(1000 + rtt / 2 - 0.001);
    act.tell({
      en: "2. The server acknowledges the FIN and is in CLOSE-WAIT until its application has sent what it still has and closes too. The ACK takes the client to FIN-WAIT-2.",
      ko: "2. 서버가 FIN에 대한 ACK를 보내고 CLOSE_WAIT 상태가 된다. 애플리케이션이 남은 데이터를 다 보내고 close()를 부를 때까지 이 상태로 남는다. ACK를 받은 클라이언트는 FIN_WAIT2가 된다.",
    });
    act.world.run(1400);
    act.sockets(client, server);
    act.tell({
      en: "3. The server's application has sent its last data and closes (passive close): FIN, and LAST-ACK.",
      ko: "3. 서버의 애플리케이션이 마지막 데이터를 보내고 close()를 부른다(passive close). FIN을 보내고 LAST_ACK 상태가 된다.",
    });
    act.does(server, "send(9)");
    passive.send(bytes("last words".slice(0, 9)));
    act.does(server, "close()");
    passive.close();
    act.world.run(1400 + rtt / 2 - 0.001);
    act.tell({
      en: "4. The client takes the data and the FIN, acknowledges both and stays in TIME-WAIT.",
      ko: "4. 클라이언트가 데이터와 FIN을 받고 ACK를 보낸 뒤 TIME_WAIT 상태가 된다.",
    });
    act.world.run(2000);
    act.look({
      en: "5. The server has the last ACK and its socket is gone. The client's socket belongs to no program any more and waits for 2 MSL, here 60 s: were its last ACK lost, the server would send FIN again and must be answered; and a late segment of this connection must not meet a new one with the same ports.",
      ko: "5. 마지막 ACK를 받은 서버의 소켓은 사라진다. 클라이언트의 소켓은 어느 프로그램의 것도 아닌 채로 2 MSL(여기서는 60초)을 기다린다. 마지막 ACK가 사라졌다면 서버가 FIN을 다시 보낼 것이고 그것에 답해야 하며, 늦게 도착한 이 연결의 세그먼트가 같은 포트를 쓰는 새 연결의 것으로 오해받아서도 안 되기 때문이다.",
    });
    act.sockets(client, server);
    act.world.run(70_000);
    act.look({
      en: "TIME-WAIT is over, and nothing is left of the connection.",
      ko: "TIME_WAIT가 끝나고, 연결의 흔적은 남지 않는다.",
    });
    act.sockets(client);
    act.ladder(connection, server);
    stage.conclude({
      en: "The end that closes first gets TIME-WAIT, and that is as it should be. A socket in CLOSE-WAIT for long is a bug: the peer has closed, and the application has not.",
      ko: "먼저 끊는 쪽에 TIME_WAIT가 남는 것은 정상이다. 그러나 CLOSE_WAIT가 오래 남아 있다면 버그다. 상대는 이미 끊었는데 애플리케이션이 close()를 부르지 않은 것이다.",
    });
  },
};

export const halfClose: Scenario = {
  name: "half-close",
  title: { en: "Half-close", ko: "half-close: 한쪽 방향만 닫기" },
  summary: {
    en: "one end has no more to say and still listens",
    ko: "한쪽은 더 보낼 것이 없지만 계속 받는다",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, accepted, rtt } = scene;
    let asked = "";
    serve(scene, () => ({ data: (data) => void (asked += new TextDecoder().decode(data)) }));
    let answer = 0;
    const connection = connected(scene, { data: (data) => void (answer += data.length) });
    const [passive] = accepted;
    act.world.run(1000);
    act.tell({
      en: "The client sends its whole question and then shutdown(SHUT_WR): data and FIN. It says: I have no more to send. It does not say: go away.",
      ko: "클라이언트가 요청을 모두 보내고 shutdown(SHUT_WR)을 부른다. FIN은 '더 보낼 것이 없다'는 뜻이지 '연결을 끝내자'는 뜻이 아니다.",
    });
    act.does(client, "send(21), shutdown(SHUT_WR)");
    connection.send(bytes("select * from orders;"));
    connection.close();
    act.world.run(1000 + 2 * rtt);
    act.look({
      en: "The client is in FIN-WAIT-2, the server in CLOSE-WAIT: the way from server to client is open as before.",
      ko: "클라이언트는 FIN_WAIT2, 서버는 CLOSE_WAIT이다. 서버에서 클라이언트로 가는 방향은 그대로 열려 있다.",
    });
    act.sockets(client, server);
    for (let i = 0; i < 3; i++) {
      act.tell({
        en: `The server answers, part ${i + 1} of 3, and the client acknowledges.`,
        ko: `서버가 응답을 보내고(${i + 1}/3) 클라이언트가 ACK를 보낸다.`,
      });
      act.does(server, "send(1000)");
      passive.send(new Uint8Array(1000).fill(48 + i));
      act.world.run(act.now + 500);
    }
    act.tell({
      en: "Now the server closes as well, and the connection ends as always.",
      ko: "이제 서버도 닫고, 연결은 보통의 경우처럼 끝난다.",
    });
    act.does(server, "close()");
    passive.close();
    act.world.run(act.now + 1000);
    act.look({
      en: `The server had "${asked}" and the client ${answer} bytes of answer, all of them after its FIN.`,
      ko: `서버는 "${asked}"를 받았고, 클라이언트는 FIN을 보낸 뒤에 응답 ${answer}바이트를 모두 받았다.`,
    });
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: "FIN closes one direction. Programs that read to the end of their input before they answer (sort, ssh with a pipe, database exports) live on it.",
      ko: "FIN은 한 방향만 닫는다. 입력을 끝까지 읽고 나서 답하는 프로그램(sort, 파이프로 쓰는 ssh, DB 덤프)은 이 기능에 기대고 있다.",
    });
  },
};

export const simultaneousClose: Scenario = {
  name: "simultaneous-close",
  title: { en: "Simultaneous close", ko: "동시에 연결 끊기 (simultaneous close)" },
  summary: {
    en: "both ends close at once: CLOSING, and TIME-WAIT on both sides",
    ko: "양쪽이 동시에 끊는다: CLOSING을 거쳐 양쪽 모두 TIME_WAIT",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, accepted, rtt } = scene;
    serve(scene);
    const connection = connected(scene);
    act.world.run(1000);
    act.tell({
      en: "Both applications close at the same moment, and the FINs cross on the way. Both ends are in FIN-WAIT-1.",
      ko: "두 애플리케이션이 같은 순간에 close()를 불러 FIN이 길에서 엇갈린다. 양쪽 모두 FIN_WAIT1이다.",
    });
    act.does(client, "close()");
    connection.close();
    act.does(server, "close()");
    accepted[0].close();
    act.world.run(1000 + rtt / 2 - 0.001);
    act.sockets(client, server);
    act.tell({
      en: "Each meets a FIN before the ACK of its own: CLOSING. It acknowledges and waits for that ACK.",
      ko: "자신의 FIN에 대한 ACK보다 상대의 FIN이 먼저 도착한다: CLOSING. ACK를 보내고 자기 것의 ACK를 기다린다.",
    });
    act.world.run(1000 + rtt - 0.001);
    act.sockets(client, server);
    act.world.run(2000);
    act.look({
      en: "The ACKs arrive. Both ends closed actively, so both are in TIME-WAIT.",
      ko: "ACK가 도착한다. 둘 다 active close이므로 양쪽 모두 TIME_WAIT가 된다.",
    });
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: `Rare, but legal: state machines that know only "client closes" and "server closes" hang here. It took ${seconds(rtt)} s, one round trip.`,
      ko: `드물지만 올바른 동작이다. '클라이언트가 끊는다'와 '서버가 끊는다'만 아는 구현은 여기서 멈춘다. 왕복 한 번, ${seconds(rtt)}초가 걸렸다.`,
    });
  },
};

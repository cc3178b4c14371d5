import { findOption } from "../../wire/options/index.ts";
import { parseSegment } from "../../wire/segment.ts";
import { segmentOf } from "../packet.ts";
import { counted, delay, PORT, pair, SERVER, seconds, serve } from "./pair.ts";
import type { Scenario } from "./scenario.ts";

export const handshake: Scenario = {
  name: "handshake",
  title: { en: "Three-way handshake", ko: "3-way handshake: 연결 맺기" },
  summary: {
    en: "SYN, SYN+ACK, ACK: how two ends agree on their sequence numbers",
    ko: "SYN, SYN+ACK, ACK: 두 종단이 서로의 시퀀스 번호를 맞추는 과정",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, accepted, rtt } = scene;
    serve(scene);
    act.sockets(server);
    act.tell({
      en: "STEP 1. The client sends SYN with its initial sequence number (ISN) a, a random 32-bit number, and waits in SYN-SENT.",
      ko: "STEP 1. 클라이언트가 SYN을 보낸다. 여기에는 랜덤한 32비트 ISN(initial sequence number) a가 들어 있고, 클라이언트는 SYN_SENT 상태로 응답을 기다린다.",
    });
    act.does(client, "connect()");
    const connection = client.connect(SERVER, PORT);
    const a = connection.status.snd.iss;
    act.world.run(rtt / 2 - 0.001);
    act.sockets(client);
    act.tell({
      en: `STEP 2. The server, in LISTEN, answers SYN with an ISN b of its own, and ACK a+1: it has the client's SYN, which takes one number. It waits in SYN-RECEIVED.`,
      ko: `STEP 2. LISTEN 상태의 서버가 자신의 ISN b를 담은 SYN과 함께 ACK(a+1)를 보낸다. SYN도 시퀀스 번호 하나를 차지하므로 +1이다. 서버는 SYN_RECEIVED 상태가 된다.`,
    });
    act.world.run(rtt - 0.001);
    act.sockets(server);
    act.tell({
      en: "STEP 3. The client has its answer and is ESTABLISHED; it sends ACK b+1, with which the server is ESTABLISHED too.",
      ko: "STEP 3. 응답을 받은 클라이언트는 ESTABLISHED가 되고 ACK(b+1)를 보낸다. 이것을 받은 서버도 ESTABLISHED가 된다.",
    });
    act.world.run(2 * rtt);
    const b = accepted[0].status.snd.iss;
    act.look({
      en: `Here a was ${a} and b ${b}. Acknowledged were a+1 = ${(a + 1) >>> 0} and b+1 = ${(b + 1) >>> 0}. The ladder counts from the ISNs, as Wireshark does, so both begin at 0.`,
      ko: `이번 연결에서는 a = ${a}, b = ${b}이다. ACK로 돌아온 번호는 a+1 = ${(a + 1) >>> 0}, b+1 = ${(b + 1) >>> 0}이다. 아래 그림은 Wireshark처럼 ISN을 0으로 두는 상대(relative) 번호를 쓴다.`,
    });
    const syn = parseSegment(segmentOf(act.world.trace!.flights[0].packet)!);
    const length = syn.dataOffset * 4;
    const mss = findOption(syn.options, "mss")?.value;
    const shift = findOption(syn.options, "windowScale")?.shift;
    act.look({
      en: `The SYN's header is longer than the 20 bytes that every header has: its data offset says ${syn.dataOffset} words of 4 bytes = ${length} bytes. The rest are options, with which each end tells what it can: MSS ${mss} (the most data it takes in a segment), window scale ${shift}, selective acknowledgment (SACK), timestamps.`,
      ko: `SYN의 헤더는 기본 20바이트보다 길다. Data Offset 필드의 값은 ${syn.dataOffset}, 단위는 4바이트이므로 헤더는 ${length}바이트이다. 나머지는 각자 무엇을 할 수 있는지 알리는 옵션이다: MSS ${mss}(한 세그먼트로 받을 수 있는 최대 데이터), WSCALE ${shift}, 선택적 승인(SACK), timestamps.`,
    });
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: "After one round trip the client may send, after one and a half the server may. That is what each new connection costs, and why sessions are kept.",
      ko: "클라이언트는 왕복 한 번, 서버는 한 번 반 만에 데이터를 보낼 수 있다. 연결을 새로 맺을 때마다 이 비용이 들기 때문에 이미 맺은 세션을 유지해서 쓰려는 것이다.",
    });
  },
};

export const simultaneousOpen: Scenario = {
  name: "simultaneous-open",
  title: { en: "Simultaneous open", ko: "동시에 연결 맺기 (simultaneous open)" },
  summary: {
    en: "both ends call connect() at once, and become one connection, not two",
    ko: "양쪽이 동시에 connect()를 불러도 연결은 두 개가 아니라 하나가 된다",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, rtt } = scene;
    act.tell({
      en: "Nobody listens. Both ends call connect() to the other's port at the same time, so two SYNs cross on the way.",
      ko: "LISTEN하는 쪽이 없다. 두 종단이 같은 순간에 서로의 포트로 connect()를 불러서 SYN 두 개가 길에서 엇갈린다.",
    });
    act.does(client, "connect()");
    const left = client.connect(SERVER, 6000, {}, { localPort: 5000 });
    act.does(server, "connect()");
    server.connect(client.addresses[0], 5000, {}, { localPort: 6000 });
    act.world.run(rtt / 2 - 0.001);
    act.sockets(client, server);
    act.tell({
      en: "Each end is in SYN-SENT and meets a SYN instead of SYN+ACK. It goes to SYN-RECEIVED and answers with SYN+ACK, the same SYN again (RFC 9293 figure 7).",
      ko: "SYN_SENT 상태에서 SYN+ACK가 아니라 SYN을 받았다. 양쪽 모두 SYN_RECEIVED가 되고, 자신의 SYN을 담은 SYN+ACK로 답한다 (RFC 9293 그림 7).",
    });
    act.world.run(4 * rtt);
    act.look({
      en: "The SYN+ACKs cross as well, and both ends are ESTABLISHED: one connection, opened by both.",
      ko: "SYN+ACK도 엇갈려 도착하고 양쪽이 ESTABLISHED가 된다. 연결은 하나이고, 둘 다 연 것이다.",
    });
    act.sockets(client, server);
    act.ladder(left, server, undefined, { states: ["CLOSED", "CLOSED"] });
    stage.conclude({
      en: `Four segments instead of three, no server and no client. Peers behind NATs open connections like this on purpose (TCP hole punching).`,
      ko: "세그먼트는 3개가 아니라 4개이고 서버와 클라이언트의 구분도 없다. NAT 뒤의 피어들은 일부러 이렇게 연결하기도 한다(TCP hole punching).",
    });
  },
};

export const synRetransmission: Scenario = {
  name: "syn-retransmission",
  title: { en: "SYN retransmission", ko: "SYN 재전송" },
  summary: {
    en: "SYNs that get lost are sent again after 1, 3, 7 ... seconds",
    ko: "잃어버린 SYN은 1, 3, 7 ... 초 뒤에 다시 보낸다",
  },
  parameters: [
    delay,
    {
      name: "lost",
      unit: "segments",
      default: 3,
      least: 1,
      most: 8,
      help: { en: "how many SYNs get lost", ko: "잃어버릴 SYN의 수" },
    },
  ],
  diagnosis: ["slow-handshake"],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, cable } = scene;
    serve(scene);
    const lost = stage.number("lost");
    cable.forth.set({ loss: { packets: Array.from({ length: lost }, (_, i) => i + 1) } });
    act.tell({
      en: `The client sends SYN, but the first ${lost === 1 ? "SYN gets" : `${lost} SYNs get`} lost on the way. Nothing tells the client so: all it has is a timer.`,
      ko: `클라이언트가 SYN을 보내지만 처음 ${lost}개는 가는 길에 사라진다. 그 사실을 알려 주는 것은 없고, 클라이언트가 가진 것은 타이머뿐이다.`,
    });
    act.does(client, "connect()");
    let over = 0;
    const connection = client.connect(SERVER, PORT, {
      opened: () => {
        over = act.now;
      },
      closed: () => {
        over = act.now;
        act.does(connection, "connect(): ETIMEDOUT");
      },
    });
    act.world.run(500);
    act.look({
      en: "In SYN-SENT, the timer column counts down to the retransmission: on (seconds left/retransmissions/probes).",
      ko: "SYN_SENT 상태에서 Timer 열이 재전송까지 남은 시간을 센다: on (남은 초/재전송 횟수/probe 횟수).",
    });
    act.sockets(client);
    while (over === 0) act.world.run(act.now + 500);
    act.look(
      connection.state === "ESTABLISHED"
        ? {
            en: `ESTABLISHED after ${seconds(over)} s and ${counted(lost, "retransmission")}. The wait doubles each time (RFC 6298 5.5), from one second on.`,
            ko: `${lost}번의 재전송 끝에 ${seconds(over)}초 만에 ESTABLISHED가 되었다. 기다리는 시간은 1초에서 시작해 매번 두 배가 된다 (RFC 6298 5.5).`,
          }
        : {
            en: `Given up after ${seconds(over)} s: connect() fails with ETIMEDOUT.`,
            ko: `${seconds(over)}초 만에 포기했다: connect()는 ETIMEDOUT으로 실패한다.`,
          },
    );
    act.world.run(act.now + 1000);
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: "A connect() that takes just over 1, 3 or 7 seconds has lost one, two or three SYNs (or their answers). One that fails at once met a RST, and nobody listens there.",
      ko: "connect()가 1초, 3초, 7초 남짓 걸렸다면 SYN(또는 그 응답)을 한 번, 두 번, 세 번 잃어버린 것이다. 곧바로 실패했다면 RST를 받은 것이고, 그 포트에는 LISTEN하는 프로세스가 없다.",
    });
  },
};

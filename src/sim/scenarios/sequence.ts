import { ACK, PSH, RST, SYN, TCP_SEQ } from "../../../assembly/layout/wire.ts";
import { get32 } from "../../wire/bytes.ts";
import { distance } from "../../wire/seq.ts";
import { Attacker, Router } from "../boxes/box.ts";
import { tcpPacket } from "../boxes/ip.ts";
import { tcpOffset } from "../packet.ts";
import { bytes, CLIENT, delay, PORT, pair, SERVER } from "./pair.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const MANY = 200;
const MADE_BY = {
  predictable: { en: "a counter", ko: "카운터" },
  rfc6528: { en: "RFC 6528", ko: "RFC 6528" },
} as const;

export const randomIsn: Scenario = {
  name: "random-isn",
  title: { en: "Initial sequence numbers", ko: "ISN은 왜 랜덤이어야 하는가" },
  summary: {
    en: "those of a counter against those of RFC 6528, connection after connection",
    ko: "카운터로 만든 ISN과 RFC 6528의 ISN을 연결마다 비교한다",
  },
  parameters: [delay],
  diagnosis: ["port-reuse"],
  play(stage) {
    const rows: string[][] = [];
    for (const isn of ["predictable", "rfc6528"] as const) {
      const { numbers, sameTuple } = openMany(stage, isn);
      const steps = numbers.slice(1).map((number, i) => distance(numbers[i], number) >>> 0);
      const distinct = new Set(steps).size;
      rows.push([
        stage.say(MADE_BY[isn]),
        numbers.slice(0, 3).join(" "),
        `${distinct} / ${steps.length}`,
        onesShare(numbers),
        String(sameTuple),
      ]);
    }
    stage.table(
      {
        en: `${MANY} connections to the server, 100 ms apart: the server's ISNs`,
        ko: `100 ms 간격으로 맺은 연결 ${MANY}개에서 서버가 고른 ISN`,
      },
      [
        { en: "made by", ko: "방식" },
        { en: "the first three", ko: "처음 세 개" },
        { en: "distinct steps", ko: "서로 다른 증가량" },
        { en: "bits set", ko: "1인 비트의 비율" },
        { en: "same ports again, 1 s later: grown by", ko: "1초 뒤 같은 포트로 다시 연결했을 때의 증가량" },
      ],
      rows,
    );
    stage.conclude({
      en: "RFC 6528 adds a secret hash of addresses and ports to a clock of 4 microseconds. Strangers see noise; for one and the same pair of sockets the numbers still grow, so that late segments of an old connection lie below those of a new one.",
      ko: "RFC 6528은 4마이크로초마다 1씩 커지는 시계에 주소와 포트의 비밀 해시를 더한다. 남에게는 잡음처럼 보이지만, 같은 소켓 쌍에 대해서는 번호가 계속 커지므로 이전 연결의 늦은 세그먼트가 새 연결의 것으로 오해받지 않는다.",
    });
  },
};

function openMany(stage: Stage, isn: keyof typeof MADE_BY): { numbers: number[]; sameTuple: number } {
  const scene = pair(stage, {
    title: isn === "predictable" ? { en: "A counter", ko: "카운터" } : { en: "RFC 6528", ko: "RFC 6528" },
    server: { isn, timeWait: 0 },
    client: { timeWait: 0 },
  });
  const { act, client, server } = scene;
  const numbers: number[] = [];
  server.listen(PORT, (connection) => {
    return {
      opened: () => void numbers.push(connection.status.snd.iss),
      ended: () => connection.close(),
    };
  });
  act.tell(
    isn === "predictable"
      ? {
          en: "The server takes its ISNs from a counter, as 4.4BSD did: 128,000 more each second, and 64,000 more with each connection.",
          ko: "서버가 4.4BSD처럼 카운터에서 ISN을 고른다. 1초마다 128,000, 연결마다 64,000씩 커진다.",
        }
      : {
          en: "The server makes its ISNs as RFC 6528 says.",
          ko: "서버가 RFC 6528에 따라 ISN을 만든다.",
        },
  );
  let first = client.connect(SERVER, PORT, { opened: () => first.close() });
  const shown = first;
  act.world.run(100);
  for (let i = 1; i < MANY; i++) {
    const connection = client.connect(SERVER, PORT, { opened: () => connection.close() });
    act.world.run(act.now + 100);
  }
  const again = (localPort: number) => {
    first = client.connect(SERVER, PORT, { opened: () => first.close() }, { localPort });
    act.world.run(act.now + 1000);
    return numbers.at(-1)!;
  };
  const [before, after] = [again(40_000), again(40_000)];
  act.ladder(shown, server, undefined, { absolute: true });
  return { numbers: numbers.slice(0, MANY), sameTuple: distance(before, after) };
}

function onesShare(numbers: readonly number[]): string {
  let ones = 0;
  for (const number of numbers) for (let bit = 0; bit < 32; bit++) ones += (number >>> bit) & 1;
  return `${((100 * ones) / (32 * numbers.length)).toFixed(1)} %`;
}

export const blindInjection: Scenario = {
  name: "blind-injection",
  title: { en: "A blind attack on sequence numbers", ko: "TCP 시퀀스 예측 공격 (blind injection)" },
  summary: {
    en: "an attacker who sees no answer speaks for a trusted host, if ISNs can be guessed",
    ko: "응답을 볼 수 없는 공격자도 ISN을 예측할 수 있으면 신뢰받는 호스트인 척할 수 있다",
  },
  parameters: [delay],
  // The forged ACK of what was never sent is answered with RST.
  diagnosis: ["unknown-session"],
  play(stage) {
    const rows: string[][] = [];
    for (const isn of ["predictable", "rfc6528"] as const) rows.push(attack(stage, isn));
    stage.table(
      { en: "The attack", ko: "공격 결과" },
      [
        { en: "the server's ISNs", ko: "서버의 ISN" },
        { en: "guessed", ko: "예측한 값" },
        { en: "it was", ko: "실제 값" },
        { en: "the server's application read", ko: "서버 애플리케이션이 읽은 데이터" },
      ],
      rows,
    );
    stage.conclude({
      en: "Whoever cannot see the SYN+ACK must guess one number of 2^32. A counter gives it away; RFC 6528 does not. (An attacker who sees the packets needs no guess: against him only cryptography helps.)",
      ko: "SYN+ACK를 볼 수 없는 공격자는 2^32개 중 하나를 맞혀야 한다. 카운터는 답을 알려 주는 셈이고 RFC 6528은 그렇지 않다. (패킷을 볼 수 있는 공격자는 예측할 필요가 없으므로 암호화만이 막을 수 있다.)",
    });
  },
};

const ATTACKER = "203.0.113.66";
const TRUSTED_PORT = 1023;

function attack(stage: Stage, isn: keyof typeof MADE_BY): string[] {
  const act = stage.act(
    isn === "predictable"
      ? { en: "Against a counter", ko: "카운터로 만든 ISN을 상대로" }
      : { en: "Against RFC 6528", ko: "RFC 6528의 ISN을 상대로" },
  );
  const d = stage.number("delay") / 2;
  const trusted = act.host("trusted", CLIENT, {}, "-");
  const server = act.host("server", SERVER, { isn }, "514/rshd");
  const attacker = act.world.add(new Attacker("attacker", [ATTACKER]));
  const router = act.world.add(new Router("router"));
  act.world.link(trusted, router, { delay: d });
  const cable = act.world.link(server, router, { delay: d });
  act.world.link(attacker, router, { delay: d });
  act.tap.listen(cable.a, "server eth0");
  let heard = "";
  server.listen(514, () => ({ data: (data) => void (heard += new TextDecoder().decode(data)) }));
  trusted.crash();
  act.tell({
    en: "The server trusts the trusted host by its address. That host is switched off (in 1994 it was flooded), so it cannot protest.",
    ko: "서버는 주소만 보고 trusted 호스트를 믿는다. 그 호스트는 꺼져 있어서(1994년의 실제 공격에서는 SYN flood를 당했다) 항의할 수 없다.",
  });
  act.tell({
    en: "The attacker opens a connection of his own, sees the server's ISN in the answer, and closes it with RST.",
    ko: "공격자가 자신의 주소로 연결을 시도해 응답에서 서버의 ISN을 알아낸 뒤 RST로 끊는다.",
  });
  const forge = (
    from: string,
    srcPort: number,
    fields: { seq: number; ack?: number; flags: number; payload?: Uint8Array },
  ) => attacker.inject(tcpPacket(from, SERVER, { srcPort, dstPort: 514, window: 8192, ...fields }));
  forge(ATTACKER, 2000, { seq: 100, flags: SYN });
  act.world.run(500);
  const seen = sequenceOf(attacker.heard[0]);
  forge(ATTACKER, 2000, { seq: 101, flags: RST });
  act.world.run(1000 + 2 * d);
  act.tell({
    en: `The server's ISN was ${seen}. He sends SYN in the name of the trusted host. The server's SYN+ACK goes to that host; the attacker does not see it.`,
    ko: `알아낸 ISN은 ${seen}이다. 이제 trusted 호스트의 주소로 위조한 SYN을 보낸다. 서버의 SYN+ACK는 그 호스트로 가므로 공격자는 볼 수 없다.`,
  });
  forge(CLIENT, TRUSTED_PORT, { seq: 500, flags: SYN });
  act.world.run(act.now + 300);
  // The last packet that the server has sent.
  const real = sequenceOf(act.world.trace!.flights.at(-1)!.packet);
  // One connection and 64,000 later, and 128 for each millisecond between the two SYNs.
  const guess = (seen + 64_000 + Math.floor((1000 + 2 * d) * 128)) >>> 0;
  act.tell({
    en: `So he guesses: if it is a counter, it is at ${guess} now. He sends the ACK of that number and his data, blindly.`,
    ko: `그래서 예측한다. 카운터라면 지금 값은 ${guess}일 것이다. 그 번호에 대한 ACK와 데이터를 보지도 않고 보낸다.`,
  });
  forge(CLIENT, TRUSTED_PORT, { seq: 501, ack: (guess + 1) >>> 0, flags: ACK });
  forge(CLIENT, TRUSTED_PORT, {
    seq: 501,
    ack: (guess + 1) >>> 0,
    flags: ACK | PSH,
    payload: bytes("echo + + >> .rhosts"),
  });
  act.world.run(act.now + 500);
  act.look(
    heard === ""
      ? {
          en: `The server's ISN was ${real}: the guess is off by ${Math.abs(distance(guess, real)).toLocaleString("en-US")}. The ACK acknowledges what was never sent, so the server answers with RST and its application reads nothing.`,
          ko: `서버의 실제 ISN은 ${real}이다. 예측은 ${Math.abs(distance(guess, real)).toLocaleString("en-US")}만큼 빗나갔다. 보낸 적 없는 번호에 대한 ACK이므로 서버는 RST로 답하고, 애플리케이션은 아무것도 읽지 않는다.`,
        }
      : {
          en: `The guess is right: the server is ESTABLISHED with a host that is switched off, and its application has read "${heard}".`,
          ko: `예측이 맞았다. 서버는 꺼져 있는 호스트와 ESTABLISHED 상태가 되었고 애플리케이션은 "${heard}"를 읽었다.`,
        },
  );
  act.sockets(server);
  act.ladderAt(
    {
      left: "trusted",
      right: "server",
      address: CLIENT,
      port: TRUSTED_PORT,
      states: ["", "LISTEN"],
      absolute: true,
    },
    { en: "In the name of the trusted host", ko: "trusted 호스트의 이름으로" },
  );
  return [stage.say(MADE_BY[isn]), String(guess), String(real), heard === "" ? "-" : `"${heard}"`];
}

function sequenceOf(packet: Uint8Array): number {
  return get32(packet, tcpOffset(packet) + TCP_SEQ);
}

import { connected, counted, delay, letters, pair, seconds, serve } from "./pair.ts";
import type { Scenario } from "./scenario.ts";

export const lossRecovery: Scenario = {
  name: "loss-recovery",
  title: { en: "Loss and recovery", ko: "패킷 손실과 복구" },
  summary: {
    en: "lost segments are found by SACK and sent again; the stream stays whole",
    ko: "잃어버린 세그먼트를 SACK으로 알아내 다시 보내고, 데이터는 온전히 전달된다",
  },
  parameters: [
    delay,
    {
      name: "loss",
      unit: "probability",
      default: 0.03,
      least: 0,
      most: 0.5,
      help: { en: "how likely each packet gets lost, either way", ko: "패킷 하나를 잃어버릴 확률(양방향)" },
    },
    {
      name: "size",
      unit: "bytes",
      default: 300_000,
      least: 1,
      most: 20_000_000,
      help: { en: "bytes to transfer", ko: "전송할 바이트 수" },
    },
  ],
  diagnosis: ["loss"],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, cable } = scene;
    const size = stage.number("size");
    let received = 0;
    let wrong = 0;
    const whole = letters(size);
    serve(scene, () => ({
      data: (data) => {
        for (const byte of data) if (byte !== whole[received++]) wrong++;
      },
    }));
    const connection = connected(scene);
    const loss = stage.number("loss");
    cable.set({ loss, rate: 10_000_000 });
    act.tell({
      en: `From now on each packet gets lost with probability ${loss}, in either direction. The client sends ${counted(size, "byte")}.`,
      ko: `이제부터 양방향으로 모든 패킷이 ${loss}의 확률로 사라진다. 클라이언트가 ${size.toLocaleString("en-US")}바이트를 보낸다.`,
    });
    let left = whole;
    const send = () => {
      while (left.length > 0) {
        const taken = connection.send(left);
        if (taken === 0) return;
        left = left.subarray(taken);
      }
    };
    connection.application = { writable: send };
    act.does(client, `send(${size})`);
    const start = act.now;
    send();
    while (received < size && act.now < 3_600_000) act.world.run(act.now + 100);
    const { counters, rtt } = connection.status;
    const lost = cable.forth.counters.lost;
    act.look({
      en: `Of ${cable.forth.counters.sent} packets ${lost} got lost; ${counted(counters.retransmits, "segment")} ${counters.retransmits === 1 ? "was" : "were"} sent again. ${received.toLocaleString("en-US")} bytes arrived in about ${seconds(act.now - start)} s, ${wrong} of them wrong.`,
      ko: `패킷 ${cable.forth.counters.sent}개 중 ${lost}개가 사라졌고, 세그먼트 ${counters.retransmits}개를 다시 보냈다. ${received.toLocaleString("en-US")}바이트가 약 ${seconds(act.now - start)}초 만에 도착했으며 틀린 바이트는 ${wrong}개이다.`,
    });
    act.look({
      en: `The receiver acknowledges what it has in order, and names what lies beyond a gap in SACK blocks. So the sender sees what is missing after about one round trip (${rtt.srtt.toFixed(0)} ms) and sends that alone. Only when the last segments of a flight or an ACK are lost does it need a timer.`,
      ko: `수신 측은 순서대로 받은 곳까지 ACK를 보내고, 빈 곳 뒤에 받은 것은 SACK 블록으로 알린다. 송신 측은 왕복 한 번(${rtt.srtt.toFixed(0)} ms) 정도면 빠진 것을 알고 그것만 다시 보낸다. 마지막 세그먼트나 ACK가 사라졌을 때만 타이머가 필요하다.`,
    });
    act.sockets(client, server);
    cable.set({ loss: 0 });
    act.world.run(act.now + 5000);
    act.ladder(connection, server);
    stage.conclude({
      en: "IP may lose anything; TCP delivers each byte once and in order, or says that it cannot. What loss costs is time: congestion control takes it for a sign to send less.",
      ko: "IP는 무엇이든 잃어버릴 수 있지만, TCP는 모든 바이트를 순서대로 한 번씩 전달하거나 그럴 수 없다고 알린다. 손실의 대가는 시간이다. 혼잡 제어가 손실을 '덜 보내라'는 신호로 받아들이기 때문이다.",
    });
  },
};

export const zeroWindow: Scenario = {
  name: "zero-window",
  title: { en: "A receiver that does not read", ko: "제로 윈도우: 읽지 않는 수신자" },
  summary: {
    en: "the window closes, probes ask for it, reading opens it again",
    ko: "윈도우가 닫히고, probe가 이를 확인하고, 읽으면 다시 열린다",
  },
  parameters: [
    delay,
    {
      name: "stall",
      unit: "s",
      default: 20,
      least: 2,
      most: 3600,
      help: { en: "how long the receiver does not read", ko: "수신자가 읽지 않는 시간" },
    },
  ],
  diagnosis: ["zero-window"],
  play(stage) {
    const scene = pair(stage, { server: { rcvBuf: 8192, rcvBufMax: 8192 } });
    const { act, client, server, accepted } = scene;
    serve(scene);
    const connection = connected(scene);
    const [reader] = accepted;
    act.world.run(1000);
    act.tell({
      en: "The client sends 20,000 bytes to a server whose application is busy and does not read. Its receive buffer holds 8,192 bytes.",
      ko: "클라이언트가 20,000바이트를 보내지만 서버의 애플리케이션은 바빠서 읽지 않는다. 서버의 수신 버퍼는 8,192바이트이다.",
    });
    act.does(client, "send(20000)");
    connection.send(letters(20_000));
    act.world.run(3000);
    act.look({
      en: "With each ACK the window is smaller, and then it is 0: stop. The bytes stand in Recv-Q over there, and here in Send-Q. The timer is probe: it asks from time to time whether the window is still closed, for the news that it is open could get lost.",
      ko: "ACK가 올 때마다 윈도우가 줄어들다가 0이 된다. 멈추라는 뜻이다. 데이터는 저쪽의 Recv-Q와 이쪽의 Send-Q에 쌓여 있다. 타이머는 probe이다. 윈도우가 열렸다는 소식이 사라질 수 있으므로 가끔씩 아직 닫혀 있는지 물어본다.",
    });
    act.sockets(client, server);
    act.world.run(1000 + stage.ms("stall"));
    act.tell({
      en: "At last the application reads, the window opens, and the server says so unasked (window update).",
      ko: "마침내 애플리케이션이 데이터를 읽고 윈도우가 열린다. 서버는 묻지 않아도 이를 알린다(window update).",
    });
    act.does(server, "recv()");
    let read = reader.receive(65_536).length;
    reader.application = { data: (data) => void (read += data.length) };
    act.world.run(act.now + 10_000);
    act.look({
      en: `All ${read.toLocaleString("en-US")} bytes were read. The ladder shows the probes, further and further apart.`,
      ko: `${read.toLocaleString("en-US")}바이트를 모두 읽었다. 아래 그림에서 probe의 간격이 점점 길어지는 것을 볼 수 있다.`,
    });
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: "A zero window is no fault of the network: an application does not read. The connection may stay so for days and is alive as long as probes are answered.",
      ko: "제로 윈도우는 네트워크의 잘못이 아니라 애플리케이션이 읽지 않는 것이다. probe에 응답이 오는 한 연결은 며칠이고 살아 있다.",
    });
  },
};

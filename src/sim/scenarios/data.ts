import { bytes, connected, counted, delay, farDelay, letters, PORT, pair, SERVER, serve } from "./pair.ts";
import type { Scenario } from "./scenario.ts";

export const dataAndAcks: Scenario = {
  name: "data-and-acks",
  title: { en: "Data and acknowledgments", ko: "데이터와 ACK 번호" },
  summary: {
    en: "the acknowledgment number grows by the bytes that arrived",
    ko: "ACK 번호는 받은 데이터의 바이트 수만큼 커진다",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage);
    const { act, client, server, accepted } = scene;
    serve(scene, () => ({ data: () => {} }));
    const connection = connected(scene, { data: () => {} });
    act.world.run(1000);
    let sent = 1;
    for (const count of [100, 250, 1]) {
      act.tell({
        en: `The client sends ${count} ${count === 1 ? "byte" : "bytes"} from number ${sent} on. The server's acknowledgment number becomes ${sent} + ${count} = ${sent + count}: the number that it expects next.`,
        ko: `클라이언트가 ${sent}번부터 ${count}바이트를 보낸다. 서버의 ACK 번호는 ${sent} + ${count} = ${sent + count}, 곧 다음에 받기를 기대하는 번호가 된다.`,
      });
      act.does(client, `send(${count})`);
      connection.send(letters(count));
      act.world.run(act.now + 500);
      sent += count;
    }
    act.tell({
      en: "The server answers with 4000 bytes, more than fit in one segment: MSS 1460, of which the timestamps option takes 12. Each segment has its own sequence number, and one ACK may stand for several.",
      ko: "서버가 4000바이트로 응답한다. MSS 1460바이트(timestamps 옵션이 12바이트를 쓴다)보다 크므로 여러 세그먼트로 쪼개진다. 세그먼트마다 시퀀스 번호가 있고, ACK 하나가 여러 세그먼트를 한꺼번에 승인할 수 있다.",
    });
    act.does(server, "send(4000)");
    accepted[0].send(letters(4000));
    act.world.run(act.now + 500);
    const { snd, rcv } = connection.status;
    act.look({
      en: `The client's next number is ${snd.nxt - snd.iss} and it expects ${rcv.nxt - rcv.irs} from the server, counted from the ISNs.`,
      ko: `ISN부터 세면 클라이언트가 다음에 보낼 번호는 ${snd.nxt - snd.iss}, 서버에게서 기대하는 번호는 ${rcv.nxt - rcv.irs}이다.`,
    });
    act.sockets(client, server);
    act.ladder(connection, server);
    stage.conclude({
      en: "Sequence numbers count bytes, not segments. That is why a retransmission may be cut differently from the original, and nobody is confused.",
      ko: "시퀀스 번호는 세그먼트가 아니라 바이트를 센다. 그래서 재전송할 때 처음과 다르게 쪼개도 아무도 혼란스러워하지 않는다.",
    });
  },
};

export const wraparound: Scenario = {
  name: "wraparound",
  title: { en: "Sequence numbers wrap at 2^32", ko: "시퀀스 번호가 2^32에서 0으로 돌아가기" },
  summary: {
    en: "after 4,294,967,295 comes 0, in the middle of a transfer",
    ko: "전송 도중 4,294,967,295 다음에 0이 온다",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    const scene = pair(stage, { client: { isn: 4_294_964_295 } });
    const { act, client, server } = scene;
    let received = 0;
    serve(scene, () => ({ data: (data) => void (received += data.length) }));
    act.tell({
      en: "The client's ISN happens to be 4,294,964,295, which is 3001 below 2^32.",
      ko: "클라이언트의 ISN이 마침 4,294,964,295, 즉 2^32보다 3001 작은 값이다.",
    });
    const connection = connected(scene);
    act.world.run(1000);
    act.sockets(client);
    act.tell({
      en: `It sends 8000 bytes from ${(connection.status.snd.nxt >>> 0).toLocaleString("en-US")} on. The third segment starts below 2^32 and ends behind it.`,
      ko: `${(connection.status.snd.nxt >>> 0).toLocaleString("en-US")}번부터 8000바이트를 보낸다. 세 번째 세그먼트는 2^32 앞에서 시작해 0을 지나서 끝난다.`,
    });
    act.does(client, "send(8000)");
    connection.send(letters(8000));
    act.world.run(2000);
    const { nxt, una, iss } = connection.status.snd;
    act.look({
      en: `All ${received} bytes arrived. SND.NXT and SND.UNA are ${nxt} and ${una} now, smaller than the ISN ${iss}, and rightly so: numbers are compared modulo 2^32, by the sign of their difference.`,
      ko: `${received}바이트가 모두 도착했다. 이제 SND.NXT = ${nxt}, SND.UNA = ${una}이다. ISN(${iss})보다 작지만 문제없다. 번호는 2^32를 법으로 하는 차이의 부호로 비교하기 때문이다.`,
    });
    act.ladder(connection, server, undefined, { absolute: true });
    stage.conclude({
      en: "At 10 Gbit/s the numbers wrap every 3.4 seconds. An old segment could then pass for a new one; timestamps tell them apart (PAWS, RFC 7323 5).",
      ko: "10 Gbit/s에서는 3.4초마다 한 바퀴를 돈다. 오래된 세그먼트가 새것으로 오해받을 수 있는데, timestamps 옵션이 둘을 구별해 준다 (PAWS, RFC 7323 5).",
    });
  },
};

export const windowScaling: Scenario = {
  name: "window-scaling",
  title: { en: "Window scaling", ko: "윈도우 스케일링 (WSCALE)" },
  summary: {
    en: "16 bits of window allow 64 KB a round trip; a shift allows more",
    ko: "16비트 윈도우는 왕복당 64KB까지만 허용한다. 시프트하면 더 커진다",
  },
  parameters: [
    farDelay,
    {
      name: "size",
      unit: "bytes",
      default: 1_000_000,
      least: 1,
      most: 20_000_000,
      help: { en: "bytes to transfer", ko: "전송할 바이트 수" },
    },
  ],
  diagnosis: ["receiver-limited"],
  play(stage) {
    const size = stage.number("size");
    const rows: string[][] = [];
    for (const scaling of [false, true]) {
      const scene = pair(stage, {
        title: scaling
          ? { en: "With window scaling", ko: "WSCALE을 쓸 때" }
          : { en: "Without window scaling", ko: "WSCALE을 쓰지 않을 때" },
        // 51 segments of 1285 bytes are 65,535: the window is filled to its last byte, and captures show it.
        client: { windowScaling: scaling, rcvBuf: 4_000_000, mss: 1297 },
        server: { sndBuf: 4_000_000, sndBufMax: 40_000_000 },
        tap: "server",
      });
      const { act, client, server, accepted, rtt } = scene;
      let received = 0;
      let largest = 0;
      serve(scene, (connection) => {
        let left = size;
        const send = () => {
          while (left > 0) {
            const taken = connection.send(new Uint8Array(Math.min(left, 65_536)));
            if (taken === 0) return;
            left -= taken;
          }
        };
        return { data: send, writable: send };
      });
      act.tell(
        scaling
          ? {
              en: "Both SYNs carry the window scale option: windows count in units of 2^n bytes from then on.",
              ko: "양쪽의 SYN에 WSCALE 옵션이 들어 있다. 이제 윈도우 값은 2^n바이트 단위로 센다.",
            }
          : {
              en: "The client's SYN carries no window scale option, so no window above 65,535 can be said, however large the buffer is.",
              ko: "클라이언트의 SYN에 WSCALE 옵션이 없다. 수신 버퍼가 아무리 커도 65,535보다 큰 윈도우는 알릴 수 없다.",
            },
      );
      let done = 0;
      const connection = client.connect(SERVER, PORT, {
        data: (data) => {
          received += data.length;
          if (received === size) done = act.now;
        },
      });
      act.world.run(4 * rtt);
      const start = act.now;
      act.tell({
        en: `The client asks for ${counted(size, "byte")}. The round trip takes ${rtt} ms.`,
        ko: `클라이언트가 ${size.toLocaleString("en-US")}바이트를 요청한다. 왕복 시간은 ${rtt} ms이다.`,
      });
      connection.send(bytes("get"));
      while (done === 0 && act.now < 600_000) {
        act.world.run(act.now + rtt / 4);
        largest = Math.max(largest, accepted[0].status.snd.inFlight);
      }
      const { scale } = connection.status.rcv;
      const took = done - start;
      act.world.run(act.now + 4 * rtt);
      act.look({
        en: `It took ${(took / 1000).toFixed(2)} s, with ${counted(largest, "byte")} on the way at most.`,
        ko: `${(took / 1000).toFixed(2)}초가 걸렸고, 한 번에 길 위에 있던 데이터는 최대 ${largest.toLocaleString("en-US")}바이트였다.`,
      });
      act.ladder(connection, server);
      rows.push([
        scaling ? `wscale ${scale}` : "-",
        connection.status.rcv.wnd.toLocaleString("en-US"),
        largest.toLocaleString("en-US"),
        `${(took / 1000).toFixed(2)} s`,
        `${((size * 8) / took / 1000).toFixed(1)} Mbit/s`,
      ]);
    }
    stage.table(
      { en: "The same transfer", ko: "같은 전송의 비교" },
      [
        { en: "option", ko: "옵션" },
        { en: "window offered, bytes", ko: "알린 윈도우(바이트)" },
        { en: "most in flight, bytes", ko: "길 위의 최대 데이터(바이트)" },
        { en: "time", ko: "시간" },
        { en: "rate", ko: "속도" },
      ],
      rows,
    );
    stage.conclude({
      en: "No more than one window can be on its way, so the rate is at most window / round trip. A box that strips the option from SYNs makes every far connection slow, and nothing fails.",
      ko: "윈도우만큼만 길 위에 있을 수 있으므로 속도는 최대 (윈도우 / 왕복 시간)이다. SYN에서 이 옵션을 지우는 장비가 있으면 먼 연결이 모두 느려지는데, 실패하는 것은 하나도 없다.",
    });
  },
};

export const checksumCorruption: Scenario = {
  name: "checksum-corruption",
  title: { en: "A corrupted segment", ko: "체크섬으로 오류 찾기" },
  summary: {
    en: "a bit flips on the way, the checksum finds it, the data is sent again",
    ko: "전송 중 비트 하나가 바뀌고, 체크섬이 이를 찾아내고, 데이터를 다시 보낸다",
  },
  parameters: [delay],
  diagnosis: [],
  play(stage) {
    // At the client's end the damage would not show.
    const scene = pair(stage, { tap: "server" });
    const { act, client, server, cable, accepted } = scene;
    let heard = "";
    serve(scene, () => ({ data: (data) => void (heard += new TextDecoder().decode(data)) }));
    const connection = connected(scene);
    act.world.run(1000);
    cable.forth.set({ corrupt: { packets: [cable.forth.counters.sent + 1] } });
    act.tell({
      en: 'The client sends "pay 100 to Bob". One bit of the segment flips on the way.',
      ko: '클라이언트가 "pay 100 to Bob"을 보낸다. 가는 길에 세그먼트의 비트 하나가 뒤집힌다.',
    });
    act.does(client, "send(14)");
    connection.send(bytes("pay 100 to Bob"));
    act.world.run(1000 + scene.rtt / 2 + 0.001);
    act.look({
      en: `The one's complement sum over pseudo-header, header and data is not all ones: the server drops the segment and says nothing. It has counted ${accepted[0].status.counters.badChecksums} bad checksum and its application has heard nothing yet.`,
      ko: `의사 헤더(pseudo-header), 헤더, 데이터를 1의 보수로 더한 값의 모든 비트가 1이 아니다. 서버는 세그먼트를 조용히 버린다. 잘못된 체크섬 수는 ${accepted[0].status.counters.badChecksums}이고, 애플리케이션은 아직 아무것도 받지 못했다.`,
    });
    act.sockets(client);
    act.tell({
      en: "To the client a corrupted segment is a lost one: no ACK comes, the timer runs out, it sends again.",
      ko: "클라이언트에게 손상된 세그먼트는 잃어버린 세그먼트와 같다. ACK가 오지 않아 타이머가 끝나면 다시 보낸다.",
    });
    act.world.run(3000);
    act.look({
      en: `The server's application has read "${heard}", once and right.`,
      ko: `서버의 애플리케이션이 읽은 데이터는 "${heard}"이다. 내용도 맞고, 한 번만 읽혔다.`,
    });
    act.ladder(connection, server);
    stage.conclude({
      en: "Any single flipped bit is found, and any two that do not cancel out. Sixteen bits are few, though: of random garbage one in 65,536 passes, which is why TLS and storage bring checks of their own.",
      ko: "비트 하나가 바뀐 것은 반드시 찾아내고, 서로 상쇄되지 않는 한 두 개도 찾아낸다. 그러나 16비트는 적다. 무작위로 망가진 데이터는 65,536번에 한 번 통과하므로 TLS나 스토리지는 자체 검사를 따로 한다.",
    });
  },
};

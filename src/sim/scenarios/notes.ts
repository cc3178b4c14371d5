/** Notes and events of ladders (`ladderOf`, the fates of paths, the reasons of boxes) in Korean. */
const KOREAN: Readonly<Record<string, string>> = {
  retransmission: "재전송",
  "keep-alive probe": "연결 확인 probe",
  "zero-window probe": "윈도우 확인 probe",
  "power cut": "전원 차단",
  "the window is closed": "윈도우가 닫혔음",
  "lost on the way": "도중에 사라짐",
  "nobody is there": "받는 호스트가 없음",
  "queue full": "큐가 가득 차 버려짐",
  "too big": "링크의 MTU보다 커서 버려짐",
  corrupted: "도중에 손상됨",
  duplicated: "도중에 중복됨",
  reordered: "순서가 바뀜",
  "no IP packet": "IP 패킷이 아님",
  "no TCP": "TCP가 아님",
  "hop limit exceeded": "TTL 소진",
  "no route": "경로 없음",
  "dropped by a rule": "규칙에 따라 버려짐",
  "rejected by a rule": "규칙에 따라 거부됨",
  "no such connection": "모르는 연결",
  "no such session": "모르는 세션",
  "no such port": "열리지 않은 포트",
  "no mapping": "NAT 매핑 없음",
  "no port is free": "남은 포트 없음",
  "not for this NAT": "이 NAT로 온 것이 아님",
  "of another family": "다른 IP 버전",
  "no ICMP passes": "ICMP가 차단됨",
  "bad ICMP checksum": "ICMP 체크섬 오류",
  "bad checksum in a quote": "인용된 헤더의 체크섬 오류",
};

/** A note in Korean; what has no translation stays as it is. */
export function koreanNote(note: string): string {
  const [, direction, name] = /^(from|went to) (.+)$/.exec(note) ?? [];
  if (direction !== undefined) return direction === "from" ? `보낸 곳: ${name}` : `도착한 곳: ${name}`;
  const [, reason, box] = /^(.+) at (\S+)$/.exec(note) ?? [];
  if (reason !== undefined && Object.hasOwn(KOREAN, reason)) return `${box}: ${KOREAN[reason]}`;
  const [, pieces] = /^in (\d+) fragments$/.exec(reason ?? "") ?? [];
  if (pieces !== undefined) return `${box}: 단편 ${pieces}개로 나뉨`;
  return Object.hasOwn(KOREAN, note) ? KOREAN[note] : note;
}

/**
 * 시험용 상태 프레임 만들기. 서버의 코덱과 따로 써서 같은 실수를 나누지 않는다.
 */

export const SCHEMA = [
  { name: "x", type: "i16", scale: 16 },
  { name: "y", type: "i16", scale: 16 },
  { name: "kind", type: "u8" },
  { name: "score", type: "u16" },
  { name: "slot", type: "u8" },
];

/** 머리와 기록 바이트로 프레임을 만든다. */
export function frame({ version = 1, kind, count, tick, ack = 0, base = 0, records = [] }) {
  const bytes = new Uint8Array(16 + records.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, version);
  view.setUint8(1, kind);
  view.setUint16(2, count, true);
  view.setUint32(4, tick, true);
  view.setUint32(8, ack, true);
  view.setUint32(12, base, true);
  bytes.set(records, 16);
  return bytes.buffer;
}

/** 선수 하나(엔티티 0, x=10, y=-1.5, 점수 300, 자리 0)의 온전한 기록. */
export const PLAYER_RECORD = [0, 0, 0x1f, 160, 0, 0xe8, 0xff, 0, 0x2c, 0x01, 0];

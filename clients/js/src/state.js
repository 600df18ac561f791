/**
 * 이진 상태 프레임의 해독과 지금 세계의 모습. 순수하다: 소켓도 시계도 모른다.
 *
 * 어떤 칸이 있는지는 match.start의 schema가 정하므로 새 게임이 와도 이 파일은 그대로다.
 */

const FRAME_VERSION = 1;
const HEADER_BYTES = 16;
const REMOVED_BIT = 0x80;
const MAX_FIELDS = 7;

/** 프레임의 종류. */
export const KIND = Object.freeze({ SNAPSHOT: 1, DELTA: 2 });

/** 프레임이 계약과 다르다(잘렸거나, 판 번호나 schema가 다르다). */
export class FrameError extends Error {}

/**
 * @typedef {{name: string, type: string, scale?: number}} SchemaField scale은 한 단위가 몇 눈금인가(기본 1)
 * @typedef {{id: number, removed: boolean, fields: Record<string, number>}} EntityRecord 바뀐 칸만 있다
 * @typedef {object} Frame
 * @property {1|2} kind
 * @property {number} tick
 * @property {number} ackSeq 서버가 적용한 내 마지막 입력의 seq
 * @property {number} baseTick delta가 딛고 선 틱
 * @property {EntityRecord[]} records
 * @typedef {{id: number, playerId: string|null} & Record<string, any>} Entity
 */

/** 형 이름 -> [바이트 수, 읽는 함수]. 모두 리틀 엔디언이다. */
const READERS = {
  u8: [1, (view, at) => view.getUint8(at)],
  i8: [1, (view, at) => view.getInt8(at)],
  u16: [2, (view, at) => view.getUint16(at, true)],
  i16: [2, (view, at) => view.getInt16(at, true)],
  u32: [4, (view, at) => view.getUint32(at, true)],
  i32: [4, (view, at) => view.getInt32(at, true)],
};

/**
 * schema를 읽기 좋은 꼴로 한 번만 바꾼다.
 * @param {SchemaField[]} schema
 */
function compile(schema) {
  if (schema.length > MAX_FIELDS) throw new FrameError(`칸은 ${MAX_FIELDS}개까지다`);
  return schema.map(({ name, type, scale = 1 }) => {
    if (!READERS[type]) throw new FrameError(`모르는 형: ${type}`);
    const [bytes, read] = READERS[type];
    return { name, bytes, read, scale };
  });
}

/**
 * 프레임 하나를 푼다.
 * @param {ArrayBuffer|ArrayBufferView} data
 * @param {SchemaField[]} schema
 * @returns {Frame}
 * @throws {FrameError}
 */
export function decodeFrame(data, schema) {
  return decode(data, compile(schema));
}

/** @returns {Frame} */
function decode(data, columns) {
  const view = ArrayBuffer.isView(data)
    ? new DataView(data.buffer, data.byteOffset, data.byteLength)
    : new DataView(data);
  if (view.byteLength < HEADER_BYTES) throw new FrameError("머리가 잘렸다");
  const [version, kind] = [view.getUint8(0), view.getUint8(1)];
  if (version !== FRAME_VERSION) throw new FrameError(`모르는 판 번호: ${version}`);
  if (kind !== KIND.SNAPSHOT && kind !== KIND.DELTA) throw new FrameError(`모르는 종류: ${kind}`);
  return {
    kind,
    tick: view.getUint32(4, true),
    ackSeq: view.getUint32(8, true),
    baseTick: view.getUint32(12, true),
    records: readRecords(view, view.getUint16(2, true), columns),
  };
}

function readRecords(view, count, columns) {
  const records = [];
  let at = HEADER_BYTES;
  try {
    for (let index = 0; index < count; index += 1) {
      const id = view.getUint16(at, true);
      const mask = view.getUint8(at + 2);
      /** @type {Record<string, number>} */
      const fields = {};
      at += 3;
      for (let bit = 0; bit < columns.length; bit += 1) {
        if (!(mask & (1 << bit))) continue;
        const { name, bytes, read, scale } = columns[bit];
        fields[name] = read(view, at) / scale;
        at += bytes;
      }
      records.push({ id, removed: Boolean(mask & REMOVED_BIT), fields });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new FrameError("기록이 잘렸다");
    throw error;
  }
  if (at !== view.byteLength) throw new FrameError("기록 뒤에 남은 바이트가 있다");
  return records;
}

/** 한 판의 지금 모습. snapshot으로 세우고 delta로 이어 간다. */
export class WorldView {
  #columns;

  /**
   * @param {SchemaField[]} schema
   * @param {Record<string, string>} [entityPlayers] 엔티티 id -> player_id
   */
  constructor(schema, entityPlayers = {}) {
    this.#columns = compile(schema);
    this.playerOf = new Map(Object.entries(entityPlayers).map(([id, player]) => [Number(id), player]));
    /** 마지막으로 적용한 틱. 아직 없으면 -1. */
    this.tick = -1;
    /** 서버가 적용한 내 마지막 입력의 seq. */
    this.ackSeq = 0;
    /** @type {Map<number, Entity>} */
    this.entities = new Map();
  }

  /**
   * 프레임을 적용한다. 바탕이 다른 delta는 버린다(서버가 곧 snapshot을 보낸다).
   * @param {ArrayBuffer|ArrayBufferView} data
   * @returns {boolean} 적용했는가
   * @throws {FrameError} 계약과 다른 프레임. 세계는 바뀌지 않는다.
   */
  apply(data) {
    const frame = decode(data, this.#columns);
    if (frame.kind === KIND.DELTA && frame.baseTick !== this.tick) return false;
    if (frame.kind === KIND.SNAPSHOT) this.entities = new Map();
    for (const record of frame.records) this.#put(record);
    this.tick = frame.tick;
    this.ackSeq = frame.ackSeq;
    return true;
  }

  #put({ id, removed, fields }) {
    if (removed) {
      this.entities.delete(id);
      return;
    }
    const known = this.entities.get(id) ?? { id, playerId: this.playerOf.get(id) ?? null };
    this.entities.set(id, Object.assign(known, fields));
  }
}

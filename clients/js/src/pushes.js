/**
 * 다시 온 통지를 한 번만 보이게 하는 장부. 순수하다.
 *
 * 서버는 놓쳤을지 모르는 통지를 hello나 resume 뒤에 다시 보낸다. 종류와 판(또는 대기표)이 같으면 같은 통지다.
 */

const REMEMBERED = 256;
const KEY_FIELD = Object.freeze({
  "match.found": "match_id",
  "match.start": "match_id",
  "match.result": "match_id",
  "match.aborted": "match_id",
  "match.left": "match_id",
  "queue.timeout": "ticket_id",
});

/** 이미 본 통지를 기억한다(가장 오래된 것부터 잊는다). */
export class PushLedger {
  /** @param {number} [capacity] 기억할 통지 수 */
  constructor(capacity = REMEMBERED) {
    this.capacity = capacity;
    /** @type {Set<string>} */
    this.seen = new Set();
  }

  /**
   * 처음 보는 통지인가. 참을 주면 본 것으로 적는다. 멱등하지 않은 종류는 늘 참이다.
   * @param {{t: string, [field: string]: any}} message
   */
  admit(message) {
    const field = KEY_FIELD[message.t];
    if (!field) return true;
    const key = `${message.t}:${message[field]}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    if (this.seen.size > this.capacity) this.seen.delete(this.seen.values().next().value);
    return true;
  }
}

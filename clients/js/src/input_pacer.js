/**
 * 입력을 언제 보낼지: 바뀌었을 때만, 정한 간격보다 잦지 않게. 마지막 값은 꼭 나간다.
 *
 * 타이머와 시계는 받는다. 이동처럼 "지금의 손 모양"이 뜻인 입력에 맞다.
 */

const MIN_INTERVAL_MS = 50;

/** 값 묶음({dx, dy} 같은)의 흐름을 고르게 한다. */
export class InputPacer {
  #timer = null;
  #sentAtMs = -Infinity;
  #sent = "";
  #wanted = null;

  /**
   * @param {(values: Record<string, number>) => boolean} send 보냈으면 참. 거짓이면 다음 기회에 다시 본다
   * @param {{minIntervalMs?: number, now?: () => number, schedule?: (fn: () => void, ms: number) => any}} [options]
   */
  constructor(send, { minIntervalMs = MIN_INTERVAL_MS, now = () => performance.now(), schedule = setTimeout } = {}) {
    this.send = send;
    this.minIntervalMs = minIntervalMs;
    this.now = now;
    this.schedule = (fn, ms) => schedule(fn, ms);
  }

  /** 지금의 값. 마지막으로 보낸 것과 같으면 아무것도 하지 않는다. */
  set(values) {
    this.#wanted = values;
    if (this.#timer !== null || JSON.stringify(values) === this.#sent) return;
    const waitMs = this.#sentAtMs + this.minIntervalMs - this.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer = this.schedule(() => this.#flush(), waitMs);
  }

  /** 서버가 자리를 다시 이었다: 서버는 손 모양을 잊었으므로 지금 값을 다시 보낸다. */
  resend() {
    this.#sent = "";
    if (this.#wanted) this.set(this.#wanted);
  }

  /** 판이 끝났다: 값을 잊는다. */
  clear() {
    this.#sent = "";
    this.#wanted = null;
  }

  #flush() {
    this.#timer = null;
    if (!this.#wanted) return;
    const text = JSON.stringify(this.#wanted);
    if (text === this.#sent || !this.send(this.#wanted)) return;
    this.#sent = text;
    this.#sentAtMs = this.now();
  }
}

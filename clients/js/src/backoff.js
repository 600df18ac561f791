/**
 * 다시 붙기까지 얼마나 쉴지. 순수하다: 시계도 타이머도 없고 난수는 받는다.
 *
 * 온전한 지터(0부터 상한까지 고르게)를 쓴다. 상한만 키우면 함께 끊긴 손님들이 함께 돌아온다.
 */

const BASE_MS = 300;
const CAP_MS = 5000;

/** 실패가 이어질수록 길어지는 쉬는 시간. */
export class Backoff {
  /** @param {{baseMs?: number, capMs?: number, random?: () => number}} [options] random은 0 이상 1 미만 */
  constructor({ baseMs = BASE_MS, capMs = CAP_MS, random = Math.random } = {}) {
    this.baseMs = baseMs;
    this.capMs = capMs;
    this.random = random;
    this.failures = 0;
  }

  /** 다음 시도까지의 시간(밀리초). 부를 때마다 상한이 두 배가 된다. @returns {number} */
  nextMs() {
    const ceilingMs = Math.min(this.capMs, this.baseMs * 2 ** this.failures);
    this.failures += 1;
    return Math.round(this.random() * ceilingMs);
  }

  /** 붙었다: 처음부터 다시 센다. */
  reset() {
    this.failures = 0;
  }
}

/**
 * 작은 사건 알림. 듣는 쪽의 실패가 다른 듣는 쪽이나 연결을 멈추지 않는다.
 */

/** 이름마다 듣는 함수들을 둔다. */
export class Emitter {
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /**
   * 듣기 시작한다.
   * @param {string} type
   * @param {(detail: any) => void} listener
   * @returns {() => void} 그만 듣는 함수
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** 알린다. 듣는 함수가 던지면 전역 오류로 드러내고 다음으로 간다. */
  emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        // 여기서 다시 던지면 소켓의 받는 길이 멈춘다. 감추지 않고 전역 오류로 넘긴다.
        queueMicrotask(() => { throw error; });
      }
    }
  }
}

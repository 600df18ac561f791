/**
 * 틱 사이를 매끄럽게: 100 ms쯤 뒤의 시각을 그려 언제나 앞뒤의 두 틱 사이에 있게 한다. 순수하다.
 *
 * 예측하지 않는다: 서버가 정한 자리만 그리므로 되돌아가는 일이 없다.
 */

const DELAY_TICKS = 2;
const KEPT_SAMPLES = 6;
/** 늦게 온 프레임이 시계를 미는 정도. 작을수록 망의 흔들림에 덜 흔들린다. */
const DRIFT = 0.02;
/** 새 프레임이 없으면 시계는 이만큼만 앞서 가고 멈춘다: 모르는 시간을 흐른 것처럼 보이지 않는다. */
const LONGEST_GUESS_MS = 500;

/** 서버의 틱과 이쪽 시계를 맞춘다. 가장 덜 늦은 프레임을 믿는다. */
export class TickClock {
  #originMs = null;
  #lastTick = 0;

  /** @param {number} tickMs 한 틱의 길이(밀리초) */
  constructor(tickMs) {
    this.tickMs = tickMs;
  }

  /** 틱이 도착했다. */
  arrived(tick, nowMs) {
    const sampleMs = nowMs - tick * this.tickMs;
    const isLost = this.#originMs !== null && sampleMs - this.#originMs > LONGEST_GUESS_MS;
    this.#lastTick = tick;
    // 멈췄다 이어진 흐름은 처음 보는 것처럼 맞춘다.
    if (this.#originMs === null || isLost || sampleMs < this.#originMs) this.#originMs = sampleMs;
    else this.#originMs += (sampleMs - this.#originMs) * DRIFT;
  }

  /** 지금 서버가 있을 틱(소수). 아직 모르면 0. */
  tickAt(nowMs) {
    if (this.#originMs === null) return 0;
    const guessed = (nowMs - this.#originMs) / this.tickMs;
    return Math.max(0, Math.min(guessed, this.#lastTick + LONGEST_GUESS_MS / this.tickMs));
  }
}

/** 엔티티마다의 최근 자리. */
export class Trails {
  /** @type {Map<number, {tick: number, x: number, y: number}[]>} */
  #samples = new Map();

  /** 한 틱의 자리들을 적는다. 그 틱에 없는 엔티티는 잊는다. */
  record(tick, entities) {
    const next = new Map();
    for (const { id, x, y } of entities) {
      const samples = (this.#samples.get(id) ?? []).filter((sample) => sample.tick < tick);
      next.set(id, [...samples.slice(1 - KEPT_SAMPLES), { tick, x, y }]);
    }
    this.#samples = next;
  }

  /**
   * 그 시각에 그릴 자리.
   * @param {number} id
   * @param {number} serverTick 지금 서버가 있을 틱(소수)
   * @returns {{x: number, y: number}|null}
   */
  at(id, serverTick) {
    const samples = this.#samples.get(id);
    if (!samples) return null;
    const drawnTick = serverTick - DELAY_TICKS;
    const after = samples.findIndex((sample) => sample.tick > drawnTick);
    if (after === -1) return samples.at(-1);
    if (after === 0) return samples[0];
    const [from, to] = [samples[after - 1], samples[after]];
    const share = (drawnTick - from.tick) / (to.tick - from.tick);
    return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
  }
}

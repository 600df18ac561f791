/** 봇의 머리: 가장 가까운 별로 간다. 가끔 헤매서 사람이 이길 틈이 있다. 순수하다(난수는 받는다). */

const STAR = 1;
const RETHINK_TICKS = 6;
const WANDER = 0.15;

/** 판 하나를 두는 머리. */
export class BotBrain {
  #direction = { dx: 0, dy: 0 };
  #thinkAtTick = 0;

  /** @param {() => number} [random] 0 이상 1 미만 */
  constructor(random = Math.random) {
    this.random = random;
  }

  /**
   * 지금 모습에서 갈 방향.
   * @param {import("../hanpan/state.js").WorldView} world
   * @param {string} playerId 봇의 선수 번호
   * @returns {{dx: number, dy: number}}
   */
  decide(world, playerId) {
    if (world.tick < this.#thinkAtTick) return this.#direction;
    this.#thinkAtTick = world.tick + RETHINK_TICKS;
    this.#direction = this.#think([...world.entities.values()], playerId);
    return this.#direction;
  }

  #think(entities, playerId) {
    if (this.random() < WANDER) return { dx: this.#anyStep(), dy: this.#anyStep() };
    const me = entities.find((entity) => entity.playerId === playerId);
    const stars = entities.filter(({ kind }) => kind === STAR);
    if (!me || stars.length === 0) return { dx: 0, dy: 0 };
    const farness = ({ x, y }) => (x - me.x) ** 2 + (y - me.y) ** 2;
    const nearest = stars.reduce((best, star) => (farness(star) < farness(best) ? star : best));
    return { dx: Math.sign(nearest.x - me.x), dy: Math.sign(nearest.y - me.y) };
  }

  #anyStep() {
    return Math.floor(this.random() * 3) - 1;
  }
}

/**
 * 도는 판을 지켜본다: 프레임이 멈췄는지, 떠나 있던 사이에 끝나지는 않았는지.
 *
 * 소켓이 살아 있어도 판의 프레임은 끊길 수 있다(얼어붙은 session, 반만 열린 TCP). 무엇을 할지는 owner가 준다.
 */

const WATCH_EVERY_MS = 250;
/** 도는 판의 프레임(초당 20개)이 이만큼 없으면 멈춘 것이다. */
const STALLED_MS = 700;
/** 이만큼 없으면 판이 끝났는지 묻는다. */
const SILENT_MATCH_MS = 4000;
/** 아직 시작을 듣지 못한 판(떠나기 전에 앉았던 판)은 이만큼 뒤에 묻는다. */
const UNHEARD_MATCH_MS = 1000;

/**
 * @typedef {object} MatchWatchOwner
 * @property {() => import("./seat.js").Seat|null} liveSeat 붙어 있고 판이 돌면 그 자리
 * @property {() => void} probe 소켓이 살아 있는지 묻는다
 * @property {(isStalled: boolean) => void} onFlow 흐름이 멈췄거나 다시 흐른다
 * @property {(matchId: string) => void} askEnding 끝났는지 묻는다
 */

/** 선수 하나의 판을 지켜보는 이. */
export class MatchWatch {
  #owner;
  #timer = null;
  #isStalled = false;
  #askedAtMs = -Infinity;

  /** @param {MatchWatchOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  start() {
    this.#timer ??= setInterval(() => this.#look(performance.now()), WATCH_EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** 프레임이 왔거나 판이 끝났다. */
  flows() {
    this.#note(false);
  }

  #look(nowMs) {
    const seat = this.#owner.liveSeat();
    if (!seat) return;
    if (seat.silentMs(nowMs) >= STALLED_MS) this.#note(true);
    const lastMs = Math.max(this.#askedAtMs, seat.heardAtMs, seat.startsAtMs);
    if (nowMs - lastMs < (seat.world ? SILENT_MATCH_MS : UNHEARD_MATCH_MS)) return;
    this.#askedAtMs = nowMs;
    this.#owner.askEnding(seat.matchId);
  }

  /** 바뀐 때만 알린다. */
  #note(isStalled) {
    if (isStalled === this.#isStalled) return;
    this.#isStalled = isStalled;
    if (isStalled) this.#owner.probe();
    this.#owner.onFlow(isStalled);
  }
}

/**
 * 판 하나에 앉은 나의 자리: 누구와 하는지, 세계의 모습, 이어 하기에 필요한 것.
 *
 * 소켓이 바뀌어도 자리는 이어진다. 순수하다(시각은 받는다).
 */

import { WorldView } from "./state.js";

/** @typedef {{player_id: string, name: string, rating: number}} MatchPlayer */

const SEQ_MAX = 2 ** 32 - 1;

/** 두 seq 가운데 나중 것. 번호는 2^32에서 돈다. */
function laterSeq(one, other) {
  const ahead = (other - one) >>> 0;
  return ahead > 0 && ahead < 2 ** 31 ? other : one;
}

/** 살아 있거나 방금 끝난 판의 자리. */
export class Seat {
  #lastSeq = 0;

  /**
   * @param {Record<string, any>} found `match.found` 메시지
   * @param {number} nowMs
   */
  constructor(found, nowMs) {
    /** @type {string} */
    this.matchId = found.match_id;
    /** @type {string} */
    this.mode = found.mode;
    /** @type {MatchPlayer[]} */
    this.players = found.players;
    this.tickRateHz = found.tick_rate_hz;
    /** 이 판의 상수(길이, 마당의 크기). match.start가 알린다. @type {Record<string, number>} */
    this.setup = {};
    /** @type {string|null} */
    this.resumeToken = found.resume_token;
    /** match.start 전에는 null. @type {WorldView|null} */
    this.world = null;
    this.isOver = false;
    /** 내가 기권했다. */
    this.hasLeft = false;
    /** 마지막으로 판의 프레임이나 통지를 받은 시각. */
    this.heardAtMs = nowMs;
    /** 첫 틱이 도는 시각(이쪽 시계). match.start가 알린다. */
    this.startsAtMs = nowMs;
  }

  /**
   * 쪽을 떠나기 전에 앉았던 자리. 서버가 hello 뒤에 이어 주거나, 끝났으면 결과를 준다.
   * @param {{matchId: string, mode: string, players: MatchPlayer[]}} memory
   * @param {number} nowMs
   */
  static recalled({ matchId, mode, players }, nowMs) {
    return new Seat({ match_id: matchId, mode, players, tick_rate_hz: 20, resume_token: null }, nowMs);
  }

  /**
   * 판이 곧 시작되거나, 돌고 있는 판에 다시 붙었다. 곧 snapshot이 온다.
   * @param {Record<string, any>} message `match.start`
   * @param {number} nowMs
   */
  start(message, nowMs) {
    this.world = new WorldView(message.schema, message.entities);
    this.setup = message.setup;
    this.startsAtMs = nowMs + (message.starts_in_ms ?? 0);
  }

  /** 도는 판의 프레임이 끊긴 지 얼마나 되었는가(밀리초). 돌지 않으면 0이다. @returns {number} */
  silentMs(nowMs) {
    if (this.isOver || !this.world) return 0;
    return Math.max(0, nowMs - Math.max(this.heardAtMs, this.startsAtMs));
  }

  /**
   * 상태 프레임을 적용한다.
   * @param {ArrayBuffer} data
   * @param {number} nowMs
   * @returns {boolean} 세계가 바뀌었는가
   */
  apply(data, nowMs) {
    if (!this.world) return false;
    this.heardAtMs = nowMs;
    const isApplied = this.world.apply(data);
    // 새로고침한 탭은 seq를 잊었다. 서버가 아는 것에서 이어, ackSeq로 무엇이 적용되었는지 안다.
    this.#lastSeq = laterSeq(this.#lastSeq, this.world.ackSeq);
    return isApplied;
  }

  /** 다음 입력의 seq(1부터, 2^32-1 다음은 다시 1). @returns {number} */
  nextSeq() {
    this.#lastSeq = (this.#lastSeq % SEQ_MAX) + 1;
    return this.#lastSeq;
  }

  /** 이 자리로 resume할 수 있는가. 세계를 아직 모르면 hello로 match.start부터 다시 받는다. */
  get canResume() {
    return Boolean(this.isLive && this.resumeToken && this.world);
  }

  /** 아직 내가 두고 있는 판인가. */
  get isLive() {
    return !this.isOver && !this.hasLeft;
  }

  /** `resume` 메시지의 칸. */
  resumeFields() {
    return { resume_token: this.resumeToken, last_tick: Math.max(0, this.world?.tick ?? 0) };
  }

  /** 판이 끝났다. 토큰은 더 쓸 수 없다. */
  end() {
    this.isOver = true;
    this.resumeToken = null;
  }
}

/**
 * 로그인한 선수의 토큰: 지나기 전에 스스로 갱신하고, 거절되면 한 번 갱신하고, 원하면 곳간에 남긴다.
 *
 * 갱신은 한 번에 하나다. 같은 곳간을 쓰는 다른 탭이 먼저 갱신했으면 그것을 가져온다: 옛 토큰을 다시 내면 서버가 훔친
 * 것으로 보고 모두 끝내기 때문이다. 소켓은 모른다.
 */

import { HanpanError } from "./errors.js";

/** 남은 수명이 이만큼(전체의 몫)이면 갱신한다. */
const REFRESH_AT = 0.2;
/** 실패한 갱신을 다시 하기까지. 서버가 더 쉬라면 그만큼 쉰다. */
const RETRY_MS = 5000;
/** setTimeout이 셀 수 있는 끝. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * @typedef {object} Saved 곳간에 남는 것
 * @property {string} playerId
 * @property {string} name
 * @property {string} token
 * @property {string|null} refreshToken
 * @property {number} expiresAtMs 접근 토큰이 지나는 때
 * @property {number} ttlMs 접근 토큰의 수명
 *
 * @typedef {object} SessionStore 토큰을 남기는 곳(localStorage 따위). 모두 기다리지 않고 답한다
 * @property {() => Saved|null} load
 * @property {(saved: Saved) => void} save
 * @property {() => void} clear
 *
 * @typedef {"renewed"|"later"|"impossible"} Renewal
 *   renewed: 새 토큰이 있다, later: 지금은 얻지 못했다, impossible: 다시 로그인해야 한다
 */

/** 아무 데도 남기지 않는 곳간. @returns {SessionStore} */
export const noStore = () => ({ load: () => null, save: () => {}, clear: () => {} });

/** 선수 하나의 토큰. */
export class Session {
  #api;
  #store;
  #nowMs;
  #onError;
  #timer = null;
  #refreshing = null;

  /**
   * @param {import("./api.js").HanpanApi} api
   * @param {{store?: SessionStore, nowMs?: () => number, onError?: (error: HanpanError) => void}} [options]
   */
  constructor(api, { store = noStore(), nowMs = () => Date.now(), onError = () => {} } = {}) {
    this.#api = api;
    this.#store = store;
    this.#nowMs = nowMs;
    this.#onError = onError;
    /** @type {Saved|null} */
    this.current = null;
  }

  /** 로그인의 답을 쥔다. @param {import("./api.js").Login} login @returns {Saved} */
  accept(login) {
    const ttlMs = login.expires_in_s * 1000;
    this.#hold({
      playerId: login.player_id,
      name: login.name,
      token: login.access_token,
      refreshToken: login.refresh_token ?? null,
      expiresAtMs: this.#nowMs() + ttlMs,
      ttlMs,
    });
    this.#store.save(this.current);
    return this.current;
  }

  /** 곳간에 남은 선수로 돌아온다. 없거나 더는 통하지 않으면 null. @returns {Promise<Saved|null>} */
  async restore() {
    const saved = this.#store.load();
    if (!saved) return null;
    this.#hold(saved);
    if (this.#isStale() && (await this.refresh()) === "impossible") return null;
    return this.current;
  }

  /** 새 토큰을 얻는다. 함께 불러도 서버에는 한 번 묻는다. @returns {Promise<Renewal>} */
  refresh() {
    this.#refreshing ??= this.#refreshOnce().finally(() => { this.#refreshing = null; });
    return this.#refreshing;
  }

  /** 토큰으로 부르고, 401이면 한 번 갱신해서 다시 부른다. @template T @param {(token: string) => Promise<T>} call */
  async authorized(call) {
    const used = this.current?.token;
    if (!used) throw new HanpanError("UNAUTHENTICATED", "먼저 들어와야 합니다");
    try {
      return await call(used);
    } catch (error) {
      if (error.code !== "UNAUTHENTICATED") throw error;
      if (this.current?.token === used && (await this.refresh()) !== "renewed") throw error;
      return call(this.current.token);
    }
  }

  /**
   * 나간다(everywhere면 모든 기기에서). 토큰이 이미 죽었어도 나간 것이다.
   * @throws {HanpanError} 서버에 닿지 않았다. 토큰은 그대로이니 다시 부를 수 있다
   */
  async logout({ everywhere = false } = {}) {
    await this.#refreshing;
    const token = this.current?.token;
    if (token) {
      try {
        await this.authorized((live) => this.#api.logout(live, { everywhere }));
      } catch (error) {
        if (error.code !== "UNAUTHENTICATED") throw error;
      }
    }
    this.forget();
  }

  /** 쥔 것과 남긴 것을 버린다. */
  forget() {
    clearTimeout(this.#timer);
    this.current = null;
    this.#store.clear();
  }

  #hold(saved) {
    this.current = saved;
    this.#schedule(Math.max(0, saved.expiresAtMs - REFRESH_AT * saved.ttlMs - this.#nowMs()));
  }

  #isStale() {
    return this.current.expiresAtMs - REFRESH_AT * this.current.ttlMs <= this.#nowMs();
  }

  #schedule(delayMs) {
    clearTimeout(this.#timer);
    if (!this.current?.refreshToken) return;
    this.#timer = setTimeout(() => this.refresh(), Math.min(delayMs, MAX_DELAY_MS));
    // Node에서는 이 때 맞춤이 프로세스를 붙들지 않게 한다.
    this.#timer.unref?.();
  }

  async #refreshOnce() {
    const held = this.current;
    if (!held?.refreshToken) return "impossible";
    const stored = this.#store.load();
    const isNewer = stored?.playerId === held.playerId && stored.refreshToken !== held.refreshToken;
    if (isNewer && stored.expiresAtMs > held.expiresAtMs) {
      this.#hold(stored);
      if (!this.#isStale()) return "renewed";
    }
    try {
      this.accept(await this.#api.refresh(this.current.refreshToken));
      return "renewed";
    } catch (error) {
      if (error.code === "UNAUTHENTICATED") {
        this.forget();
        return "impossible";
      }
      this.#onError(error);
      this.#schedule(Math.max(RETRY_MS, error.retryAfterMs ?? 0));
      return "later";
    }
  }
}

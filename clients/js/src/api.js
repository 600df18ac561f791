/**
 * REST 부름. fetch 위의 얇은 층이며 모든 부름에 기한이 있다. 소켓은 모른다.
 */

import { HanpanError, LOCAL_CODES, errorFromResponse } from "./errors.js";

const DEADLINE_MS = 5000;

/**
 * @typedef {object} Login
 * @property {string} player_id
 * @property {string} name
 * @property {string} access_token
 * @property {number} expires_in_s
 * @property {string} [refresh_token] v1.5.1부터
 * @property {number} [refresh_expires_in_s]
 * @typedef {{rank: number, player_id: string, name: string, rating: number, games: number, is_bot: boolean}} LeaderboardEntry
 */

/** 한판의 HTTP API. 실패는 모두 HanpanError로 던진다. */
export class HanpanApi {
  /**
   * @param {string} baseUrl 예: "http://localhost:8080"
   * @param {typeof fetch} [fetchImpl]
   */
  constructor(baseUrl, fetchImpl = (...args) => globalThis.fetch(...args)) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    /** 오류의 글을 받을 언어. 없으면 브라우저의 것이다. @type {string|null} */
    this.language = null;
    this.fetchImpl = fetchImpl;
  }

  /**
   * 손님으로 들어온다. 같은 deviceId면 같은 선수다.
   * @param {{name?: string, deviceId?: string}} [fields]
   * @returns {Promise<Login>}
   */
  guest({ name, deviceId } = {}) {
    return this.#call("POST", "/api/v1/auth/guest", { body: { name, device_id: deviceId } });
  }

  /** 계정을 만든다. @returns {Promise<Login>} */
  register({ username, password, name }) {
    return this.#call("POST", "/api/v1/auth/register", { body: { username, password, name } });
  }

  /** 계정으로 들어온다. @returns {Promise<Login>} */
  login({ username, password }) {
    return this.#call("POST", "/api/v1/auth/login", { body: { username, password } });
  }

  /** 갱신 토큰을 새것으로 바꾸고 새 접근 토큰을 받는다. 낸 토큰은 곧 죽는다. @returns {Promise<Login>} */
  refresh(refreshToken) {
    return this.#call("POST", "/api/v1/auth/refresh", { body: { refresh_token: refreshToken } });
  }

  /** 이 기기에서(everywhere면 모든 기기에서) 나간다. @returns {Promise<{ended: number}>} */
  logout(token, { everywhere = false } = {}) {
    return this.#call("POST", "/api/v1/auth/logout", { token, body: { everywhere } });
  }

  /** 나와 내 레이팅. */
  me(token) {
    return this.#call("GET", "/api/v1/me", { token });
  }

  /**
   * 순위표 한 쪽. 봇은 includeBots일 때만 등수를 차지한다.
   * @returns {Promise<{mode: string, entries: LeaderboardEntry[], next_cursor: string|null}>}
   */
  leaderboard(mode, { limit = 20, cursor = null, includeBots = false } = {}) {
    const query = new URLSearchParams({
      limit: String(limit),
      ...(cursor ? { cursor } : {}),
      ...(includeBots ? { include_bots: "true" } : {}),
    });
    return this.#call("GET", `/api/v1/leaderboards/${encodeURIComponent(mode)}?${query}`);
  }

  /**
   * 내 등수와 둘레의 limit줄(나도 센다). 그 모드를 한 판도 끝내지 않았으면 rank가 null이다.
   * @returns {Promise<{mode: string, rank: number|null, entries: LeaderboardEntry[]}>}
   */
  aroundMe(token, mode, { limit = 11, includeBots = false } = {}) {
    const query = new URLSearchParams({ limit: String(limit), ...(includeBots ? { include_bots: "true" } : {}) });
    return this.#call("GET", `/api/v1/leaderboards/${encodeURIComponent(mode)}/around-me?${query}`, { token });
  }

  /** 모드 하나의 줄: 기다리는 사람의 수와 만나는 규칙. */
  queue(mode) {
    return this.#call("GET", `/api/v1/queues/${encodeURIComponent(mode)}`);
  }

  /** 나의 연습 상대가 될 봇의 계정. 부를 때마다 같은 봇이다. @returns {Promise<Login>} */
  botOpponent(token) {
    return this.#call("POST", "/api/v1/me/bot-opponent", { token });
  }

  /** 내가 둔 판들의 한 쪽(새것부터)과 지금 앉아 있는 판(live, 없으면 null). */
  myMatches(token, { limit = 20, cursor = null } = {}) {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
    return this.#call("GET", `/api/v1/me/matches?${query}`, { token });
  }

  /** 판 하나의 상태와 결과. */
  match(matchId) {
    return this.#call("GET", `/api/v1/matches/${encodeURIComponent(matchId)}`);
  }

  async #call(method, path, { body = undefined, token = undefined } = {}) {
    const response = await this.#send(method, path, body, token);
    if (!response.ok) throw await errorFromResponse(response);
    return response.json();
  }

  async #send(method, path, body, token) {
    /** @type {Record<string, string>} */
    const headers = { accept: "application/json" };
    if (this.language) headers["accept-language"] = this.language;
    if (body) headers["content-type"] = "application/json";
    if (token) headers.authorization = `Bearer ${token}`;
    try {
      return await this.fetchImpl(this.baseUrl + path, {
        method,
        headers,
        body: body && JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
    } catch (error) {
      const late = error instanceof DOMException && error.name === "TimeoutError";
      throw new HanpanError(late ? LOCAL_CODES.DEADLINE : LOCAL_CODES.DISCONNECTED, String(error));
    }
  }
}

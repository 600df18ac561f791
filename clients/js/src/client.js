/**
 * 한판 선수 하나: 로그인하고, 붙고, 줄을 서고, 판이 끝날 때까지 간다.
 *
 * 끊김과 다시 잇기는 link.js, 판의 모습은 seat.js에 있다. 화면은 모르며 사건으로만 알린다(README의 표).
 */

import { HanpanApi } from "./api.js";
import { Emitter } from "./emitter.js";
import { HanpanError, LOCAL_CODES, errorFromFrame } from "./errors.js";
import { InputPacer } from "./input_pacer.js";
import { Link } from "./link.js";
import { MatchWatch } from "./match_watch.js";
import { PushLedger } from "./pushes.js";
import { QueueIntent } from "./queue_intent.js";
import { Seat } from "./seat.js";
import { Session } from "./session.js";
import { FrameError } from "./state.js";

const GOING_AWAY = 4900;

/** @typedef {{playerId: string, name: string, token: string}} Player */

/** 선수의 연결. 듣는 법은 `on(사건, 함수)`. */
export class HanpanClient extends Emitter {
  #link;
  #pushes = new PushLedger();
  #queue = new QueueIntent(this);
  #pacer = new InputPacer((values) => this.#sendInput(values));
  #renewLogin = null;
  #session;
  #watch = new MatchWatch(this.#watchOwner());

  /**
   * @param {object} [options]
   * @param {string} [options.baseUrl] LB의 주소. 기본은 이 문서의 origin
   * @param {string} [options.region]
   * @param {typeof WebSocket} [options.WebSocketImpl]
   * @param {typeof fetch} [options.fetchImpl]
   * @param {() => number} [options.random] 쉬는 시간의 지터
   * @param {import("./session.js").SessionStore} [options.store] 토큰을 남길 곳. 없으면 이 쪽과 함께 사라진다
   */
  constructor({
    baseUrl = globalThis.location?.origin,
    region,
    WebSocketImpl = globalThis.WebSocket,
    fetchImpl,
    random,
    store,
  } = {}) {
    super();
    this.api = new HanpanApi(baseUrl, fetchImpl);
    this.#session = new Session(this.api, { store, onError: (error) => this.emit("error", error) });
    this.region = region;
    /** 지금의, 또는 방금 끝난 판. @type {Seat|null} */
    this.match = null;
    /** 지금 붙은 gateway의 이름. */
    this.gateway = null;
    const url = `${this.api.baseUrl.replace(/^http/, "ws")}/ws`;
    this.#link = new Link(url, this.#linkOwner(), { WebSocketImpl, random });
  }

  /** 로그인한 선수. 토큰은 갱신될 때마다 바뀐다. @returns {Player|null} */
  get player() {
    const held = this.#session.current;
    return held && { playerId: held.playerId, name: held.name, token: held.token };
  }

  /** @returns {import("./link.js").Status} */
  get status() {
    return this.#link.status;
  }

  /**
   * 손님으로 들어온다. deviceId가 같으면 같은 선수이며, 토큰이 지나면 스스로 다시 얻는다.
   * @param {{name?: string, deviceId?: string}} [fields]
   * @returns {Promise<Player>}
   */
  async guest({ name, deviceId } = {}) {
    const signIn = () => this.api.guest({ name, deviceId });
    this.#renewLogin = deviceId ? signIn : null;
    return this.#signedIn(await signIn());
  }

  /** 계정을 만들고 들어온다. */
  async register(fields) {
    return this.#signedIn(await this.api.register(fields));
  }

  /** 계정으로 들어온다. 비밀번호는 남기지 않으므로 토큰이 지나면 다시 물어야 한다. */
  async login(fields) {
    return this.#signedIn(await this.api.login(fields));
  }

  /** 곳간(options.store)에 남은 선수로 돌아온다. 없거나 더는 통하지 않으면 null이다. @returns {Promise<Player|null>} */
  async restore() {
    return (await this.#session.restore()) && this.player;
  }

  /**
   * 토큰이 있어야 하는 부름을 한다. 401이면 한 번 갱신해서 다시 부른다.
   * @template T
   * @param {(token: string) => Promise<T>} call 예: (token) => client.api.me(token)
   * @returns {Promise<T>}
   */
  authorized(call) {
    return this.#session.authorized(call);
  }

  /**
   * 놓고 나간다(everywhere면 모든 기기에서). 남긴 토큰도 버린다.
   * @throws {HanpanError} 서버에 닿지 않았다. 아직 나가지 않았으니 다시 부를 수 있다
   */
  async logout({ everywhere = false } = {}) {
    await this.#session.logout({ everywhere });
    this.#renewLogin = null;
    await this.disconnect();
  }

  /**
   * 로그인을 얻는 함수로 들어온다. 토큰이 지나면 다시 부른다.
   * @param {() => Promise<import("./api.js").Login>} signIn
   */
  async signInBy(signIn) {
    this.#renewLogin = signIn;
    return this.#signedIn(await signIn());
  }

  /**
   * 붙는다. 한 번 붙으면 disconnect까지 스스로 다시 잇는다.
   * @returns {Promise<void>} 처음 붙으면 이행한다
   * @throws {HanpanError} 다시 붙어도 소용없는 까닭으로 멈췄다
   */
  connect() {
    if (this.status === "online") return Promise.resolve();
    this.#watch.start();
    return new Promise((resolve, reject) => {
      const off = this.on("status", ({ status, error }) => {
        if (status !== "online" && status !== "offline") return;
        off();
        if (status === "online") resolve();
        else reject(error ?? new HanpanError(LOCAL_CODES.DISCONNECTED, "놓았습니다"));
      });
      this.#link.start();
    });
  }

  /** 놓는다. 다시 붙지 않는다. 기다리던 줄에서는 나온다. */
  disconnect() {
    // 답은 기다리지 않는다: 서버는 앞서 온 말을 다루고 나서 닫힘을 본다.
    if (this.#queue.mayStand) this.#link.send({ t: "queue.cancel" });
    return this.#link.stop();
  }

  /** 쉬고 있었다면 지금 다시 붙어 본다(망이 돌아왔을 때). */
  retryNow() {
    this.#link.wake();
  }

  /** 망이 끊겼다고 쓰는 쪽이 알려 준다(브라우저의 offline). 소켓이 스스로 닫히기를 기다리지 않는다. */
  networkLost() {
    this.#link.lose();
  }

  /** 기다리는 줄에 선다. 끊겼다 붙으면 스스로 다시 선다. @returns {Promise<{ticket_id: string}>} */
  joinQueue(mode) {
    return this.#queue.join(mode);
  }

  /** 쪽을 떠나기 전에 서 있던 줄. 붙은 뒤 서버가 그 대기표를 이어 주지 않으면 다시 선다. connect 앞에 부른다. */
  recallQueue(mode) {
    this.#queue.recall(mode);
  }

  /**
   * 쪽을 떠나기 전에 앉았던 판. 붙은 뒤 이어지거나, 그 사이에 끝났으면 결과가 온다. connect 앞에 부른다.
   * @param {{matchId: string, mode: string, players: import("./seat.js").MatchPlayer[]}} memory
   */
  recallMatch(memory) {
    this.match = Seat.recalled(memory, performance.now());
  }

  /** 줄에서 나온다. */
  cancelQueue() {
    return this.#queue.cancel();
  }

  /** 지금의 손 모양을 알린다. 바뀐 때만, 초당 20번까지만 나간다. @param {Record<string, number>} values */
  setInput(values) {
    this.#pacer.set(values);
  }

  /**
   * 판을 떠난다(기권). 이행하면 곧바로 다시 줄을 설 수 있다. 둘의 판이면 `match.result`가 뒤따른다.
   * @returns {Promise<boolean>} 떠났는가. 못 떠났으면 까닭이 `error` 사건으로 온다
   */
  async leave() {
    const seat = this.match;
    if (!seat || seat.isOver) return false;
    seat.hasLeft = true;
    try {
      await this.request("leave", { match_id: seat.matchId });
      return true;
    } catch (error) {
      if (seat.isOver) return false; // 그 사이 끝났다
      seat.hasLeft = false;
      this.emit("error", error);
      return false;
    }
  }

  /** 끝난 판의 결과를 다시 묻는다. @throws {HanpanError} MATCH_NOT_OVER 따위 */
  finalize(matchId) {
    return this.request("finalize", { match_id: matchId });
  }

  /** 요청 하나를 보내고 답을 기다린다. @returns {Promise<any>} @throws {HanpanError} */
  request(type, fields) {
    return this.#link.request(type, fields);
  }

  #signedIn(login) {
    this.#session.accept(login);
    return this.player;
  }

  /** @returns {import("./link.js").LinkOwner} */
  #linkOwner() {
    return {
      introduce: () => this.#firstFrame(),
      onRefused: (error) => { if (error.code === "SESSION_LOST") this.#loseMatch(); },
      onResumeDead: () => { if (this.match) this.match.resumeToken = null; },
      signInAgain: () => this.#signInAgain(),
      onStatus: (detail) => this.#statusChanged(detail),
      wireHandlers: {
        onMessage: (message) => this.#receive(message),
        onState: (data) => this.#receiveState(data),
        onLatency: (latencyMs) => this.emit("latency", latencyMs),
      },
    };
  }

  /** @returns {import("./match_watch.js").MatchWatchOwner} */
  #watchOwner() {
    return {
      liveSeat: () => (this.status === "online" && this.match?.isLive ? this.match : null),
      probe: () => this.#link.probe(),
      onFlow: (isStalled) => this.emit(isStalled ? "stalled" : "flowing", {}),
      askEnding: (matchId) => this.#askEnding(matchId),
    };
  }

  /** @returns {{type: "hello"|"resume", fields: Record<string, any>}} */
  #firstFrame() {
    const token = this.player?.token;
    const lang = this.api.language ?? undefined;
    if (this.match?.canResume) return { type: "resume", fields: { ...this.match.resumeFields(), token, lang } };
    return { type: "hello", fields: { token, region: this.region, lang } };
  }

  /** 먼저 갱신하고, 갱신 토큰도 죽었으면 다시 로그인할 길이 있을 때 그리로 간다. */
  async #signInAgain() {
    const renewal = await this.#session.refresh();
    if (renewal !== "impossible" || !this.#renewLogin) return renewal;
    try {
      this.#signedIn(await this.#renewLogin());
      return "renewed";
    } catch (error) {
      this.emit("error", error);
      return "later";
    }
  }

  #statusChanged(detail) {
    if (detail.status === "online") {
      this.#queue.rejoin();
      if (this.match) this.match.heardAtMs = performance.now();
    }
    if (detail.status !== "online") this.#queue.disconnected();
    if (detail.status === "offline") {
      this.#queue.forget();
      this.#watch.stop();
    }
    this.emit("status", detail);
  }

  /** 메시지를 내게 반영하고, 처음 보는 것이면 알린다. */
  #receive(message) {
    const isNew = this.#pushes.admit(message);
    this.#absorb(message);
    if (message.t === "error") this.emit("error", errorFromFrame(message));
    else if (isNew) this.emit(message.t, message);
  }

  #absorb(message) {
    switch (message.t) {
      case "welcome":
        this.gateway = message.gateway;
        break;
      case "resumed":
        this.gateway = message.gateway;
        this.match.resumeToken = message.resume_token;
        this.#pacer.resend();
        break;
      case "match.found":
        this.#takeSeat(message);
        break;
      case "match.start":
        this.match?.start(message, performance.now());
        this.#pacer.resend();
        break;
      case "match.left":
      case "match.result":
      case "match.aborted":
        this.#endMatch(message.match_id);
        break;
      case "queue.joined":
        this.#queue.joined(message.mode);
        break;
      case "queue.cancelled":
      case "queue.timeout":
        this.#queue.forget();
        break;
      case "error":
        this.#link.restAtLeast(message.retry_after_ms ?? 0);
        break;
      case "bye":
        this.#leaveGateway(message);
        break;
    }
  }

  #takeSeat(found) {
    this.#queue.forget();
    if (this.match?.matchId === found.match_id) this.match.resumeToken = found.resume_token;
    else this.match = new Seat(found, performance.now());
  }

  #endMatch(matchId) {
    if (this.match?.matchId !== matchId) return;
    this.match.end();
    this.#watch.flows();
    this.#pacer.clear();
  }

  /** 닫히기를 기다리지 않고 곧바로 다른 gateway로 옮긴다. 옮기지 말라면 닫힘 코드가 까닭을 말한다. */
  #leaveGateway(bye) {
    if (bye.reconnect) this.#link.yieldTo(GOING_AWAY);
  }

  #receiveState(data) {
    try {
      if (!this.match?.apply(data, performance.now())) return;
      this.#watch.flows();
      this.emit("state", this.match.world);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // 서버와 판이 다르다. 다시 붙어도 같은 프레임이 오므로 멈추고 드러낸다.
      this.#link.stop(new HanpanError(LOCAL_CODES.PROTOCOL, error.message));
    }
  }

  #sendInput(values) {
    if (!this.match || this.match.isOver || this.status !== "online") return false;
    return this.#link.send({ t: "input", seq: this.match.nextSeq(), ...values });
  }

  /** 떠나 있던 사이의 결과를 놓치지 않는다. 판의 서버가 사라졌어도 저장된 끝이 있으면 그것이 답이다. */
  async #askEnding(matchId) {
    try {
      await this.finalize(matchId);
    } catch (error) {
      // 아직 도는 판(MATCH_NOT_OVER)이나 잠시 모르는 때(UNAVAILABLE)는 다음 차례에 다시 묻는다.
      if (error.code === "NOT_FOUND") await this.#readStoredEnding(matchId);
    }
  }

  /** gateway가 잊은 옛 판도 저장된 끝은 남는다. 그것마저 없으면 잃은 판이다. */
  async #readStoredEnding(matchId) {
    try {
      const { status, abort_code: code, results } = await this.api.match(matchId);
      if (status === "finalized") {
        this.#receive({ t: "match.result", match_id: matchId, status, already_finalized: true, results });
      }
      if (status === "aborted") this.#receive({ t: "match.aborted", match_id: matchId, code });
    } catch (error) {
      if (error.code === "NOT_FOUND") this.#loseMatch();
    }
  }

  #loseMatch() {
    if (this.match) this.#receive({ t: "match.aborted", match_id: this.match.matchId, code: "SESSION_LOST" });
  }
}

/**
 * 끊기면 다시 잇는 줄 하나. 소켓을 열고, 소개하고, 닫히면 표(close_policy.js)대로 쉬었다가 다시 연다.
 *
 * 첫 프레임이 무엇인지, 온 메시지가 무슨 뜻인지는 모른다(client.js가 준다).
 */

import { Backoff } from "./backoff.js";
import { closeCodeOfRefusal, planAfterClose } from "./close_policy.js";
import { HanpanError, LOCAL_CODES } from "./errors.js";
import { Wire } from "./wire.js";

/**
 * @typedef {"offline"|"connecting"|"online"|"reconnecting"} Status
 * @typedef {object} StatusDetail
 * @property {Status} status
 * @property {number} [attempt] 이어진 실패의 수(reconnecting)
 * @property {number} [delayMs] 다음 시도까지(reconnecting)
 * @property {HanpanError|null} [error] 다시 붙지 않는 까닭(offline). 스스로 놓았으면 null
 *
 * @typedef {object} LinkOwner
 * @property {() => {type: "hello"|"resume", fields: Record<string, any>}} introduce 첫 프레임
 * @property {(error: HanpanError) => void} onRefused 첫 프레임이 거절되었다
 * @property {() => void} onResumeDead resume 토큰을 더 쓸 수 없다
 * @property {() => Promise<"renewed"|"later"|"impossible">} signInAgain 새 토큰을 얻는다. later: 지금은 얻지 못했다
 * @property {(detail: StatusDetail) => void} onStatus
 * @property {import("./wire.js").WireHandlers} wireHandlers
 */

/** 소켓들을 이어 하나의 줄로 보이게 한다. */
export class Link {
  #url;
  #WebSocketImpl;
  #owner;
  #backoff;
  /** @type {Wire|null} */
  #wire = null;
  #loop = null;
  #isWanted = false;
  #stopError = null;
  #mayRenew = true;
  #retryFloorMs = 0;
  #wakeUp = () => {};

  /**
   * @param {string} url
   * @param {LinkOwner} owner
   * @param {{WebSocketImpl: typeof WebSocket, random?: () => number}} options
   */
  constructor(url, owner, { WebSocketImpl, random }) {
    this.#url = url;
    this.#owner = owner;
    this.#WebSocketImpl = WebSocketImpl;
    this.#backoff = new Backoff({ random });
    /** @type {Status} */
    this.status = "offline";
  }

  /** 잇기 시작한다. 이미 잇고 있으면 아무것도 하지 않는다. */
  start() {
    if (this.#loop) return;
    this.#isWanted = true;
    this.#stopError = null;
    this.#mayRenew = true;
    this.#backoff.reset();
    this.#loop = this.#keepConnected();
  }

  /**
   * 놓고, 다시 잇지 않는다.
   * @param {HanpanError|null} [error] 까닭. 스스로 놓으면 null
   */
  async stop(error = null) {
    this.#isWanted = false;
    this.#stopError = error;
    this.#wakeUp();
    this.#wire?.drop(1000);
    await this.#loop;
  }

  /** 쉬고 있었거나 열리지 않는 소켓을 기다리고 있었다면 지금 다시 해 본다. */
  wake() {
    this.#backoff.reset();
    this.#wakeUp();
    if (this.#wire && !this.#wire.isOpen) this.#wire.drop();
  }

  /** 망이 끊겼다: 소켓이 닫히기를 기다리지 않고 끊긴 것으로 친다. */
  lose() {
    this.#wire?.drop();
  }

  /** 소켓이 살아 있는지 지금 묻는다. 답이 없으면 다시 붙는다. */
  probe() {
    this.#wire?.probe();
  }

  /** 서버가 나가라고 했다(bye): 닫히기를 기다리지 않고 그 코드로 닫힌 것으로 친다. */
  yieldTo(code) {
    this.#wire?.drop(code);
  }

  /** 적어도 이만큼 쉰 다음 다시 붙는다. */
  restAtLeast(floorMs) {
    this.#retryFloorMs = floorMs;
  }

  /** 답 없는 메시지. 붙어 있지 않으면 거짓. */
  send(message) {
    return this.status === "online" && this.#wire !== null && this.#wire.send(message);
  }

  /** 요청과 답. @returns {Promise<any>} @throws {HanpanError} */
  request(type, fields) {
    if (this.status === "online" && this.#wire) return this.#wire.request(type, fields);
    return Promise.reject(new HanpanError(LOCAL_CODES.DISCONNECTED, "연결이 끊겨 있습니다"));
  }

  #setStatus(status, detail = {}) {
    this.status = status;
    this.#owner.onStatus({ status, ...detail });
  }

  async #keepConnected() {
    this.#setStatus("connecting");
    while (this.#isWanted) {
      const code = await this.#liveOnce();
      this.#wire = null;
      if (this.#isWanted) await this.#prepareNext(code);
    }
    this.#loop = null;
    this.#setStatus("offline", { error: this.#stopError });
  }

  /** 소켓 하나를 열어 닫힐 때까지. @returns {Promise<number>} 닫힘 코드 */
  async #liveOnce() {
    const wire = new Wire(new this.#WebSocketImpl(this.#url, [Wire.SUBPROTOCOL]), this.#owner.wireHandlers);
    this.#wire = wire;
    if (await wire.opened) {
      const refusal = await this.#introduce(wire);
      if (refusal === null) this.#cameOnline();
      else wire.drop(refusal);
    }
    return wire.closed;
  }

  /** 첫 프레임을 보낸다. 받아들여지면 null, 거절되면 그에 맞는 닫힘 코드. */
  async #introduce(wire) {
    const { type, fields } = this.#owner.introduce();
    try {
      await wire.request(type, fields);
      return null;
    } catch (error) {
      if (error.code === LOCAL_CODES.DISCONNECTED) return wire.closed;
      this.#retryFloorMs = error.retryAfterMs ?? 0;
      this.#owner.onRefused(error);
      return closeCodeOfRefusal(error.code, type === "resume");
    }
  }

  #cameOnline() {
    this.#backoff.reset();
    this.#mayRenew = true;
    this.#setStatus("online");
  }

  /** 표대로 쉬고, 토큰을 얻고, 또는 멈춘다. */
  async #prepareNext(code) {
    const plan = planAfterClose(code);
    if (!plan.keepResume) this.#owner.onResumeDead();
    if (plan.next === "stop") {
      this.#giveUp(code);
      return;
    }
    const isFirstFailure = this.#backoff.failures === 0;
    const backoffMs = this.#backoff.nextMs();
    const floorMs = Math.max(plan.floorMs ?? 0, this.#retryFloorMs);
    this.#retryFloorMs = 0;
    // "곧바로"는 한 번뿐이다. 붙지 못한 채 이어지면 쉬어야 서버를 두드리지 않는다.
    const delayMs = plan.next === "now" && isFirstFailure ? 0 : Math.max(backoffMs, floorMs);
    this.#setStatus("reconnecting", { attempt: this.#backoff.failures, delayMs });
    await this.#rest(delayMs);
    if (plan.next === "login" && this.#isWanted) await this.#renewLogin(code);
  }

  #rest(delayMs) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** 새로 얻은 토큰도 거절되면 또 얻지 않는다. */
  async #renewLogin(code) {
    const answer = this.#mayRenew ? await this.#owner.signInAgain() : "impossible";
    if (answer === "renewed") this.#mayRenew = false;
    if (answer === "impossible") this.#giveUp(code);
  }

  #giveUp(code) {
    this.#isWanted = false;
    this.#stopError = stopReason(code);
  }
}

function stopReason(code) {
  if (code === 4409) return new HanpanError("SUPERSEDED", "다른 곳에서 이어 하고 있습니다");
  if (code === 4401) return new HanpanError("UNAUTHENTICATED", "다시 로그인해야 합니다");
  return new HanpanError(LOCAL_CODES.PROTOCOL, `서버와 말이 통하지 않습니다(닫힘 코드 ${code})`);
}

/**
 * "줄에 서고 싶다"는 뜻. 다시 붙으면 서버가 그 대기표를 이어 준다(queue.joined). 이어 주지 않으면 스스로 다시 선다.
 */

import { Backoff } from "./backoff.js";
import { LOCAL_CODES } from "./errors.js";

const RETRYABLE = new Set(["ALREADY_QUEUED", "UNAVAILABLE", "RATE_LIMITED", "DEADLINE_EXCEEDED"]);
/** 줄에 섰는지 알 수 없는 실패. */
const UNKNOWN = new Set(["UNAVAILABLE", LOCAL_CODES.DEADLINE]);
/** welcome 뒤에 서버가 옛 대기표를 이어 주기를 이만큼 기다린다. */
const HANDOVER_MS = 400;

/** 선수 하나의 줄서기. */
export class QueueIntent {
  #client;
  /** @type {string|null} */
  #mode = null;
  /** 지금 소켓의 서버가 줄에 서 있다고 말했다. */
  #isStanding = false;
  /** 서 있거나, 청의 답을 듣지 못해 서 있는지도 모른다. */
  #mayStand = false;
  #round = 0;

  /** @param {import("./client.js").HanpanClient} client */
  constructor(client) {
    this.#client = client;
  }

  /** 지금 소켓을 놓으면 줄에 선수가 남을지도 모른다. */
  get mayStand() {
    return this.#mayStand;
  }

  /** 줄에 선다. 서지 못하면 뜻도 거둔다. */
  async join(mode) {
    this.#mode = mode;
    try {
      return await this.#ask(mode);
    } catch (error) {
      this.#mode = null;
      throw error;
    }
  }

  /** 줄에서 나온다. */
  async cancel() {
    this.#mode = null;
    try {
      return await this.#client.request("queue.cancel");
    } catch (error) {
      if (error.code === "NOT_QUEUED") this.#mayStand = false;
      throw error;
    }
  }

  /** 줄을 청한다. 거절이면 서지 않았다. 답을 듣지 못했으면 알 수 없다. */
  async #ask(mode) {
    this.#mayStand = true;
    try {
      return await this.#client.request("queue.join", { mode });
    } catch (error) {
      if (!UNKNOWN.has(error.code)) this.#mayStand = this.#isStanding;
      throw error;
    }
  }

  /** 떠나기 전에 서 있던 줄을 떠올린다. 붙으면 다시 선다. */
  recall(mode) {
    this.#mode = mode;
  }

  /** 더 서지 않는다(판을 찾았거나, 기한이 지났거나, 놓았다). */
  forget() {
    this.#mode = null;
    this.#isStanding = this.#mayStand = false;
  }

  /** 서버가 줄에 서 있다고 말했다: 다시 서려던 것을 멈춘다. */
  joined(mode) {
    this.#mode = mode;
    this.#isStanding = this.#mayStand = true;
  }

  /** 소켓이 끊겼다: 다시 붙으면 서 있는지 다시 들어야 한다. */
  disconnected() {
    this.#isStanding = this.#mayStand = false;
  }

  /** 새 소켓이 붙었다: 서고 싶었다면 이어 주기를 조금 기다렸다가 다시 선다. */
  async rejoin() {
    if (!this.#mode) return;
    const backoff = new Backoff({ baseMs: 500, capMs: 2000 });
    const round = (this.#round += 1);
    await rest(HANDOVER_MS);
    while (this.#mode && !this.#isStanding && this.#round === round && this.#client.status === "online") {
      try {
        await this.#ask(this.#mode);
        return;
      } catch (error) {
        if (!RETRYABLE.has(error.code)) {
          this.#giveUp(error);
          return;
        }
      }
      await rest(backoff.nextMs());
    }
  }

  /** 판에 이미 앉아 있으면 match.found가 곧 온다. 그 밖에는 줄을 잃었다고 알린다. */
  #giveUp(error) {
    if (!this.#mode || error.code === LOCAL_CODES.DISCONNECTED) return;
    this.#mode = null;
    if (error.code !== "ALREADY_IN_MATCH") this.#client.emit("queue.lost", error);
  }
}

/** 쉰다. @param {number} delayMs */
function rest(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

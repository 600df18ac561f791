/**
 * "줄에 서고 싶다"는 뜻. 소켓이 끊기면 서버는 대기표를 거두므로, 다시 붙은 뒤 스스로 다시 선다.
 */

import { Backoff } from "./backoff.js";
import { LOCAL_CODES } from "./errors.js";

const RETRYABLE = new Set(["ALREADY_QUEUED", "UNAVAILABLE", "RATE_LIMITED", "DEADLINE_EXCEEDED"]);

/** 선수 하나의 줄서기. */
export class QueueIntent {
  #client;
  /** @type {string|null} */
  #mode = null;
  #round = 0;

  /** @param {import("./client.js").HanpanClient} client */
  constructor(client) {
    this.#client = client;
  }

  /** 줄에 선다. 서지 못하면 뜻도 거둔다. */
  async join(mode) {
    this.#mode = mode;
    try {
      return await this.#client.request("queue.join", { mode });
    } catch (error) {
      this.#mode = null;
      throw error;
    }
  }

  /** 줄에서 나온다. */
  cancel() {
    this.#mode = null;
    return this.#client.request("queue.cancel");
  }

  /** 더 서지 않는다(판을 찾았거나, 기한이 지났거나, 놓았다). */
  forget() {
    this.#mode = null;
  }

  /** 새 소켓이 붙었다: 서고 싶었다면 다시 선다. 옛 대기표가 아직 살아 있으면 거두어질 때까지 다시 해 본다. */
  async rejoin() {
    const backoff = new Backoff({ baseMs: 500, capMs: 2000 });
    const round = (this.#round += 1);
    while (this.#mode && this.#round === round && this.#client.status === "online") {
      try {
        await this.#client.request("queue.join", { mode: this.#mode });
        return;
      } catch (error) {
        if (!RETRYABLE.has(error.code)) {
          this.#giveUp(error);
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
    }
  }

  /** 판에 이미 앉아 있으면 match.found가 곧 온다. 그 밖에는 줄을 잃었다고 알린다. */
  #giveUp(error) {
    if (!this.#mode || error.code === LOCAL_CODES.DISCONNECTED) return;
    this.#mode = null;
    if (error.code !== "ALREADY_IN_MATCH") this.#client.emit("queue.lost", error);
  }
}

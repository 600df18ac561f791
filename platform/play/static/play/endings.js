/** 판의 끝을 받아 결과 창에 띄운다. 떠나 있던 사이의 끝도 한 번은 꼭 보인다. */

import { byId } from "./elements.js";
import { whoAmI } from "./identity.js";
import { onLanguage } from "./language.js";
import { announce } from "./notices.js";
import { drawEnding } from "./result.js";
import { showResultDialog } from "./screens.js";

/** 끝난 판들. */
export class Endings {
  #client;
  #onShown;
  /** @type {import("./result.js").Ending|null} */
  #ending = null;

  /**
   * @param {import("../hanpan/client.js").HanpanClient} client
   * @param {{onShown: (matchId: string) => void, boards: import("./boards.js").Boards}} parts
   */
  constructor(client, { onShown, boards }) {
    this.#client = client;
    this.#onShown = onShown;
    this.boards = boards;
    onLanguage(() => this.#draw());
  }

  /** 마지막으로 끝난 판의 모드. */
  get mode() {
    return this.#ending?.mode ?? null;
  }

  /** @param {any} result `match.result`. 중단된 판도 이 모양으로 온다(결과가 비어 있다) */
  result({ match_id: matchId, status, results }) {
    if (status === "aborted") this.#readAbort(matchId);
    else this.#show(matchId, { results, abortCode: null });
  }

  aborted(matchId, abortCode) {
    this.#show(matchId, { results: null, abortCode });
  }

  /** 왜 중단되었는지는 저장된 판이 안다. 읽지 못하면 까닭 없이 말한다. */
  async #readAbort(matchId) {
    let abortCode = "";
    try {
      ({ abort_code: abortCode } = await this.#client.api.match(matchId));
    } catch {
      abortCode = "";
    }
    this.aborted(matchId, abortCode);
  }

  async #show(matchId, { results, abortCode }) {
    const me = whoAmI();
    if (me?.seenMatchId === matchId) return;
    const seat = this.#client.match?.matchId === matchId ? this.#client.match : null;
    this.#ending = {
      matchId,
      mode: seat?.mode ?? null,
      players: seat?.players ?? [],
      hasLeft: seat?.hasLeft ?? false,
      wasAway: !seat || !seat.world,
      results,
      abortCode,
    };
    this.#onShown(matchId);
    this.#draw();
    showResultDialog();
    announce([byId("result-title").textContent, byId("result-note").textContent].join(" "));
    if (this.#ending.mode === null) await this.#readMode(matchId);
    if (this.#ending.mode !== null) this.boards.load("result", this.#ending.mode);
  }

  /** 다른 곳에서 시작한 판이면 모드를 모른다. */
  async #readMode(matchId) {
    const ending = this.#ending;
    try {
      ending.mode = (await this.#client.api.match(matchId)).mode;
    } catch {
      return; // 모드를 모르는 채 결과만 보인다
    }
    if (ending === this.#ending) this.#draw();
  }

  #draw() {
    if (!this.#ending) return;
    const { playerId, name } = this.#client.player;
    drawEnding(this.#ending, { playerId, name });
  }
}

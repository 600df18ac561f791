/**
 * 이 브라우저가 움직이는 봇: 서버가 준 봇의 계정으로 따로 붙어, 선수처럼 줄을 서고 한 판을 둔다.
 *
 * 서버는 이 계정을 봇으로 알고 어디서나 그렇게 보인다. 판이 끝나거나 그만두라면 물러난다.
 */

import { HanpanClient } from "../hanpan/index.js";
import { BotBrain } from "./bot_brain.js";
import { tabOnly } from "./storage.js";

const MODE_KEY = "hanpan.tab_bot";

/** 나의 봇. 한 번에 한 판만 둔다. */
export class PracticeBot {
  #owner;
  /** @type {HanpanClient|null} */
  #client = null;

  /** @param {HanpanClient} owner 봇을 부르는 선수 */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * 불러서 줄에 세운다. 두던 판이 있으면 서버가 그 판을 이어 준다.
   * @param {string} mode
   * @throws {import("../hanpan/index.js").HanpanError} 봇의 계정을 얻지 못했거나 붙지 못했다
   */
  async call(mode) {
    if (this.#client) return;
    tabOnly.set(MODE_KEY, mode);
    const bot = new HanpanClient({ baseUrl: location.origin });
    this.#client = bot;
    try {
      await bot.signInBy(() => this.#owner.authorized((token) => this.#owner.api.botOpponent(token)));
      this.#teach(bot);
      bot.recallQueue(mode);
      await bot.connect();
    } catch (error) {
      this.dismiss();
      throw error;
    }
  }

  /** 새로고침 전에 부른 봇이 있으면 다시 부른다. */
  async comeBack() {
    const mode = tabOnly.get(MODE_KEY);
    if (mode) await this.call(mode);
  }

  /** 물러난다. 기다리던 줄에서는 나온다. 두던 판은 두고 가지 않는다: 기권한다. */
  dismiss() {
    tabOnly.remove(MODE_KEY);
    const bot = this.#client;
    this.#client = null;
    if (!bot) return;
    if (bot.match && !bot.match.isOver) bot.leave();
    // 줄에 없었거나 끊겨 있었다면 거둘 것이 없다.
    bot.cancelQueue().catch(() => {}).finally(() => bot.disconnect());
  }

  #teach(bot) {
    let brain = new BotBrain();
    bot.on("match.start", () => { brain = new BotBrain(); });
    bot.on("state", (world) => bot.setInput(brain.decide(world, bot.player.playerId)));
    for (const ending of ["match.result", "match.aborted", "queue.timeout", "queue.lost"]) {
      bot.on(ending, () => this.dismiss());
    }
  }
}

/**
 * 기다리는 화면: 얼마나 기다렸는지, 줄에 누가 있는지, 언제까지인지를 있는 그대로 말하고, 혼자면 봇을 권한다.
 */

import { byId } from "./elements.js";
import { durationText, onLanguage, text } from "./language.js";
import { queueState, ratingWindow } from "./waiting.js";

const DRAW_EVERY_MS = 500;
const ASK_EVERY_MS = 3000;
const BOT_OFFERED_AFTER_MS = 5000;

/** 줄 하나의 화면. */
export class QueueScreen {
  #client;
  /** @type {{mode: string, sinceMs: number, ticketSinceMs: number, expiresAtMs: number}|null} */
  #wait = null;
  /** @type {import("./waiting.js").QueueStatus|null} */
  #status = null;
  #drawTimer = 0;
  #askTimer = 0;

  /** @param {import("../hanpan/client.js").HanpanClient} client */
  constructor(client) {
    this.#client = client;
    onLanguage(() => this.#draw());
  }

  /**
   * 기다림을 보이기 시작하거나, 이미 보이고 있으면 때를 고친다.
   * @param {{mode: string, sinceMs: number, ticketSinceMs: number, expiresAtMs: number}} wait Date.now()의 눈금
   */
  open(wait) {
    const isFresh = this.#wait?.mode !== wait.mode;
    this.#wait = wait;
    byId("queue-mode").dataset.text = `mode.${wait.mode}`;
    byId("queue-mode").textContent = text(`mode.${wait.mode}`);
    if (isFresh) {
      this.#status = null;
      byId("bot-offer").hidden = true;
      this.sayBot("bot.offer", true);
      this.#start();
    }
    this.#draw();
  }

  close() {
    this.#wait = null;
    clearInterval(this.#drawTimer);
    clearInterval(this.#askTimer);
  }

  /** 봇을 부르는 자리의 말. @param {string} key @param {boolean} canCall */
  sayBot(key, canCall) {
    byId("bot-state").dataset.text = key;
    byId("bot-state").textContent = text(key);
    byId("call-bot").hidden = !canCall;
  }

  #start() {
    clearInterval(this.#drawTimer);
    clearInterval(this.#askTimer);
    this.#drawTimer = setInterval(() => this.#draw(), DRAW_EVERY_MS);
    this.#askTimer = setInterval(() => this.#ask(), ASK_EVERY_MS);
    this.#ask();
  }

  /** 모르게 되면 모른다고 보인다: 낡은 수를 지금의 수처럼 두지 않는다. */
  async #ask() {
    const mode = this.#wait?.mode;
    if (!mode) return;
    let status = null;
    try {
      status = await this.#client.api.queue(mode);
    } catch {
      status = null;
    }
    if (this.#wait?.mode !== mode) return;
    this.#status = status;
    this.#draw();
  }

  #draw() {
    if (!this.#wait) return;
    const nowMs = Date.now();
    const waitedMs = Math.max(0, nowMs - this.#wait.sinceMs);
    const seconds = Math.floor(waitedMs / 1000);
    byId("queue-elapsed").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const { key, values } = queueState(this.#status);
    say("queue-state", text(key, values));
    this.#drawWindow(ratingWindow(this.#status, nowMs - this.#wait.ticketSinceMs));
    const leftMs = this.#wait.expiresAtMs - nowMs;
    byId("queue-expires").hidden = leftMs <= 0;
    say("queue-expires", text("queue.expires", { left: durationText(leftMs) }));
    if (waitedMs >= BOT_OFFERED_AFTER_MS) byId("bot-offer").hidden = false;
  }

  #drawWindow(known) {
    byId("queue-window").hidden = known === null;
    if (known === null) return;
    const { windowNow, opensInMs } = known;
    say("queue-window", windowNow === null
      ? text("queue.window_open")
      : text("queue.window", { window: windowNow, left: durationText(opensInMs) }));
  }
}

/** 바뀐 때만 쓴다: 낭독기가 같은 말을 되풀이하지 않게. */
function say(id, message) {
  const place = byId(id);
  if (place.textContent !== message) place.textContent = message;
}

/** 판을 하는 동안의 숫자: 남은 시간, 점수, 왕복 시간. 바뀐 때만 화면을 만진다. */

import { botMark, byId, element } from "./elements.js";
import { text } from "./language.js";
import { announce } from "./notices.js";
import { colorOf } from "./palette.js";
import { standings } from "./scoring.js";

const SHOWN = 8;
const HURRY_S = 5;
const ANNOUNCED_S = new Set([10, 5]);

/** 판 하나의 숫자판. */
export class Hud {
  #drawn = "";
  #seconds = null;

  /** 끊긴 동안의 시계는 멈춰 있다고 말한다. */
  setLive(isLive) {
    byId("clock-box").dataset.live = String(isLive);
    const key = isLive ? "match.time_left" : "match.time_stopped";
    byId("clock-label").dataset.text = key;
    byId("clock-label").textContent = text(key);
  }

  reset() {
    this.#drawn = "";
    this.#seconds = null;
    byId("clock").textContent = "–";
    byId("clock").dataset.hurry = "false";
    byId("clock-bar").style.setProperty("--left", "1");
    byId("scores").replaceChildren();
  }

  /**
   * @param {import("./scoring.js").Standing[]} players
   * @param {number} leftMs
   * @param {number} durationMs
   */
  draw(players, leftMs, durationMs) {
    const ranked = standings(players);
    this.#drawClock(leftMs, durationMs, ranked);
    const key = ranked.map(({ id, score, name }) => `${id}:${score}:${name}`).join("|");
    if (key === this.#drawn) return;
    this.#drawn = key;
    const mine = ranked.slice(SHOWN).filter(({ isMe }) => isMe);
    byId("scores").replaceChildren(...[...ranked.slice(0, SHOWN), ...mine].map(scoreRow));
  }

  #drawClock(leftMs, durationMs, ranked) {
    byId("clock-bar").style.setProperty("--left", String(durationMs ? leftMs / durationMs : 0));
    const seconds = Math.ceil(leftMs / 1000);
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    const clock = byId("clock");
    clock.textContent = String(seconds);
    clock.dataset.hurry = String(seconds <= HURRY_S);
    const me = ranked.find(({ isMe }) => isMe);
    if (ANNOUNCED_S.has(seconds) && me) {
      announce(text("match.seconds_left", { seconds, score: me.score, place: me.place }));
    }
  }
}

function scoreRow({ slot, name, score, isMe, isBot, place }) {
  const swatch = element("i");
  swatch.style.setProperty("--color", colorOf(slot, isMe));
  return element(
    isMe ? "li.me" : "li",
    element("span.place", String(place)),
    swatch,
    element("span.who", name),
    ...(isBot ? [botMark()] : []),
    element("b", String(score)),
  );
}

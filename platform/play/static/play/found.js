/** "상대를 찾았습니다": 누구와 두는지, 몇 초 뒤에 시작하는지. 때는 서버의 starts_in_ms를 따른다. */

import { botMark, byId, element } from "./elements.js";
import { onLanguage, text } from "./language.js";
import { colorOf } from "./palette.js";

const SHOWN = 8;
const DRAW_EVERY_MS = 100;

/** 판 하나의 알림. */
export class FoundScreen {
  /** @type {any[]} */
  #players = [];
  #startsAtMs = null;
  #timer = 0;

  constructor() {
    onLanguage(() => this.#draw());
  }

  /**
   * @param {any[]} players `match.found`의 선수들
   * @param {string} myId
   * @returns {string} 나 아닌 이들의 이름(낭독기에 말할 것)
   */
  open(players, myId) {
    const seated = players.map((player, slot) => ({ ...player, slot, isMe: player.player_id === myId }));
    this.#players = seated.sort((a, b) => Number(b.isMe) - Number(a.isMe));
    this.#startsAtMs = null;
    this.#draw();
    return this.#players.slice(1, SHOWN).map(({ name }) => name).join(", ");
  }

  /** 시작까지 센다. @param {number} startsAtMs performance.now()의 눈금 */
  countDown(startsAtMs) {
    this.#startsAtMs = startsAtMs;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#drawCountdown(), DRAW_EVERY_MS);
    this.#drawCountdown();
  }

  close() {
    clearInterval(this.#timer);
    this.#startsAtMs = null;
  }

  #draw() {
    const cards = this.#players.slice(0, SHOWN).map(cardOf);
    const more = this.#players.length - cards.length;
    if (more > 0) cards.push(element("p.muted", text("found.more", { count: more })));
    byId("found-players").replaceChildren(...cards);
    byId("found-players").dataset.count = String(this.#players.length);
    this.#drawCountdown();
  }

  #drawCountdown() {
    const isCounting = this.#startsAtMs !== null;
    byId("found-countdown").hidden = !isCounting;
    const seconds = isCounting ? Math.max(0, Math.ceil((this.#startsAtMs - performance.now()) / 1000)) : 0;
    byId("found-countdown").textContent = String(seconds);
    const hint = seconds > 0 ? text("found.starts_in", { seconds }) : text("found.hint");
    if (byId("found-hint").textContent !== hint) byId("found-hint").textContent = hint;
  }
}

function cardOf({ name, rating, slot, isMe, is_bot: isBot }) {
  const marks = [...(isMe ? [element("em", text("found.me"))] : []), ...(isBot ? [botMark()] : [])];
  const card = element("div.fighter", element("b", name), element("span", String(Math.round(rating))), element("div.marks", ...marks));
  card.style.setProperty("--color", colorOf(slot, isMe));
  return card;
}

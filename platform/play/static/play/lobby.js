/**
 * 처음 화면: 누구로 할지(이어서, 다른 사람으로, 새 손님), 어느 모드로 할지를 고른다.
 */

import { byId } from "./elements.js";
import { isGuestTab, suggestedName, whoAmI } from "./identity.js";
import { onLanguage, text } from "./language.js";
import { isKept } from "./storage.js";

const form = /** @type {HTMLFormElement} */ (byId("enter"));
const nameInput = /** @type {HTMLInputElement} */ (byId("name"));
const playButton = /** @type {HTMLButtonElement} */ (byId("play"));

/** 처음 화면의 폼. */
export class Lobby {
  /** 들어가는 중이면 단추의 글. @type {string|null} */
  #enteringKey = null;
  #wantsAnother = false;

  /** @param {{onPlay: (name: string, mode: string) => void, onMode: (mode: string) => void}} handlers */
  constructor({ onPlay, onMode }) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#name();
      if (this.#isNameGiven(name)) onPlay(name, this.mode);
    });
    form.addEventListener("change", ({ target }) => {
      if (/** @type {HTMLInputElement} */ (target).name === "mode") onMode(this.mode);
    });
    byId("someone-else").addEventListener("click", () => this.#chooseAnother(true));
    byId("not-someone-else").addEventListener("click", () => this.#chooseAnother(false));
    onLanguage(() => this.draw());
  }

  get mode() {
    return String(new FormData(form).get("mode"));
  }

  /** 들어가는 중인가. @param {boolean} isEntering @param {string} [key] 무엇을 하는 중인지 */
  setEntering(isEntering, key = "lobby.entering") {
    this.#enteringKey = isEntering ? key : null;
    this.draw();
  }

  /** 다른 사람이 되기로 했던 것을 잊는다: 이제 그 사람이 나다. */
  settle() {
    this.#wantsAnother = false;
    byId("name-error").hidden = true;
    nameInput.removeAttribute("aria-invalid");
    this.draw();
  }

  /** 이름을 서버가 받아들이지 않았다. */
  refuseName(message) {
    this.#wantsAnother = true;
    this.setEntering(false);
    this.#complain(message);
  }

  draw() {
    const me = whoAmI();
    const isKnown = me !== null && !this.#wantsAnother;
    byId("known").hidden = !isKnown;
    byId("name-field").hidden = isKnown;
    byId("not-someone-else").hidden = isKnown || me === null;
    if (me) {
      byId("known-name").textContent = me.name;
      byId("not-someone-else").textContent = text("lobby.not_someone_else", { name: me.name });
    } else if (nameInput.value === "") {
      nameInput.value = suggestedName();
    }
    this.#drawNote(me);
    playButton.disabled = this.#enteringKey !== null;
    if (this.#enteringKey) playButton.textContent = text(this.#enteringKey);
    else playButton.textContent = isKnown ? text("lobby.continue", { name: me.name }) : text("lobby.play");
  }

  #drawNote(me) {
    const key = isGuestTab() && me === null ? "lobby.guest_tab" : isKept() ? null : "lobby.not_kept";
    byId("who-note").hidden = key === null;
    if (key) byId("who-note").textContent = text(key);
  }

  #name() {
    const me = whoAmI();
    return me && !this.#wantsAnother ? me.name : nameInput.value.trim();
  }

  #isNameGiven(name) {
    byId("name-error").hidden = name !== "";
    nameInput.setAttribute("aria-invalid", String(name === ""));
    if (name === "") this.#complain(text("lobby.name_missing"));
    return name !== "";
  }

  #complain(message) {
    byId("name-error").hidden = false;
    byId("name-error").textContent = message;
    nameInput.setAttribute("aria-invalid", "true");
    nameInput.focus();
  }

  #chooseAnother(wantsAnother) {
    this.#wantsAnother = wantsAnother;
    nameInput.value = "";
    byId("name-error").hidden = true;
    this.draw();
    if (wantsAnother) nameInput.focus();
    else playButton.focus();
  }
}

/**
 * 지금의 언어: 고르고, 기억하고, 화면의 글을 바꾼다.
 *
 * 글은 texts.js에만 있다. 화면은 `data-text`, `data-label`, `data-placeholder`로 열쇠를 적어 둔다.
 */

import { lasting } from "./storage.js";
import { TEXTS, fill } from "./texts.js";

const STORAGE_KEY = "hanpan.language";
const listeners = new Set();
let current = remembered() ?? (navigator.language.startsWith("ko") ? "ko" : "en");

function remembered() {
  const saved = lasting.get(STORAGE_KEY);
  return saved && saved in TEXTS ? saved : null;
}

/** 지금의 언어("ko" 또는 "en"). */
export function language() {
  return current;
}

/**
 * 열쇠의 글. `{이름}` 자리에 값을 넣는다.
 * @param {string} key
 * @param {Record<string, string|number>} [values]
 */
export function text(key, values = {}) {
  return fill(TEXTS[current], current, key, values);
}

/** 시간을 짧게: "7초", "1분 5초". @param {number} durationMs */
export function durationText(durationMs) {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return text("time.seconds", { seconds });
  return text("time.minutes", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}

/** 그 열쇠의 글이 있는가(오류 코드처럼 모르는 것이 올 수 있는 곳에서만 묻는다). */
export function hasText(key) {
  return key in TEXTS[current];
}

/** 서버가 하는 말(오류의 까닭)도 이 언어로: 쿠키는 API와 소켓이 함께 본다. */
function tellServer() {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `django_language=${current}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** 언어를 바꾸고 기억한다. */
export function setLanguage(next) {
  current = next;
  lasting.set(STORAGE_KEY, next);
  tellServer();
  applyLanguage();
}

/** 언어가 바뀔 때마다 부른다(스스로 그린 글을 다시 그리게). */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** `data-이름`을 가진 요소들. @returns {NodeListOf<HTMLElement>} */
export function marked(name) {
  return document.querySelectorAll(`[data-${name}]`);
}

/** 문서의 글을 지금 언어로 바꾼다. */
export function applyLanguage() {
  document.documentElement.lang = current;
  for (const element of marked("text")) element.textContent = text(element.dataset.text);
  for (const element of marked("label")) element.setAttribute("aria-label", text(element.dataset.label));
  for (const element of marked("placeholder")) element.setAttribute("placeholder", text(element.dataset.placeholder));
  for (const button of marked("language")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === current));
  }
  for (const listener of listeners) listener();
}

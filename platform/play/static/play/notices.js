/**
 * 선수에게 알리는 세 자리: 끊김 띠, 오류 알림, 화면 낭독기의 말. 언어가 바뀌면 같은 뜻으로 다시 쓴다.
 */

import { byId } from "./elements.js";
import { hasText, onLanguage, text } from "./language.js";

const BACK_SHOWN_MS = 2000;

let bannerText = null;
/** @type {{describe: () => string, traceId: string|null}|null} */
let notice = null;
let hideTimer = 0;

/** 오류를 쉬운 말로. 모르는 코드는 코드를 보인다. */
export function describeError(error) {
  const key = `error.${error.code}`;
  return hasText(key) ? text(key, { message: error.message }) : text("error.other", { code: error.code ?? error.name });
}

/** 다시 잇는 중임을 알린다. @param {number} attempt 이어진 실패의 수 */
export function showReconnecting(attempt) {
  clearTimeout(hideTimer);
  bannerText = () => (attempt > 1 ? text("banner.attempt", { attempt }) : text("banner.reconnecting"));
  drawBanner("away");
}

/** 다시 이어졌음을 잠깐 알린다. 끊긴 적이 없으면 아무것도 하지 않는다. */
export function showBack() {
  if (!bannerText) return;
  bannerText = () => text("banner.back");
  drawBanner("back");
  hideTimer = setTimeout(hideBanner, BACK_SHOWN_MS);
}

export function hideBanner() {
  bannerText = null;
  byId("banner").hidden = true;
}

function drawBanner(state) {
  if (!bannerText) return;
  const banner = byId("banner");
  banner.hidden = false;
  if (state) banner.dataset.state = state;
  byId("banner-text").textContent = bannerText();
}

/** 오류를 알린다. 서버 로그를 찾는 번호는 작은 글씨로 둔다. */
export function showError(error) {
  notice = { describe: () => describeError(error), traceId: error.traceId ?? null };
  drawNotice();
}

/** 오류가 아닌 알림. @param {string} key */
export function showNotice(key) {
  notice = { describe: () => text(key), traceId: null };
  drawNotice();
}

export function hideNotice() {
  notice = null;
  byId("notice").hidden = true;
}

function drawNotice() {
  if (!notice) return;
  byId("notice").hidden = false;
  byId("notice-text").textContent = notice.describe();
  byId("notice-trace").textContent = notice.traceId ? text("notice.trace", { trace: notice.traceId }) : "";
}

/** 화면 낭독기에 말한다. */
export function announce(message) {
  byId("announcer").textContent = message;
}

byId("notice-close").addEventListener("click", hideNotice);
onLanguage(() => {
  drawBanner();
  drawNotice();
});

/**
 * 선수에게 알리는 세 자리: 끊김 띠, 오류 알림, 화면 낭독기의 말. 언어가 바뀌면 같은 뜻으로 다시 쓴다.
 */

import { byId } from "./elements.js";
import { durationText, hasText, onLanguage, text } from "./language.js";

const BACK_SHOWN_MS = 2000;
const ELAPSED_EVERY_MS = 250;

/** 끊김 띠. sinceMs는 끊긴 때이고, 다시 이어졌음을 알리는 동안은 null이다. @type {{key: string, sinceMs: number|null}|null} */
let banner = null;
/** @type {{describe: () => string, traceId: string|null}|null} */
let notice = null;
let hideTimer = 0;
let elapsedTimer = 0;

/** 오류를 쉬운 말로. 모르는 코드는 코드를 보인다. */
export function describeError(error) {
  const key = `error.${error.code}`;
  return hasText(key) ? text(key, { message: error.message }) : text("error.other", { code: error.code ?? error.name });
}

/** 끊겼음을 알린다. 까닭이 바뀌어도 시간은 처음 끊긴 때부터 센다. @param {string} key 띠의 글 */
export function showAway(key) {
  clearTimeout(hideTimer);
  banner = { key, sinceMs: banner?.sinceMs ?? performance.now() };
  clearInterval(elapsedTimer);
  elapsedTimer = setInterval(drawElapsed, ELAPSED_EVERY_MS);
  drawBanner();
}

/** 다시 이어졌음을 잠깐 알린다. 끊긴 적이 없으면 아무것도 하지 않는다. */
export function showBack() {
  if (banner?.sinceMs == null) return;
  clearInterval(elapsedTimer);
  banner = { key: "banner.back", sinceMs: null };
  drawBanner();
  hideTimer = setTimeout(hideBanner, BACK_SHOWN_MS);
}

export function hideBanner() {
  clearInterval(elapsedTimer);
  banner = null;
  byId("banner").hidden = true;
}

function drawBanner() {
  if (!banner) return;
  byId("banner").hidden = false;
  byId("banner").dataset.state = banner.sinceMs === null ? "back" : "away";
  byId("banner-text").textContent = text(banner.key);
  drawElapsed();
}

/** 지난 시간. 낭독기가 초마다 읽지 않게 띠의 글과 따로 둔다. */
function drawElapsed() {
  byId("banner-elapsed").textContent = banner?.sinceMs == null ? "" : durationText(performance.now() - banner.sinceMs);
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

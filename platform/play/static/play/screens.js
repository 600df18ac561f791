/** 네 화면 가운데 하나를 보인다. 바뀔 때 제목에 초점을 두어 낭독기와 자판이 따라온다. */

import { byId } from "./elements.js";

const SCREENS = ["lobby", "queue", "found", "match"];
const resultDialog = /** @type {HTMLDialogElement} */ (byId("result"));

/** 지금의 화면. @returns {string|undefined} */
export function currentScreen() {
  return document.body.dataset.screen;
}

/** @param {string} screen */
export function show(screen) {
  for (const id of SCREENS) byId(id).hidden = id !== screen;
  document.body.dataset.screen = screen;
  if (resultDialog.open) resultDialog.close();
  /** @type {HTMLElement|null} */ (byId(screen).querySelector("[tabindex='-1']"))?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** 결과를 판 위에 띄운다. */
export function showResultDialog() {
  if (!resultDialog.open) resultDialog.showModal();
  byId("result-title").focus();
}

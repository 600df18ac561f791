/** 순위표 열 줄과 나의 둘레. 내가 열 줄 밖이면 점선 아래에 내 앞뒤와 함께 보인다. */

import { chooseRows } from "./board_rows.js";
import { element, nameCell, tableHead } from "./elements.js";
import { text } from "./language.js";

const COLUMNS = ["board.rank", "board.name", "board.rating", "board.games"];

/** @typedef {import("../hanpan/api.js").LeaderboardEntry} Entry */

/**
 * @param {HTMLElement} container
 * @param {{top: Entry[], around: Entry[]}} entries
 * @param {string|null} myId
 */
export function drawBoard(container, { top, around }, myId) {
  if (top.length === 0) {
    drawBoardNote(container, "board.empty");
    return;
  }
  const { rows, apart } = chooseRows(top, around, myId);
  const drawn = [...rows, ...apart].map((entry) => rowOf(entry, myId));
  if (apart.length > 0) drawn[rows.length].classList.add("apart");
  container.replaceChildren(element("table.rows", tableHead(COLUMNS), element("tbody", ...drawn)));
}

/** 표 대신 한 줄의 글을 보인다. @param {string} key */
export function drawBoardNote(container, key) {
  container.replaceChildren(element("p.muted", text(key)));
}

function rowOf(entry, myId) {
  const isMe = entry.player_id === myId;
  return element(
    isMe ? "tr.me" : "tr",
    element("td.rank", String(entry.rank)),
    nameCell(entry.name, { isMe, isBot: Boolean(entry.is_bot) }),
    element("td.num", String(Math.round(entry.rating))),
    element("td.num", String(entry.games)),
  );
}

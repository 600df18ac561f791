/** 순위표 열 줄과 나의 줄. 내가 열 줄 밖이면 점선 아래에 따로 보인다. */

import { element, nameCell, tableHead } from "./elements.js";
import { text } from "./language.js";

const SHOWN = 10;
const COLUMNS = ["board.rank", "board.name", "board.rating", "board.games"];
/** 나를 찾으려고 한 번에 읽는 줄 수(계약의 상한). */
export const READ_LIMIT = 100;

/**
 * @param {HTMLElement} container
 * @param {import("../hanpan/api.js").LeaderboardEntry[]} entries 순위 순
 * @param {string|null} myId
 */
export function drawBoard(container, entries, myId) {
  if (entries.length === 0) {
    container.replaceChildren(element("p.muted", text("board.empty")));
    return;
  }
  const top = entries.slice(0, SHOWN);
  const mine = entries.slice(SHOWN).find((entry) => entry.player_id === myId);
  const rows = top.map((entry) => rowOf(entry, myId));
  if (mine) {
    const row = rowOf(mine, myId);
    row.classList.add("apart");
    rows.push(row);
  }
  container.replaceChildren(element("table.rows", tableHead(COLUMNS), element("tbody", ...rows)));
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
    nameCell(entry.name, isMe),
    element("td.num", String(Math.round(entry.rating))),
    element("td.num", String(entry.games)),
  );
}

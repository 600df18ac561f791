/** 순위표의 어느 줄을 보일지. 순수하다. */

/** 표에 보이는 앞줄의 수. */
export const SHOWN = 10;
/** 내 앞뒤로 보이는 줄의 수. */
const BESIDE_ME = 1;

/** @typedef {import("../hanpan/api.js").LeaderboardEntry} Entry */

/**
 * 어느 줄을 보일지. 나의 줄이 앞줄에 없으면 둘레에서 나의 앞뒤를 잇는다.
 * @param {Entry[]} top 앞에서부터의 줄
 * @param {Entry[]} around 나의 둘레(모르면 빈 목록)
 * @param {string|null} myId
 * @returns {{rows: Entry[], apart: Entry[]}} apart는 점선 아래의 줄
 */
export function chooseRows(top, around, myId) {
  const rows = top.slice(0, SHOWN);
  const at = around.findIndex((entry) => entry.player_id === myId);
  if (at === -1 || rows.some((entry) => entry.player_id === myId)) return { rows, apart: [] };
  const shown = new Set(rows.map((entry) => entry.player_id));
  const beside = around.slice(Math.max(0, at - BESIDE_ME), at + BESIDE_ME + 1);
  return { rows, apart: beside.filter((entry) => !shown.has(entry.player_id)) };
}

/** 점수를 말로: 순서, 등수, 승패, 레이팅의 오르내림. 순수하다: 화면도 언어도 모른다. */

/** @typedef {{id: number, slot: number, name: string, score: number, isMe: boolean}} Standing */

/**
 * 점수 순으로 세운다. 점수가 같으면 등수를 나눈다(1, 1, 3).
 * @param {Standing[]} players
 * @returns {(Standing & {place: number})[]}
 */
export function standings(players) {
  const sorted = [...players].sort((a, b) => b.score - a.score || a.slot - b.slot);
  return sorted.map((player) => ({
    ...player,
    place: 1 + sorted.filter((other) => other.score > player.score).length,
  }));
}

/**
 * 제목의 열쇠와 값. 둘이면 승패로, 여럿이면 등수로 말한다.
 * @param {{player_id: string, place: number}[]} results
 * @param {string} myId
 */
export function headline(results, myId) {
  const mine = results.find((row) => row.player_id === myId);
  if (!mine) return { key: "match.title", values: {} };
  if (results.length > 2) return { key: "result.place", values: { place: mine.place } };
  if (results.every((row) => row.place === 1)) return { key: "result.draw", values: {} };
  return { key: mine.place === 1 ? "result.win" : "result.lose", values: {} };
}

/** 레이팅의 변화를 부호와 함께. 아직 모르면 빈 글. */
export function changeText({ rating_before: before, rating_after: after }) {
  if (before == null || after == null) return "";
  const change = Math.round(after) - Math.round(before);
  return change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "±0";
}

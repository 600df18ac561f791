/** 점수를 말로: 순서, 등수, 승패, 레이팅의 오르내림. 순수하다: 화면도 언어도 모른다. */

/** @typedef {{id: number, slot: number, name: string, score: number, isMe: boolean, isBot?: boolean}} Standing */

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
 * 끝을 말하는 제목과 덧붙일 말. 둘이면 승패로, 여럿이면 등수로 말하고, 포기와 비김은 그대로 말한다.
 * @param {{player_id: string, place: number, conceded?: boolean}[]} results
 * @param {string} myId
 * @param {boolean} hasLeft 내가 기권을 눌렀다
 * @returns {{key: string, values: Record<string, number>, noteKey: string|null, isWin: boolean}}
 */
export function headline(results, myId, hasLeft = false) {
  const mine = results.find((row) => row.player_id === myId);
  if (!mine) return { key: "result.over", values: {}, noteKey: null, isWin: false };
  const say = (key, noteKey = null, values = {}) => ({ key, values, noteKey, isWin: !mine.conceded && mine.place === 1 });
  if (mine.conceded) return say(hasLeft ? "result.conceded" : "result.away", hasLeft ? null : "result.away_note");
  const others = results.filter((row) => row !== mine);
  if (others.length > 0 && others.every((row) => row.conceded)) {
    return say("result.win", others.length > 1 ? "result.others_left" : "result.opponent_left");
  }
  if (results.every((row) => row.place === mine.place)) return { ...say("result.draw", "result.draw_note"), isWin: false };
  if (results.length === 2) return say(mine.place === 1 ? "result.win" : "result.lose");
  const isShared = others.some((row) => row.place === mine.place);
  return say(isShared ? "result.place_shared" : "result.place", null, { place: mine.place });
}

/** 레이팅의 변화를 부호와 함께. 아직 모르면 빈 글. */
export function changeText({ rating_before: before, rating_after: after }) {
  if (before == null || after == null) return "";
  const change = Math.round(after) - Math.round(before);
  return change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "±0";
}

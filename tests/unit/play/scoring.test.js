/** 등수와 승패와 레이팅의 말. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { changeText, headline, standings } from "../../../platform/play/static/play/scoring.js";

it("점수가 같으면 등수를 나누고 다음 등수를 건너뛴다", () => {
  const players = [3, 5, 5, 1].map((score, slot) => ({ id: slot, slot, name: "", score, isMe: false }));
  assert.deepEqual(standings(players).map(({ slot, place }) => [slot, place]), [[1, 1], [2, 1], [0, 3], [3, 4]]);
});

describe("제목", () => {
  const duel = (mine, other) => [{ player_id: "me", place: mine }, { player_id: "you", place: other }];
  const key = (...args) => headline(...args).key;

  it("둘이면 승패와 비김으로 말한다", () => {
    assert.equal(key(duel(1, 2), "me"), "result.win");
    assert.equal(key(duel(2, 1), "me"), "result.lose");
    assert.equal(key(duel(1, 1), "me"), "result.draw");
  });

  it("비김은 둘 모두에게 비김이고, 이긴 것으로 치지 않는다", () => {
    for (const id of ["me", "you"]) {
      const { key: said, noteKey, isWin } = headline(duel(1, 1), id);
      assert.deepEqual([said, noteKey, isWin], ["result.draw", "result.draw_note", false]);
    }
  });

  it("여럿이 모두 같으면 비김이고, 나눈 등수는 나누었다고 말한다", () => {
    const room = (...places) => places.map((place, index) => ({ player_id: index === 0 ? "me" : `p${index}`, place }));
    assert.equal(key(room(1, 1, 1), "me"), "result.draw");
    assert.deepEqual(headline(room(1, 1, 3), "me"), { key: "result.place_shared", values: { place: 1 }, noteKey: null, isWin: true });
    assert.deepEqual(headline(room(3, 1, 2), "me"), { key: "result.place", values: { place: 3 }, noteKey: null, isWin: false });
  });

  it("포기는 두 쪽에 다르게 말한다", () => {
    const results = [{ player_id: "me", place: 1, conceded: false }, { player_id: "you", place: 2, conceded: true }];
    const mine = headline(results, "me");
    assert.deepEqual([mine.key, mine.noteKey, mine.isWin], ["result.win", "result.opponent_left", true]);
    const left = headline(results, "you", true);
    assert.deepEqual([left.key, left.noteKey], ["result.conceded", null]);
    const away = headline(results, "you", false);
    assert.deepEqual([away.key, away.noteKey, away.isWin], ["result.away", "result.away_note", false]);
  });

  it("내가 없는 판은 끝났다고만 말한다", () => {
    assert.equal(key(duel(1, 2), "stranger"), "result.over");
  });
});

it("레이팅의 변화는 보이는 두 수의 차이다", () => {
  assert.equal(changeText({ rating_before: 1500.4, rating_after: 1561.6 }), "+62");
  assert.equal(changeText({ rating_before: 1500, rating_after: 1441.2 }), "−59");
  assert.equal(changeText({ rating_before: 1500.2, rating_after: 1500.4 }), "±0");
  assert.equal(changeText({ rating_before: null, rating_after: null }), "");
});

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

  it("둘이면 승패와 비김으로 말한다", () => {
    assert.equal(headline(duel(1, 2), "me").key, "result.win");
    assert.equal(headline(duel(2, 1), "me").key, "result.lose");
    assert.equal(headline(duel(1, 1), "me").key, "result.draw");
  });

  it("여럿이면 등수로 말한다", () => {
    const results = [...duel(3, 1), { player_id: "third", place: 2 }];
    assert.deepEqual(headline(results, "me"), { key: "result.place", values: { place: 3 } });
  });
});

it("레이팅의 변화는 보이는 두 수의 차이다", () => {
  assert.equal(changeText({ rating_before: 1500.4, rating_after: 1561.6 }), "+62");
  assert.equal(changeText({ rating_before: 1500, rating_after: 1441.2 }), "−59");
  assert.equal(changeText({ rating_before: 1500.2, rating_after: 1500.4 }), "±0");
  assert.equal(changeText({ rating_before: null, rating_after: null }), "");
});

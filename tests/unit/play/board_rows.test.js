/** 순위표의 줄: 앞줄과, 앞줄에 없는 나의 앞뒤. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { chooseRows } from "../../../platform/play/static/play/board_rows.js";

const rows = (first, count) => Array.from({ length: count }, (_, index) => ({ rank: first + index, player_id: `p${first + index}` }));
const ranks = (entries) => entries.map(({ rank }) => rank);

it("나의 줄이 앞줄에 있으면 따로 보이지 않는다", () => {
  const { rows: top, apart } = chooseRows(rows(1, 10), rows(1, 11), "p3");
  assert.deepEqual([ranks(top), apart], [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []]);
});

it("백 등 밖의 나는 앞뒤와 함께 아래에 보인다", () => {
  assert.deepEqual(ranks(chooseRows(rows(1, 10), rows(238, 11), "p243").apart), [242, 243, 244]);
});

it("열한 등이면 앞줄과 겹치는 줄을 두 번 보이지 않는다", () => {
  assert.deepEqual(ranks(chooseRows(rows(1, 10), rows(6, 11), "p11").apart), [11, 12]);
});

it("둔 적이 없으면 앞줄만 보인다", () => {
  assert.deepEqual(chooseRows(rows(1, 3), [], "me").apart, []);
});

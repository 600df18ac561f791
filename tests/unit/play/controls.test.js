/** 끈 손가락은 여덟 방향이 되고, 조금 떨린 손은 움직임이 아니다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { directionOf } from "../../../platform/play/static/play/controls.js";

for (const [x, y, dx, dy] of [
  [40, 0, 1, 0], [40, 38, 1, 1], [0, 40, 0, 1], [-40, 40, -1, 1],
  [-40, 3, -1, 0], [-30, -30, -1, -1], [2, -40, 0, -1], [40, -35, 1, -1],
]) {
  it(`(${x}, ${y}) -> (${dx}, ${dy})`, () => {
    const direction = directionOf(x, y);
    assert.deepEqual([direction.dx + 0, direction.dy + 0], [dx, dy]);
  });
}

it("짧게 끈 것은 멈춤이다", () => {
  assert.deepEqual(directionOf(5, -6), { dx: 0, dy: 0 });
});

/** 봇은 가까운 별로 가고, 가끔 헤매며, 방향은 언제나 계약의 값이다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { BotBrain } from "../../../platform/play/static/play/bot_brain.js";

const world = (tick, ...stars) => ({
  tick,
  entities: new Map([
    [0, { id: 0, kind: 0, x: 10, y: 10, playerId: "bot" }],
    ...stars.map(([x, y], index) => [100 + index, { id: 100 + index, kind: 1, x, y, playerId: null }]),
  ]),
});

it("가장 가까운 별 쪽으로 간다", () => {
  assert.deepEqual(new BotBrain(() => 0.9).decide(world(1, [40, 10], [8, 12]), "bot"), { dx: -1, dy: 1 });
});

it("별이 없거나 제 몸이 없으면 선다", () => {
  assert.deepEqual(new BotBrain(() => 0.9).decide(world(1), "bot"), { dx: 0, dy: 0 });
  assert.deepEqual(new BotBrain(() => 0.9).decide(world(1, [1, 1]), "someone"), { dx: 0, dy: 0 });
});

it("틱마다 마음을 바꾸지 않는다", () => {
  const brain = new BotBrain(() => 0.9);
  brain.decide(world(1, [40, 10]), "bot");
  assert.deepEqual(brain.decide(world(2, [1, 10]), "bot"), { dx: 1, dy: 0 });
  assert.deepEqual(brain.decide(world(20, [1, 10]), "bot"), { dx: -1, dy: 0 });
});

it("헤맬 때에도 -1, 0, 1이다", () => {
  for (const roll of [0, 0.1, 0.14]) {
    const { dx, dy } = new BotBrain(() => roll).decide(world(1, [40, 10]), "bot");
    assert.ok([-1, 0, 1].includes(dx) && [-1, 0, 1].includes(dy));
  }
});

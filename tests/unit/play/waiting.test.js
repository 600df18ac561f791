/** 줄의 말은 줄의 사정 그대로다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { queueState, ratingWindow } from "../../../platform/play/static/play/waiting.js";

const STATUS = { waiting: 1, min_players: 2, rating_window: { base: 100, per_s: 25, cap: 1000, open_after_ms: 45_000 } };

it("혼자인지, 몇이 더 있는지, 아직 모르는지를 가려 말한다", () => {
  assert.equal(queueState(null).key, "queue.looking");
  assert.equal(queueState(STATUS).key, "queue.alone");
  assert.deepEqual(queueState({ ...STATUS, waiting: 4 }), { key: "queue.others", values: { count: 3 } });
  // 내 표가 아직 세어지지 않은 때.
  assert.equal(queueState({ ...STATUS, waiting: 0 }).key, "queue.alone");
});

it("창은 기다린 만큼 넓어지고, 상한에서 멈췄다가, 때가 되면 다 열린다", () => {
  assert.equal(ratingWindow(null, 0), null);
  assert.deepEqual(ratingWindow(STATUS, 0), { windowNow: 100, opensInMs: 45_000 });
  assert.deepEqual(ratingWindow(STATUS, 10_000), { windowNow: 350, opensInMs: 35_000 });
  assert.deepEqual(ratingWindow(STATUS, 44_000), { windowNow: 1000, opensInMs: 1_000 });
  assert.deepEqual(ratingWindow(STATUS, 45_000), { windowNow: null, opensInMs: 0 });
});

// 잔물결과 다시 잇기의 순수한 부분.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document ??= { documentElement: {} };
const { History, WINDOW_MS, sparkline } = await import("../../../platform/ops/static/ops/series.js");
const { retryDelayMs } = await import("../../../platform/ops/static/ops/live.js");
const BOX = { width: 180, height: 44 };

test("points older than the window are forgotten", () => {
  const history = new History();
  history.add("a", 0, 1);
  history.add("a", WINDOW_MS + 1, 2);
  assert.deepEqual(history.of("a"), [[WINDOW_MS + 1, 2]]);
  assert.deepEqual(history.of("nothing"), []);
});

test("a stored history comes back without what is too old or from the future", () => {
  const history = new History();
  history.add("a", 1000, 1);
  history.add("a", 2000, 2);
  assert.deepEqual(History.load(history.dump(), 2000).of("a"), [[1000, 1], [2000, 2]]);
  assert.deepEqual(History.load(history.dump(), 1500).of("a"), [[1000, 1]]);
  assert.deepEqual(History.load(history.dump(), 1000 + WINDOW_MS).of("a"), [[2000, 2]]);
  for (const broken of [null, "", "{", "7", '{"a":1}']) assert.deepEqual(History.load(broken, 0).of("a"), []);
});

test("the newest point is at the right edge and the highest at the top", () => {
  const { line, area } = sparkline([[0, 0], [60_000, 10]], { nowMs: 60_000, ...BOX });
  assert.equal(line, "M0,41L180,3");
  assert.equal(area, "M0,44L0,41L180,3L180,44Z");
});

test("a few seconds do not fill the whole width", () => {
  assert.equal(sparkline([[0, 1], [3000, 1]], { nowMs: 3000, ...BOX }).line, "M162,3L180,3");
});

test("an unknown value breaks the line", () => {
  const { line } = sparkline([[0, 1], [20_000, null], [60_000, 1]], { nowMs: 60_000, ...BOX });
  assert.equal(line, "M0,3M180,3");
  assert.equal(sparkline([], { nowMs: 0, ...BOX }).line, "");
});

test("reconnecting waits longer each time, up to a limit, and never in step", () => {
  assert.equal(retryDelayMs(1, 1), 500);
  assert.equal(retryDelayMs(3, 0), 1000);
  assert.equal(retryDelayMs(30, 1), 10_000);
});

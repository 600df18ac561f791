/** 카메라: 작은 마당은 통째로, 큰 마당은 나를 따라가되 밖을 보이지 않는다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { viewOf } from "../../../platform/play/static/play/camera.js";

it("작은 마당은 어디에 있든 통째로 보인다", () => {
  assert.deepEqual(viewOf(48, { x: 0, y: 48 }), { left: -2.5, top: -2.5, size: 53, isWhole: true });
});

it("큰 마당은 나를 가운데 둔다", () => {
  const view = viewOf(200, { x: 100, y: 80 });
  assert.deepEqual([view.left + view.size / 2, view.top + view.size / 2, view.isWhole], [100, 80, false]);
});

it("가장자리에서는 밖을 보이지 않고 멈춘다", () => {
  const view = viewOf(200, { x: 0, y: 200 });
  assert.deepEqual([view.left, view.top + view.size], [-2.5, 202.5]);
});

/** 쉬는 시간: 두 배씩 자라고, 상한이 있고, 고르게 흩어진다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { Backoff } from "../src/backoff.js";

it("실패할수록 상한이 두 배가 되고 멈춘다", () => {
  const backoff = new Backoff({ baseMs: 100, capMs: 500, random: () => 0.999999 });
  const waits = [1, 2, 3, 4, 5].map(() => backoff.nextMs());
  assert.deepEqual(waits, [100, 200, 400, 500, 500]);
});

it("지터는 0부터 상한까지다", () => {
  const low = new Backoff({ baseMs: 100, random: () => 0 });
  const middle = new Backoff({ baseMs: 100, random: () => 0.5 });
  assert.equal(low.nextMs(), 0);
  assert.equal(middle.nextMs(), 50);
});

it("붙으면 처음부터 다시 센다", () => {
  const backoff = new Backoff({ baseMs: 100, random: () => 0.999999 });
  backoff.nextMs();
  backoff.nextMs();
  backoff.reset();
  assert.equal(backoff.nextMs(), 100);
});

/** 입력의 박자: 바뀐 때만, 너무 잦지 않게, 마지막 값은 꼭. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { InputPacer } from "../src/input_pacer.js";

function pacerWithClock() {
  const state = { nowMs: 0, timer: null, sent: [], isOpen: true };
  const pacer = new InputPacer(
    (values) => {
      if (state.isOpen) state.sent.push(values.dx);
      return state.isOpen;
    },
    { now: () => state.nowMs, schedule: (fn, ms) => { state.timer = { fn, atMs: state.nowMs + ms }; return 1; } },
  );
  const runTimer = () => {
    state.nowMs = state.timer.atMs;
    state.timer.fn();
  };
  return { pacer, state, runTimer };
}

it("처음 값은 곧바로 나가고 같은 값은 다시 나가지 않는다", () => {
  const { pacer, state } = pacerWithClock();
  pacer.set({ dx: 1 });
  pacer.set({ dx: 1 });
  assert.deepEqual(state.sent, [1]);
});

it("잦은 변화는 모아서 마지막 값만 50ms 뒤에 나간다", () => {
  const { pacer, state, runTimer } = pacerWithClock();
  pacer.set({ dx: 1 });
  state.nowMs = 10;
  pacer.set({ dx: 0 });
  pacer.set({ dx: -1 });
  assert.deepEqual([state.sent, state.timer.atMs], [[1], 50]);
  runTimer();
  assert.deepEqual(state.sent, [1, -1]);
});

it("기다리는 사이 원래 값으로 돌아오면 보내지 않는다", () => {
  const { pacer, state, runTimer } = pacerWithClock();
  pacer.set({ dx: 1 });
  pacer.set({ dx: 0 });
  pacer.set({ dx: 1 });
  runTimer();
  assert.deepEqual(state.sent, [1]);
});

it("다시 이어지면 지금 값을 다시 보낸다", () => {
  const { pacer, state } = pacerWithClock();
  pacer.set({ dx: 1 });
  state.isOpen = false;
  state.nowMs = 100;
  pacer.set({ dx: 0 });
  state.isOpen = true;
  state.nowMs = 200;
  pacer.resend();
  assert.deepEqual(state.sent, [1, 0]);
});

it("판이 끝나면 기다리던 값을 버린다", () => {
  const { pacer, state, runTimer } = pacerWithClock();
  pacer.set({ dx: 1 });
  pacer.set({ dx: 0 });
  pacer.clear();
  runTimer();
  assert.deepEqual(state.sent, [1]);
});

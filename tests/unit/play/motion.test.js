/** 틱 사이의 움직임: 100 ms쯤 뒤를 그리고, 되돌아가거나 튀지 않는다. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { TickClock, Trails } from "../../../platform/play/static/play/motion.js";

describe("틱의 시계", () => {
  it("제때 온 프레임으로 서버의 틱을 안다", () => {
    const clock = new TickClock(50);
    clock.arrived(10, 1000);
    assert.equal(clock.tickAt(1000), 10);
    assert.equal(clock.tickAt(1025), 10.5);
  });

  it("늦은 프레임에는 조금만 밀리고, 덜 늦은 프레임에는 곧바로 맞춘다", () => {
    const clock = new TickClock(50);
    clock.arrived(10, 1000);
    clock.arrived(11, 1150);
    assert.ok(clock.tickAt(1150) > 12.9);
    clock.arrived(12, 1060);
    assert.equal(clock.tickAt(1060), 12);
  });

  it("프레임이 끊기면 반 초까지만 앞서 가고 멈춘다", () => {
    const clock = new TickClock(50);
    clock.arrived(10, 1000);
    assert.equal(clock.tickAt(1400), 18);
    assert.equal(clock.tickAt(9000), 20);
  });

  it("멈췄다 이어진 흐름은 처음처럼 맞춘다", () => {
    const clock = new TickClock(50);
    clock.arrived(10, 1000);
    clock.arrived(11, 9000);
    assert.equal(clock.tickAt(9000), 11);
  });

  it("아직 프레임이 없으면 0이다", () => {
    assert.equal(new TickClock(50).tickAt(9999), 0);
  });
});

describe("자취", () => {
  const walk = () => {
    const trails = new Trails();
    for (let tick = 1; tick <= 8; tick += 1) trails.record(tick, [{ id: 1, x: tick, y: 0 }]);
    return trails;
  };

  it("두 틱 뒤의 자리를 곧은 금으로 잇는다", () => {
    assert.deepEqual(walk().at(1, 8.25), { x: 6.25, y: 0 });
  });

  it("새 틱이 늦으면 마지막 자리에 멈춘다", () => {
    assert.equal(walk().at(1, 40).x, 8);
  });

  it("기억보다 오래된 시각에는 가장 오래된 자리를 준다", () => {
    assert.equal(walk().at(1, 0).x, 3);
  });

  it("사라진 엔티티는 잊는다", () => {
    const trails = walk();
    trails.record(9, []);
    assert.equal(trails.at(1, 9), null);
  });

  it("끊겼다 이어져 틱이 뛰거나 되돌아가도 앞뒤가 섞이지 않는다", () => {
    const trails = walk();
    trails.record(30, [{ id: 1, x: 50, y: 0 }]);
    trails.record(20, [{ id: 1, x: 40, y: 0 }]);
    assert.equal(trails.at(1, 22).x, 40);
  });
});

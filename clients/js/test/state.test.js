/** 상태 프레임의 해독: 손으로 만든 바이트와, 서버의 코덱이 만든 표본이 같은 뜻이 되는가. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { FrameError, KIND, WorldView, decodeFrame } from "../src/state.js";
import { PLAYER_RECORD, SCHEMA, frame } from "./frames.js";

const GOLDEN = JSON.parse(
  readFileSync(new URL("../../../tests/contract/golden_frames.json", import.meta.url), "utf8"),
);

const snapshot = (tick, fields = {}) =>
  frame({ kind: KIND.SNAPSHOT, count: 1, tick, records: PLAYER_RECORD, ...fields });

describe("프레임", () => {
  it("머리와 칸을 schema의 눈금으로 읽는다", () => {
    const decoded = decodeFrame(snapshot(7, { ack: 3 }), SCHEMA);
    assert.deepEqual(decoded, {
      kind: 1, tick: 7, ackSeq: 3, baseTick: 0,
      records: [{ id: 0, removed: false, fields: { x: 10, y: -1.5, kind: 0, score: 300, slot: 0 } }],
    });
  });

  for (const [what, data] of [
    ["머리가 잘린", new ArrayBuffer(15)],
    ["모르는 판 번호의", snapshot(1, { version: 2 })],
    ["모르는 종류의", snapshot(1, { kind: 3 })],
    ["기록이 잘린", frame({ kind: 1, count: 1, tick: 1, records: PLAYER_RECORD.slice(0, -1) })],
    ["남은 바이트가 있는", frame({ kind: 1, count: 1, tick: 1, records: [...PLAYER_RECORD, 9] })],
  ]) {
    it(`${what} 프레임은 거절한다`, () => {
      assert.throws(() => decodeFrame(data, SCHEMA), FrameError);
    });
  }

  it("모르는 형이나 너무 많은 칸의 schema는 거절한다", () => {
    assert.throws(() => new WorldView([{ name: "x", type: "f64" }]), FrameError);
    assert.throws(() => new WorldView(Array(8).fill({ name: "x", type: "u8" })), FrameError);
  });
});

describe("세계", () => {
  it("delta는 바뀐 칸만 바꾼다", () => {
    const world = new WorldView(SCHEMA, { 0: "p-1" });
    world.apply(snapshot(1));
    const isApplied = world.apply(
      frame({ kind: KIND.DELTA, count: 1, tick: 2, ack: 5, base: 1, records: [0, 0, 0x01, 32, 0] }),
    );
    assert.ok(isApplied);
    assert.deepEqual([world.tick, world.ackSeq], [2, 5]);
    assert.deepEqual(world.entities.get(0), { id: 0, playerId: "p-1", x: 2, y: -1.5, kind: 0, score: 300, slot: 0 });
  });

  it("바탕 틱이 다른 delta는 버리고 snapshot은 언제나 받는다", () => {
    const world = new WorldView(SCHEMA);
    assert.equal(world.apply(frame({ kind: KIND.DELTA, count: 0, tick: 9, base: 8 })), false);
    assert.equal(world.tick, -1);
    assert.equal(world.apply(snapshot(20)), true);
    assert.equal(world.apply(frame({ kind: KIND.DELTA, count: 0, tick: 22, base: 21 })), false);
    assert.equal(world.apply(snapshot(12)), true);
    assert.equal(world.tick, 12);
  });

  it("사라진 엔티티는 지우고, 같은 프레임에서 다시 나면 새것으로 둔다", () => {
    const world = new WorldView(SCHEMA);
    world.apply(snapshot(1));
    world.apply(frame({ kind: KIND.DELTA, count: 1, tick: 2, base: 1, records: [0, 0, 0x80] }));
    assert.equal(world.entities.size, 0);
    world.apply(frame({ kind: KIND.DELTA, count: 2, tick: 3, base: 2, records: [0, 0, 0x80, ...PLAYER_RECORD] }));
    assert.equal(world.entities.get(0).x, 10);
  });

  it("틀린 프레임은 세계를 바꾸지 않는다", () => {
    const world = new WorldView(SCHEMA);
    world.apply(snapshot(1));
    assert.throws(() => world.apply(frame({ kind: KIND.SNAPSHOT, count: 2, tick: 2, records: PLAYER_RECORD })), FrameError);
    assert.deepEqual([world.tick, world.entities.size], [1, 1]);
  });
});

describe("서버의 코덱이 만든 표본", () => {
  for (const example of GOLDEN.cases) {
    it(example.name, () => {
      const world = new WorldView(GOLDEN.schema);
      for (const step of example.steps) {
        assert.equal(world.apply(Buffer.from(step.frame_hex, "hex")), step.applied);
        assert.deepEqual([world.tick, world.ackSeq], [step.tick, step.ack_seq]);
        const entities = Object.fromEntries(
          [...world.entities].map(([id, entity]) => [id, GOLDEN.schema.map(({ name }) => entity[name])]),
        );
        assert.deepEqual(entities, step.entities);
      }
    });
  }
});

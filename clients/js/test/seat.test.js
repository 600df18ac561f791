/** 자리: 카운트다운의 끝을 제 시계로 옮긴다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { Seat } from "../src/seat.js";
import { SCHEMA, frame } from "./frames.js";

const FOUND = { match_id: "m1", mode: "duel", players: [], tick_rate_hz: 20, resume_token: "rs1.first" };
const START = { schema: SCHEMA, entities: {}, setup: {} };

it("knows on its own clock when the ticks begin", () => {
  const seat = new Seat(FOUND, 100);
  assert.equal(seat.startsAtMs, 100);
  seat.start({ ...START, starts_in_ms: 1500 }, 1000);
  assert.equal(seat.startsAtMs, 2500);
});

it("counts its inputs on from what the server applied, round the end of the numbers", () => {
  const seat = new Seat(FOUND, 0);
  seat.start(START, 0);
  const seen = (seq) => seat.apply(frame({ kind: 1, count: 0, tick: 1, ack: seq }), 0);
  assert.equal(seat.nextSeq(), 1);
  seen(40);
  assert.equal(seat.nextSeq(), 41);
  seen(2 ** 31 + 40);
  assert.equal(seat.nextSeq(), 2 ** 31 + 41);
  seen(2 ** 32 - 1);
  assert.deepEqual([seat.nextSeq(), seat.nextSeq()], [1, 2]);
  seen(2 ** 32 - 1);
  assert.equal(seat.nextSeq(), 3, "아직 적용되지 않았을 뿐 나중 것은 2다");
});

it("is already going where the server says nothing of a countdown", () => {
  const seat = new Seat(FOUND, 100);
  seat.start(START, 1000);
  assert.equal(seat.startsAtMs, 1000);
});

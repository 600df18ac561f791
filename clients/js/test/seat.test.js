/** 자리: 카운트다운의 끝을 제 시계로 옮긴다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { Seat } from "../src/seat.js";
import { SCHEMA } from "./frames.js";

const FOUND = { match_id: "m1", mode: "duel", players: [], tick_rate_hz: 20, resume_token: "rs1.first" };
const START = { schema: SCHEMA, entities: {}, setup: {} };

it("knows on its own clock when the ticks begin", () => {
  const seat = new Seat(FOUND, 100);
  assert.equal(seat.startsAtMs, 100);
  seat.start({ ...START, starts_in_ms: 1500 }, 1000);
  assert.equal(seat.startsAtMs, 2500);
});

it("is already going where the server says nothing of a countdown", () => {
  const seat = new Seat(FOUND, 100);
  seat.start(START, 1000);
  assert.equal(seat.startsAtMs, 1000);
});

/** 통지의 장부: 같은 판의 같은 통지는 한 번만 보인다. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { PushLedger } from "../src/pushes.js";

it("같은 종류와 같은 판은 한 번만 받는다", () => {
  const ledger = new PushLedger();
  const result = { t: "match.result", match_id: "m1" };
  assert.deepEqual([ledger.admit(result), ledger.admit(result)], [true, false]);
  assert.ok(ledger.admit({ t: "match.found", match_id: "m1" }));
  assert.ok(ledger.admit({ t: "match.result", match_id: "m2" }));
});

it("queue.timeout은 대기표로 가린다", () => {
  const ledger = new PushLedger();
  assert.ok(ledger.admit({ t: "queue.timeout", ticket_id: "t1" }));
  assert.ok(!ledger.admit({ t: "queue.timeout", ticket_id: "t1" }));
});

it("멱등하지 않은 종류는 늘 받는다", () => {
  const ledger = new PushLedger();
  assert.ok(ledger.admit({ t: "error", code: "UNAVAILABLE" }));
  assert.ok(ledger.admit({ t: "error", code: "UNAVAILABLE" }));
});

it("기억은 끝없이 자라지 않는다", () => {
  const ledger = new PushLedger(2);
  for (const id of ["a", "b", "c"]) ledger.admit({ t: "match.found", match_id: id });
  assert.equal(ledger.seen.size, 2);
  assert.ok(ledger.admit({ t: "match.found", match_id: "a" }));
});

/** 막힌 저장소에서도 이 쪽이 사는 동안은 기억한다. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { shelf } from "../../../platform/play/static/play/storage.js";

const refuse = () => { throw new Error("막혔다"); };
const BLOCKED = {
  "여는 것부터 막힘": refuse,
  "없음": () => undefined,
  "쓰기만 막힘": () => ({ getItem: () => null, setItem: refuse, removeItem: refuse }),
};

for (const [name, open] of Object.entries(BLOCKED)) {
  describe(name, () => {
    it("적은 것을 읽고, 지운 것은 없다", () => {
      const kept = shelf(open);
      assert.equal(kept.get("a"), null);
      kept.set("a", "1");
      assert.equal(kept.get("a"), "1");
      kept.remove("a");
      assert.equal(kept.get("a"), null);
    });
  });
}

it("열린 저장소에는 그대로 적는다", () => {
  const inside = new Map();
  const kept = shelf(() => ({
    getItem: (key) => inside.get(key) ?? null,
    setItem: (key, value) => inside.set(key, value),
    removeItem: (key) => inside.delete(key),
  }));
  kept.set("a", "1");
  assert.deepEqual([inside.get("a"), kept.get("a")], ["1", "1"]);
  kept.remove("a");
  assert.deepEqual([inside.size, kept.get("a")], [0, null]);
});

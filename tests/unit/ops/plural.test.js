// 수에 맞는 꼴.

import assert from "node:assert/strict";
import { test } from "node:test";

const texts = { leftOne: "{n} match", leftOther: "{n} matches" };

async function counting(lang) {
  globalThis.document = { documentElement: { lang } };
  return (await import(`../../../platform/ops/static/ops/plural.js?${lang}`)).counted;
}

test("English has a form for one", async () => {
  const counted = await counting("en");
  assert.deepEqual([0, 1, 2].map((n) => counted(texts, "left", n)), [texts.leftOther, texts.leftOne, texts.leftOther]);
});

test("Korean has one form", async () => {
  const counted = await counting("ko");
  assert.equal(counted(texts, "left", 1), texts.leftOther);
});

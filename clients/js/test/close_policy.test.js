/** 닫힘 코드마다 할 일: 계약의 표(2.4)와 같은가. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

import { closeCodeOfRefusal, planAfterClose } from "../src/close_policy.js";

for (const [code, next, keepResume] of [
  [1006, "backoff", true],
  [1001, "backoff", true],
  [1009, "stop", false],
  [4400, "stop", false],
  [4401, "login", true],
  [4408, "backoff", true],
  [4409, "stop", false],
  [4410, "now", false],
  [4429, "backoff", true],
  [4503, "backoff", true],
  [4900, "now", true],
]) {
  it(`${code}: ${next}${keepResume ? ", resume" : ", hello부터"}`, () => {
    const plan = planAfterClose(code);
    assert.deepEqual([plan.next, plan.keepResume], [next, keepResume]);
  });
}

it("계약이 아는 닫힘 코드는 모두 표에 있다", () => {
  const contract = readFileSync(new URL("../../../design/protocol/contract.md", import.meta.url), "utf8");
  const section = contract.split("### 2.4")[1].split("\n## ")[0];
  const codes = [...section.matchAll(/^\| (\d{4}) \|/gm)].map((match) => Number(match[1]));
  const fallback = planAfterClose(1006);
  assert.ok(codes.length >= 9);
  for (const code of codes) assert.notEqual(planAfterClose(code), fallback, `${code}`);
});

it("너무 잦다는 닫힘은 적어도 1초를 쉰다", () => {
  assert.equal(planAfterClose(4429).floorMs, 1000);
});

it("거절된 첫 프레임은 서버가 닫을 코드로 옮겨진다", () => {
  assert.equal(closeCodeOfRefusal("UNAUTHENTICATED", false), 4401);
  assert.equal(closeCodeOfRefusal("UNAVAILABLE", true), 4503);
  assert.equal(closeCodeOfRefusal("DEADLINE_EXCEEDED", false), 4503);
  assert.equal(closeCodeOfRefusal("RATE_LIMITED", false), 4429);
  assert.equal(closeCodeOfRefusal("RESUME_EXPIRED", true), 4410);
  assert.equal(closeCodeOfRefusal("INVALID_ARGUMENT", false), 4400);
});

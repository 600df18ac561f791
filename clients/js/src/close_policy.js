/**
 * 소켓이 닫힌 뒤 무엇을 할지. 계약의 닫힘 코드 표를 그대로 옮긴 순수한 표다.
 */

/**
 * @typedef {object} ClosePlan
 * @property {"now"|"backoff"|"login"|"stop"} next
 *   now: 곧바로, backoff: 쉬었다가, login: 새 토큰을 얻고 나서, stop: 다시 붙지 않는다
 * @property {boolean} keepResume resume 토큰을 그대로 쓸 수 있는가(아니면 hello부터)
 * @property {number} [floorMs] 적어도 이만큼은 쉰다
 */

/** @type {ReadonlyMap<number, ClosePlan>} */
const PLANS = new Map([
  // 우리가 보낸 것이 틀렸다. 다시 보내도 틀리므로 멈추고 드러낸다.
  [1009, { next: "stop", keepResume: false }],
  [4400, { next: "stop", keepResume: false }],
  [4401, { next: "login", keepResume: true }],
  [4408, { next: "backoff", keepResume: true }],
  // 다른 탭이나 기기가 자리를 이었다. 다시 붙으면 서로 끝없이 밀어낸다.
  [4409, { next: "stop", keepResume: false }],
  [4410, { next: "now", keepResume: false }],
  [4429, { next: "backoff", keepResume: true, floorMs: 1000 }],
  [4503, { next: "backoff", keepResume: true }],
  [4900, { next: "now", keepResume: true }],
]);

/** 표에 없는 코드(1006 같은 끊김)는 쉬었다가 이어서 붙는다. @type {ClosePlan} */
const DEFAULT_PLAN = { next: "backoff", keepResume: true };

/**
 * @param {number} code WebSocket 닫힘 코드
 * @returns {ClosePlan}
 */
export function planAfterClose(code) {
  return PLANS.get(code) ?? DEFAULT_PLAN;
}

/**
 * 첫 프레임(hello, resume)이 거절되면 서버가 곧 닫을 코드. 닫히기를 기다리지 않고 다음으로 간다.
 * @param {string} errorCode
 * @param {boolean} isResume resume이 거절되었는가
 * @returns {number}
 */
export function closeCodeOfRefusal(errorCode, isResume) {
  if (errorCode === "UNAUTHENTICATED") return 4401;
  if (errorCode === "RATE_LIMITED") return 4429;
  if (RETRY_LATER.has(errorCode)) return 4503;
  return isResume ? 4410 : 4400;
}

const RETRY_LATER = new Set(["UNAVAILABLE", "SESSION_DRAINING", "DEADLINE_EXCEEDED", "INTERNAL"]);

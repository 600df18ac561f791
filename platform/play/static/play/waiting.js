/** 줄의 사정을 말로: 몇이 기다리는지, 누구와 만날 수 있는지, 언제까지인지. 순수하다. */

/**
 * @typedef {object} QueueStatus `GET /api/v1/queues/{mode}`
 * @property {number} waiting 나를 포함해 기다리는 사람
 * @property {number} min_players
 * @property {{base: number, per_s: number, cap: number, open_after_ms: number}} rating_window
 */

/**
 * 지금 줄이 어떤지 말하는 글의 열쇠와 값.
 * @param {QueueStatus|null} status 아직 모르면 null
 */
export function queueState(status) {
  if (!status) return { key: "queue.looking", values: {} };
  const others = status.waiting - 1;
  if (others < 1) return { key: "queue.alone", values: {} };
  return { key: "queue.others", values: { count: others } };
}

/**
 * 지금의 레이팅 창. 다 열렸으면 windowNow가 null이다.
 * @param {QueueStatus|null} status
 * @param {number} waitedMs
 * @returns {{windowNow: number|null, opensInMs: number}|null} 모르면 null
 */
export function ratingWindow(status, waitedMs) {
  if (!status) return null;
  const { base, per_s: perS, cap, open_after_ms: openAfterMs } = status.rating_window;
  if (waitedMs >= openAfterMs) return { windowNow: null, opensInMs: 0 };
  return { windowNow: Math.round(Math.min(cap, base + (perS * waitedMs) / 1000)), opensInMs: openAfterMs - waitedMs };
}

/**
 * 번호 하나를 한 탭만 쥐게 한다: Web Lock으로, 없는 곳(http의 다른 기기)에서는 탭끼리 물어서.
 *
 * 탭이 닫히거나 release하면 다음 탭이 쥘 수 있다.
 */

const ANSWER_WAIT_MS = 150;
/** 쥔 번호마다 놓는 함수. @type {Map<string, () => void>} */
const held = new Map();

/**
 * 번호를 쥔다. 이미 이 탭이 쥐고 있으면 참이다.
 * @param {string} id
 * @param {number} [patienceMs] 다른 탭이 놓기를 이만큼 기다린다(새로고침 전의 쪽이 곧 놓는다)
 * @returns {Promise<boolean>}
 */
export function claim(id, patienceMs = 0) {
  if (held.has(id)) return Promise.resolve(true);
  return navigator.locks ? claimByLock(id, patienceMs) : claimByAsking(id);
}

/** 놓는다. 쥐고 있지 않으면 아무 일도 없다. */
export function release(id) {
  held.get(id)?.();
  held.delete(id);
}

function claimByLock(id, patienceMs) {
  const options = patienceMs > 0 ? { signal: AbortSignal.timeout(patienceMs) } : { ifAvailable: true };
  return new Promise((resolve) => {
    const hold = (lock) => {
      if (!lock) {
        resolve(false);
        return undefined;
      }
      resolve(true);
      return new Promise((letGo) => held.set(id, () => letGo(undefined)));
    };
    // 기다리다 그만두면(AbortError) 남이 쥔 것이다.
    navigator.locks.request(`hanpan.device.${id}`, options, hold).catch(() => resolve(false));
  });
}

/** 같은 번호를 쥔 탭이 있으면 그 탭이 답한다. */
function claimByAsking(id) {
  const channel = new BroadcastChannel(`hanpan.device.${id}`);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      channel.onmessage = ({ data }) => { if (data === "whose") channel.postMessage("mine"); };
      held.set(id, () => channel.close());
      resolve(true);
    }, ANSWER_WAIT_MS);
    channel.onmessage = ({ data }) => {
      if (data !== "mine") return;
      clearTimeout(timer);
      channel.close();
      resolve(false);
    };
    channel.postMessage("whose");
  });
}

/**
 * 이 탭이 누구인가: 탭마다 다른 기기 번호, 기억해 둔 이름, 하던 판이 있는지.
 *
 * 기기 번호는 sessionStorage에 있어 탭마다 다르고 새로고침에는 남는다. 이름은 모든 탭이 함께 기억한다.
 */

const DEVICE_KEY = "hanpan.device";
const DEVICE_NAME_KEY = "hanpan.device_name";
const NAME_KEY = "hanpan.name";
const PLAYING_KEY = "hanpan.playing";
const RELOAD_GRACE_MS = 400;

/**
 * 이 탭에서 그 이름으로 하는 선수의 기기 번호. 손님의 이름은 바뀌지 않으므로 다른 이름은 다른 선수다.
 * 탭을 복제하면 sessionStorage도 복제되므로, 이미 쓰이는 번호면 새로 만든다.
 * @param {string} name
 */
export async function deviceId(name) {
  const saved = sessionStorage.getItem(DEVICE_KEY);
  const isSameName = sessionStorage.getItem(DEVICE_NAME_KEY) === name;
  if (saved && isSameName && (await claim(saved))) return saved;
  const fresh = newId();
  sessionStorage.setItem(DEVICE_KEY, fresh);
  sessionStorage.setItem(DEVICE_NAME_KEY, name);
  await claim(fresh);
  return fresh;
}

const claimed = new Set();

/** 탭이 살아 있는 동안 번호를 쥔다. 새로고침 전의 쪽이 놓을 시간을 조금 준다. @returns {Promise<boolean>} */
function claim(id) {
  if (!navigator.locks || claimed.has(id)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = () => {
      claimed.add(id);
      resolve(true);
      return new Promise(() => {}); // 탭이 닫힐 때까지 놓지 않는다
    };
    navigator.locks
      .request(`hanpan.device.${id}`, { signal: AbortSignal.timeout(RELOAD_GRACE_MS) }, hold)
      .catch(() => resolve(false));
  });
}

/** crypto.randomUUID는 https와 localhost에만 있다. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** 이 탭에서 쓴 이름, 없으면 다른 탭에서 마지막으로 쓴 이름. */
export function rememberedName() {
  return sessionStorage.getItem(NAME_KEY) ?? localStorage.getItem(NAME_KEY) ?? "";
}

export function rememberName(name) {
  sessionStorage.setItem(NAME_KEY, name);
  localStorage.setItem(NAME_KEY, name);
}

/** 새로고침해도 판으로 돌아오게, 판을 하는 중인지 적어 둔다. */
export function rememberPlaying(isPlaying) {
  if (isPlaying) sessionStorage.setItem(PLAYING_KEY, "1");
  else sessionStorage.removeItem(PLAYING_KEY);
}

export function wasPlaying() {
  return sessionStorage.getItem(PLAYING_KEY) !== null;
}

/**
 * 브라우저의 기억 두 곳: 다시 켜도 남는 것(모든 탭이 함께)과 이 탭에만 남는 것.
 *
 * 막혀 있으면(비공개 창, 정책, 가득 참) 이 쪽이 살아 있는 동안만 기억한다. 기억이 없어도 판은 둘 수 있어야 한다.
 */

/** @typedef {{get: (key: string) => string|null, set: (key: string, value: string) => void, remove: (key: string) => void}} Shelf */

/**
 * 던지지 않는 저장소. 읽기는 마지막으로 적은 것을 준다(진짜 저장소가 거절했어도).
 * @param {() => Storage|undefined} open 저장소를 여는 함수. 막힌 브라우저에서는 여는 것부터 던진다
 * @returns {Shelf}
 */
export function shelf(open) {
  /** 저장소가 거절한 것. @type {Map<string, string|null>} */
  const kept = new Map();
  const trying = (work, otherwise) => {
    try {
      return work(open());
    } catch {
      return otherwise;
    }
  };
  const write = (key, value, work) => {
    const isWritten = trying((storage) => { work(storage); return true; }, false);
    if (isWritten) kept.delete(key);
    else kept.set(key, value);
  };
  return {
    get: (key) => (kept.has(key) ? kept.get(key) ?? null : trying((storage) => storage.getItem(key), null)),
    set: (key, value) => write(key, value, (storage) => storage.setItem(key, value)),
    remove: (key) => write(key, null, (storage) => storage.removeItem(key)),
  };
}

/** 다시 켜도 남는다. 모든 탭이 함께 본다. */
export const lasting = shelf(() => globalThis.localStorage);
/** 이 탭의 새로고침에만 남는다. */
export const tabOnly = shelf(() => globalThis.sessionStorage);

/** 다시 켜도 남는 기억을 적을 수 있는가. */
export function isKept() {
  const probe = "hanpan.probe";
  try {
    globalThis.localStorage.setItem(probe, "1");
    globalThis.localStorage.removeItem(probe);
    return true;
  } catch {
    return false;
  }
}

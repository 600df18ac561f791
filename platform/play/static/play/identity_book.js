/**
 * 이 브라우저가 아는 나들의 책: 줄마다 손님 하나(기기 번호, 이름, 하던 판). 앞줄부터 이어서 한다. 순수하다.
 *
 * 손님의 이름은 바뀌지 않으므로 다른 이름은 다른 선수다. 앞의 이름을 다시 쓰면 그 선수로 돌아온다.
 */

/** 책에 두는 줄의 수. */
export const CAPACITY = 8;
const DEVICE_BYTES = 16;

/**
 * @typedef {object} Entry
 * @property {string} deviceId 22자가 넘는 무작위 번호. 아는 이가 곧 그 선수다
 * @property {string} name
 * @property {import("../hanpan/session.js").Saved|null} [session] 남겨 둔 로그인
 * @property {{matchId: string, mode: string, players: any[]}|null} [match] 끝을 보지 못한 판
 * @property {string|null} [seenMatchId] 마지막으로 끝을 본 판
 */

/** 적힌 글을 책으로. 깨진 줄은 없는 것으로 친다. @param {string|null} text @returns {Entry[]} */
export function parseBook(text) {
  try {
    const rows = JSON.parse(text ?? "[]");
    return Array.isArray(rows) ? rows.filter(isEntry).slice(0, CAPACITY) : [];
  } catch {
    return [];
  }
}

function isEntry(row) {
  return typeof row?.deviceId === "string" && row.deviceId.length >= 22 && typeof row.name === "string" && row.name !== "";
}

/**
 * 새 줄을 넣는다. 이 브라우저의 주인이 바뀌었으면 맨 앞에, 둘째 탭의 손님이면 맨 뒤에. 넘치면 뒤에서부터 잊는다.
 * @param {Entry[]} book
 * @param {Entry} entry
 * @param {{isOwner: boolean}} place
 */
export function withEntry(book, entry, { isOwner }) {
  const others = book.filter(({ deviceId }) => deviceId !== entry.deviceId);
  return isOwner ? [entry, ...others].slice(0, CAPACITY) : [...others.slice(0, CAPACITY - 1), entry];
}

/** 줄 하나를 고친다. 없으면 그대로다. @param {Entry[]} book @param {string} deviceId @param {Partial<Entry>} change */
export function withChange(book, deviceId, change) {
  return book.map((entry) => (entry.deviceId === deviceId ? { ...entry, ...change } : entry));
}

/** 그 이름의 줄. @param {Entry[]} book @param {string} name */
export function entryNamed(book, name) {
  return book.find((entry) => entry.name.normalize("NFC") === name.normalize("NFC")) ?? null;
}

/** 둘째 탭의 손님에게 권하는 이름: "하늘 2". @param {Entry[]} book @param {number} longest 글자 수의 상한 */
export function nameBeside(book, longest = 24) {
  if (book.length === 0) return "";
  const base = [...book[0].name].slice(0, longest - 2).join("").trim();
  for (let number = 2; number <= CAPACITY + 1; number += 1) {
    if (!entryNamed(book, `${base} ${number}`)) return `${base} ${number}`;
  }
  return "";
}

/** 새 기기 번호(무작위 128비트). crypto.randomUUID는 https와 localhost에만 있어 쓰지 않는다. */
export function newDeviceId() {
  const bytes = crypto.getRandomValues(new Uint8Array(DEVICE_BYTES));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * 이 탭이 누구인가. 브라우저가 아는 나들의 책(identity_book.js)에서 다른 탭이 쥐지 않은 첫 줄을 이어서 한다.
 *
 * 둘째 탭은 저절로 새 손님이 되고, 첫 탭이 닫히면 다음 탭이 그 나를 이어 갈 수 있다.
 */

import { entryNamed, nameBeside, newDeviceId, parseBook, withChange, withEntry } from "./identity_book.js";
import { lasting, tabOnly } from "./storage.js";
import { claim, release } from "./tab_claim.js";

const BOOK_KEY = "hanpan.identities";
const TAB_KEY = "hanpan.tab_device";
const QUEUE_KEY = "hanpan.tab_queue";
const RELOAD_PATIENCE_MS = 1000;

/** 이 탭이 쥔 나. 아직 없으면 null. @type {import("./identity_book.js").Entry|null} */
let current = null;
let isOwner = true;
/** 들어가는 중인 나. @type {import("./identity_book.js").Entry|null} */
let arriving = null;

function readBook() {
  return parseBook(lasting.get(BOOK_KEY));
}

function writeBook(book) {
  lasting.set(BOOK_KEY, JSON.stringify(book));
}

/** 지금의 나. */
export function whoAmI() {
  return current;
}

/** 다른 탭이 이 브라우저의 나를 쥐고 있는가(그러면 이 탭은 새 손님이다). */
export function isGuestTab() {
  return !isOwner;
}

/** 새 손님에게 권하는 이름. 둘째 탭이 아니면 빈 글이다. */
export function suggestedName() {
  return isOwner ? "" : nameBeside(readBook());
}

/** 이어서 할 수 있는 나를 찾아 쥔다. 새로고침한 탭은 하던 나를 먼저 찾는다. */
export async function findMyself() {
  const book = readBook();
  const mine = book.find(({ deviceId }) => deviceId === tabOnly.get(TAB_KEY));
  // 탭을 복제하면 sessionStorage도 복제된다: 원래 탭이 쥐고 있으면 잠깐 기다려 보고 다른 나를 찾는다.
  if (mine && (await claim(mine.deviceId, RELOAD_PATIENCE_MS))) return hold(mine, mine === book[0]);
  for (const entry of book) if (await claim(entry.deviceId)) return hold(entry, entry === book[0]);
  isOwner = book.length === 0;
  return null;
}

/**
 * 그 이름의 나로 들어간다: 아는 이름이면 그 선수, 모르는 이름이면 새 손님. 들어가지 못하면 앞의 나로 남는다.
 * @param {string} name
 * @param {(entry: import("./identity_book.js").Entry) => Promise<{name: string}>} signIn 서버가 정한 이름을 준다
 */
export async function become(name, signIn) {
  const entry = current?.name === name ? current : await pick(name);
  const isNew = entry.deviceId !== current?.deviceId;
  arriving = entry;
  try {
    const { name: givenName } = await signIn(entry);
    if (isNew && current) release(current.deviceId);
    // 먼저 쥔 줄은 제자리에 두고, 새로 고른 나만 앞(둘째 탭이면 뒤)에 놓는다.
    if (isNew) writeBook(withEntry(readBook(), entry, { isOwner }));
    hold(entry, isOwner);
    noteAboutMe({ name: givenName });
  } catch (error) {
    if (isNew) release(entry.deviceId);
    throw error;
  } finally {
    arriving = null;
  }
}

/** 나의 로그인을 책의 내 줄에 남긴다: 돌아온 나는 다시 묻지 않고 들어간다. @type {import("../hanpan/session.js").SessionStore} */
export const sessionStore = {
  load: () => (arriving ?? current)?.session ?? null,
  save: (session) => keepSession(session),
  clear: () => keepSession(null),
};

function keepSession(session) {
  const entry = arriving ?? current;
  if (!entry) return;
  entry.session = session;
  writeBook(withChange(readBook(), entry.deviceId, { session }));
}

async function pick(name) {
  const known = entryNamed(readBook(), name);
  if (known && (await claim(known.deviceId))) return known;
  const fresh = { deviceId: newDeviceId(), name };
  await claim(fresh.deviceId);
  return fresh;
}

function hold(entry, owns) {
  current = entry;
  isOwner = owns;
  tabOnly.set(TAB_KEY, entry.deviceId);
  return entry;
}

/** 나에 대해 새로 안 것을 적는다. @param {Partial<import("./identity_book.js").Entry>} change */
export function noteAboutMe(change) {
  if (!current) return;
  current = { ...current, ...change };
  writeBook(withChange(readBook(), current.deviceId, change));
}

/** 끝을 보지 못한 판을 적는다. 탭을 닫아도 다음에 그 끝을 볼 수 있다. */
export function rememberMatch({ matchId, mode, players }) {
  noteAboutMe({ match: { matchId, mode, players } });
}

/** 그 판의 끝을 보았다. */
export function rememberSeen(matchId) {
  noteAboutMe({ match: null, seenMatchId: matchId });
}

/** 기다리는 줄을 적는다. 새로고침에만 남는다: 탭을 닫으면 서버도 대기표를 거둔다. @param {{mode: string, ticketId: string, sinceMs: number, ticketSinceMs: number, expiresAtMs: number}|null} queue */
export function rememberQueue(queue) {
  if (queue) tabOnly.set(QUEUE_KEY, JSON.stringify({ ...queue, deviceId: current?.deviceId }));
  else tabOnly.remove(QUEUE_KEY);
}

/** 이 탭의 내가 기다리던 줄. 복제한 탭은 다른 나이므로 없다. @returns {{mode: string, ticketId: string, sinceMs: number, ticketSinceMs: number, expiresAtMs: number}|null} */
export function rememberedQueue() {
  const queue = JSON.parse(tabOnly.get(QUEUE_KEY) ?? "null");
  return queue && queue.deviceId === current?.deviceId ? queue : null;
}

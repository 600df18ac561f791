/** 나들의 책: 이어서 할 차례, 같은 이름의 돌아옴, 둘째 탭의 손님. */

import assert from "node:assert/strict";
import { it } from "node:test";

import {
  CAPACITY, entryNamed, nameBeside, newDeviceId, parseBook, withChange, withEntry,
} from "../../../platform/play/static/play/identity_book.js";

const entry = (name) => ({ deviceId: `web-${name.padEnd(32, "0")}`, name });
const names = (book) => book.map(({ name }) => name);

it("기기 번호는 22자가 넘고 저마다 다르다", () => {
  const ids = new Set(Array.from({ length: 100 }, newDeviceId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^web-[0-9a-f]{32}$/);
});

it("깨진 기억은 없는 것으로 친다", () => {
  for (const text of [null, "", "{", "7", "null", '[{"name":"하늘"}]', '[{"deviceId":"short","name":"하늘"}]', '[null, 3]']) {
    assert.deepEqual(parseBook(text), []);
  }
  assert.deepEqual(parseBook(JSON.stringify([entry("하늘")])), [entry("하늘")]);
});

it("주인이 바뀌면 맨 앞에, 둘째 탭의 손님은 맨 뒤에 선다", () => {
  const book = [entry("하늘"), entry("바다")];
  assert.deepEqual(names(withEntry(book, entry("노을"), { isOwner: true })), ["노을", "하늘", "바다"]);
  assert.deepEqual(names(withEntry(book, entry("노을"), { isOwner: false })), ["하늘", "바다", "노을"]);
});

it("같은 나는 한 줄이고, 넘치면 주인이 아니라 뒤의 손님을 잊는다", () => {
  const book = Array.from({ length: CAPACITY }, (_, index) => entry(`나${index}`));
  assert.deepEqual(names(withEntry(book, entry("나3"), { isOwner: true })).slice(0, 2), ["나3", "나0"]);
  const crowded = withEntry(book, entry("새손님"), { isOwner: false });
  assert.deepEqual([crowded.length, crowded[0].name, crowded.at(-1).name], [CAPACITY, "나0", "새손님"]);
});

it("앞의 이름은 풀어 쓴 글자로 적어도 같은 나다", () => {
  const book = [entry("하늘")];
  assert.equal(entryNamed(book, "하늘".normalize("NFD")), book[0]);
  assert.equal(entryNamed(book, "바다"), null);
});

it("둘째 탭에는 겹치지 않는 이름을 권하고 24자를 넘기지 않는다", () => {
  assert.equal(nameBeside([]), "");
  assert.equal(nameBeside([entry("하늘")]), "하늘 2");
  assert.equal(nameBeside([entry("하늘"), entry("하늘 2")]), "하늘 3");
  assert.equal([...nameBeside([entry("가".repeat(24))])].length, 24);
});

it("한 줄만 고치고 나머지는 그대로 둔다", () => {
  const book = [entry("하늘"), entry("바다")];
  const changed = withChange(book, book[1].deviceId, { seenMatchId: "m1" });
  assert.deepEqual([changed[0], changed[1].seenMatchId], [book[0], "m1"]);
});

/* 오래된 숫자: 흐리게 하고 언제의 것인지 말한다. 새것이 오면 되돌린다. */

const NOTE = "as-of";

/** `element`의 것이 `seenMs`의 것임을 보인다. */
export function stale(element, seenMs) {
  if (!seenMs || element.classList.contains("old")) return;
  element.classList.add("old");
  const note = document.createElement("p");
  note.className = NOTE;
  note.setAttribute("role", "status");
  const at = document.createElement("time");
  at.dateTime = new Date(seenMs).toISOString();
  // 시각의 글은 clock.js가 채운다.
  const [before, after] = (document.body.dataset.textAsOf ?? "{}").split("{}");
  note.append(before, at, after);
  element.before(note);
}

/** 다시 새것이다. */
export function fresh(element) {
  if (!element.classList.contains("old")) return;
  element.classList.remove("old");
  if (element.previousElementSibling?.classList.contains(NOTE)) element.previousElementSibling.remove();
}

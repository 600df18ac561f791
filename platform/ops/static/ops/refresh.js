/* 쪽을 스스로 새로 보이기: 정한 간격으로 이 쪽을 다시 받아 한 토막만 갈아 끼운다.

보이지 않는 탭과 글자를 고르는 중에는 쉰다. 초점은 같은 것에 남는다. 받지 못하면 옛것을 흐리게 하고 언제의 것인지 말한다. */

import { fresh, stale } from "./staleness.js";

const FOCUSABLE = "a[href], button, summary, time[tabindex]";

/** `id`의 토막을 `everyMs`마다. `isDone(새 토막)`이 참이면 그것을 보이고 그만두며 `onDone`을 부른다. */
export function keepFresh(id, everyMs, { isDone = () => false, onDone = () => {} } = {}) {
  let seenMs = Date.now();
  async function turn() {
    const shown = document.getElementById(id);
    if (!document.hidden && getSelection().isCollapsed) {
      const found = await fetched(id, everyMs);
      if (found) {
        seenMs = Date.now();
        fresh(shown);
        swap(shown, found);
        if (isDone(found)) {
          onDone();
          return;
        }
      } else {
        stale(shown, seenMs);
      }
    }
    setTimeout(turn, everyMs);
  }
  setTimeout(turn, everyMs);
}

async function fetched(id, everyMs) {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(Math.max(2_000, 2 * everyMs)) }).catch(() => null);
  if (!answer?.ok) return null;
  const text = await answer.text().catch(() => "");
  return new DOMParser().parseFromString(text, "text/html").getElementById(id);
}

function swap(shown, found) {
  const focusable = [...shown.querySelectorAll(FOCUSABLE)];
  const held = focusable.indexOf(document.activeElement);
  const opened = [...shown.querySelectorAll("details")].map((details) => details.open);
  for (const name of Object.keys(shown.dataset)) if (!(name in found.dataset)) delete shown.dataset[name];
  shown.replaceChildren(...found.childNodes);
  shown.querySelectorAll("details").forEach((details, index) => { details.open = opened[index] ?? false; });
  if (held >= 0) {
    const after = [...shown.querySelectorAll(FOCUSABLE)];
    (after[held] ?? after.at(-1))?.focus({ preventScroll: true });
  }
}

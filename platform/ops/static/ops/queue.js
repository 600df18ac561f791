/* 줄: 2초마다 이 쪽을 다시 받아 몸통만 갈아 끼운다. 보이지 않는 탭과, 글자를 고르는 중에는 쉰다. */

const EVERY_MS = 2_000;

async function refresh() {
  const shown = document.getElementById("queue");
  const isBusy = document.hidden || !getSelection().isCollapsed || shown.contains(document.activeElement);
  if (!isBusy) {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(2 * EVERY_MS) }).catch(() => null);
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("queue");
      if (fresh) shown.replaceChildren(...fresh.childNodes);
    }
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);

/* 플릿: 소켓이 준 등록부대로 표의 줄을 고치고, 더하고, 뺀다. 도는 갈아 끼우기는 쪽을 다시 받아 갈아 끼운다. */

import { watchLive } from "./live.js";
import { fillServer, freePlaces } from "./server_fields.js";

const ROLL_MS = 2_000;
const body = document.getElementById("servers");
const pattern = document.getElementById("server-row");
const empty = document.getElementById("no-servers");
const total = document.getElementById("servers-sum");
const noPlaces = document.getElementById("no-places");
const stateNames = document.getElementById("state-names").dataset;

watchLive((reading) => {
  if (!reading.servers || reading.at_ms < Number(body.dataset.atMs)) return;
  const rows = new Map([...body.children].map((row) => [row.dataset.server, row]));
  for (const [index, server] of reading.servers.entries()) {
    const row = rows.get(server.server_id) ?? newRow(server.server_id);
    rows.delete(server.server_id);
    fillServer(row, server, stateNames);
    const order = row.querySelector('[data-field="order"]');
    if (order) order.textContent = server.drain_intended ? body.dataset.textUndrain : body.dataset.textDrain;
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  }
  for (const gone of rows.values()) gone.remove();
  empty.hidden = reading.servers.length > 0;
  noPlaces.hidden = freePlaces(reading.servers) > 0;
  const running = reading.servers.reduce((sum, server) => sum + server.running, 0);
  const capacity = reading.servers.reduce((sum, server) => sum + server.capacity, 0);
  total.textContent = `${running} / ${capacity}`;
});

function newRow(serverId) {
  const row = pattern.content.firstElementChild.cloneNode(true);
  row.dataset.server = serverId;
  const page = `${body.dataset.url}${encodeURIComponent(serverId)}/`;
  row.querySelector('[data-field="server_id"]').href = page;
  row.querySelector('[data-field="running"]').href = `${body.dataset.matches}?status=running&server=${encodeURIComponent(serverId)}`;
  const order = row.querySelector('[data-field="order"]');
  if (order) order.href = `${page}#order-title`;
  return row;
}

/** 도는 동안만 묻고, 끝나면 폼까지 새로 보이도록 쪽을 다시 연다. */
async function refreshRoll() {
  const shown = document.getElementById("roll");
  if (!("open" in shown.dataset)) return;
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(ROLL_MS) }).catch(() => null);
  if (answer?.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("roll");
    if (fresh && !("open" in fresh.dataset)) {
      location.reload();
      return;
    }
    if (fresh) shown.replaceChildren(...fresh.childNodes);
  }
  setTimeout(refreshRoll, ROLL_MS);
}

setTimeout(refreshRoll, ROLL_MS);

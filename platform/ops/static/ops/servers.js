/* 서버: 소켓이 준 등록부대로 표의 줄을 고치고, 더하고, 뺀다. 줄의 모양은 템플릿이 정한다. */

import { watchLive } from "./live.js";

const body = document.getElementById("servers");
const pattern = document.getElementById("server-row");
const empty = document.getElementById("no-servers");
const total = document.getElementById("servers-sum");
const stateNames = document.getElementById("state-names").dataset;
const SETTLED = new Set(["draining", "drained"]);

watchLive((reading) => {
  if (!reading.servers) return;
  const rows = new Map([...body.children].map((row) => [row.dataset.server, row]));
  for (const [index, server] of reading.servers.entries()) {
    const row = rows.get(server.server_id) ?? pattern.content.firstElementChild.cloneNode(true);
    rows.delete(server.server_id);
    fill(row, server);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  }
  for (const gone of rows.values()) gone.remove();
  empty.hidden = reading.servers.length > 0;
  const running = reading.servers.reduce((sum, server) => sum + server.running, 0);
  const capacity = reading.servers.reduce((sum, server) => sum + server.capacity, 0);
  total.textContent = `${running} / ${capacity}`;
});

function fill(row, server) {
  const percent = server.capacity ? Math.min(100, (100 * server.load) / server.capacity) : 0;
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  row.dataset.server = server.server_id;
  field("state").className = `chip ${server.state}`;
  field("state").textContent = stateNames[server.state] ?? server.state;
  field("drain").hidden = !server.drain_intended || SETTLED.has(server.state);
  field("bar").setAttribute("width", percent.toFixed(1));
  field("percent").textContent = `${percent.toFixed(0)}%`;
  field("leases").textContent = Math.max(0, server.load - server.running);
  field("age").textContent = age(server.age_ms);
  for (const name of ["server_id", "running", "capacity", "version", "address"]) field(name).textContent = server[name];
}

function age(ms) {
  if (ms === null) return "–";
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

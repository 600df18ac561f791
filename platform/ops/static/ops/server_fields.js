/* 서버 하나의 칸들을 채운다. 플릿의 줄과 서버의 쪽이 함께 쓴다. */

const SETTLED = new Set(["draining", "drained"]);
const MS_PER_S = 1000;
const SECONDS = document.documentElement.lang === "ko" ? "초" : " s";

/** `root` 안의 data-field 칸들을 서버의 지금으로. */
export function fillServer(root, server, stateNames, isReopening = false) {
  const percent = server.capacity ? Math.min(100, (100 * server.load) / server.capacity) : 0;
  const field = (name) => root.querySelector(`[data-field="${name}"]`);
  const put = (name, text) => {
    const element = field(name);
    if (element && element.textContent !== String(text)) element.textContent = text;
  };
  const state = shownState(server, isReopening);
  field("state").className = `chip ${state}`;
  put("state", stateNames[state] ?? state);
  field("drain").hidden = !server.drain_intended || SETTLED.has(server.state);
  field("bar").setAttribute("width", percent.toFixed(1));
  put("percent", `${percent.toFixed(0)}%`);
  put("longest", server.longest_left_ms ? seconds(server.longest_left_ms) : "–");
  put("age", age(server.age_ms));
  for (const name of ["server_id", "running", "capacity", "version", "pool", "boot_id", "address"]) {
    put(name, server[name]);
  }
}

/** 방금 거둔 뜻을 서버가 아직 듣지 못한 동안은 옛 상태가 아니라 다시 여는 중이다. */
export function shownState(server, isReopening) {
  return isReopening && SETTLED.has(server.state) && !server.drain_intended ? "reopening" : server.state;
}

/** 남은 시간. 초까지만 말한다. */
export function seconds(ms) {
  return `${Math.ceil(ms / MS_PER_S)}${SECONDS}`;
}

/** 새 판을 받는 서버의 빈자리. */
export function freePlaces(servers) {
  return servers
    .filter((server) => server.state === "ready" && !server.drain_intended)
    .reduce((sum, server) => sum + Math.max(0, server.capacity - server.load), 0);
}

function age(ms) {
  if (ms === null) return "–";
  return ms < MS_PER_S ? `${ms} ms` : `${(ms / MS_PER_S).toFixed(1)}${SECONDS}`;
}

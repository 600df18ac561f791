/* 대시보드: 1초마다 온 숫자를 카드에 적고, 마지막 3분을 그리고, 판이 끝나면 목록을 새로 가져온다. */

import { watchLive } from "./live.js";
import { History, sparkline } from "./series.js";

const STORE = "ops.live";
const SPARK = { width: 180, height: 44 };
const REFRESH_MS = 5_000;
const OLD_RESULT_S = 10; // 살아 있는 서버가 남의 것까지 줍기 시작하는 나이
const number = new Intl.NumberFormat(document.documentElement.lang);
const metrics = document.querySelector(".metrics");
const silent = metrics.dataset.textSilent;
const stateNames = document.getElementById("state-names").dataset;
const history = History.load(sessionStorage.getItem(STORE), Date.now());
let refreshedMs = Date.now();

watchLive((reading) => {
  showNumbers(reading.numbers);
  showProcesses(reading.processes);
  sessionStorage.setItem(STORE, history.dump());
  refreshRecent(reading.numbers);
});

function showNumbers(numbers) {
  if (!numbers) return;
  card("connections", numbers.connections, { parts: countParts(numbers.connections_by) });
  card("queue", numbers.queue, { parts: queueParts(numbers.queue_by), note: oldest(oldestWaitS(numbers.queue_by)) });
  card("running", numbers.running, { parts: countParts(numbers.running_by, metrics.querySelector('[data-metric="running"]').dataset.link) });
  card("finalizes", numbers.finalizes_per_s, { digits: 1 });
  card("pending", numbers.pending, { note: oldest(numbers.pending_oldest_s), alarm: numbers.pending_oldest_s > OLD_RESULT_S });
  const states = numbers.servers_by_state;
  card("servers", states && sum(Object.values(states)), { parts: stateParts(states), alarm: states?.lost > 0 });
  document.getElementById("no-places").hidden = numbers.free_places !== 0;
  const violations = document.getElementById("violations");
  violations.hidden = !numbers.violations;
  violations.querySelector("output").textContent = number.format(numbers.violations);
}

function card(name, value, { parts = [], note = "", digits = 0, alarm = false }) {
  const element = metrics.querySelector(`[data-metric="${name}"]`);
  element.classList.toggle("unknown", value === null);
  element.classList.toggle("alarm", alarm);
  element.querySelector("output").textContent = value === null ? "–" : format(value, digits);
  element.querySelector(".metric-note").textContent = note;
  element.querySelector(".metric-parts").replaceChildren(...parts);
  draw(element, name, value);
}

function draw(element, name, value) {
  const nowMs = Date.now();
  history.add(name, nowMs, value);
  const line = element.querySelector(".spark-line");
  if (!line) return;
  const shape = sparkline(history.of(name), { nowMs, ...SPARK });
  line.setAttribute("d", shape.line);
  element.querySelector(".spark-area").setAttribute("d", shape.area);
}

function format(value, digits) {
  return digits ? value.toFixed(digits) : number.format(value);
}

/** `link`는 이름을 붙이면 그 서버의 도는 판들인 주소다. */
function countParts(counts, link) {
  return Object.entries(counts).map(([name, count]) => part(name, count, link && `${link}&server=${encodeURIComponent(name)}`));
}

function queueParts(queues) {
  return Object.entries(queues).map(([mode, queue]) => part(mode, queue.waiting));
}

function stateParts(states) {
  return Object.entries(states ?? {}).map(([state, count]) => {
    const chip = document.createElement("li");
    chip.className = `chip ${state}`;
    chip.textContent = `${stateNames[state] ?? state} ${count}`;
    return chip;
  });
}

function part(name, count, link) {
  const item = document.createElement(link ? "a" : "span");
  const value = document.createElement("b");
  value.textContent = count === null ? silent : number.format(count);
  value.className = count === null ? "silent" : "";
  item.append(`${name} `, value);
  if (link) item.href = link;
  const line = document.createElement("li");
  line.append(item);
  return line;
}

function oldestWaitS(queues) {
  const longest = Math.max(0, ...Object.values(queues).map((queue) => queue.oldest_wait_ms));
  return longest / 1000;
}

/** 가장 오래된 것의 나이. 1초가 못 되는 것은 늘 있는 일이라 말하지 않는다. */
function oldest(seconds) {
  return seconds === null || seconds < 1 ? "" : metrics.dataset.textOldest.replace("{}", seconds.toFixed(1));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function showProcesses(processes) {
  const list = document.getElementById("processes");
  document.getElementById("no-processes").hidden = processes.length > 0;
  list.replaceChildren(...processes.map((process) => {
    const item = document.createElement("li");
    const name = document.createElement("b");
    const state = document.createElement("span");
    item.dataset.answered = process.answered;
    name.textContent = process.name;
    state.textContent = process.answered ? list.dataset.textUp : list.dataset.textDown;
    item.append(document.createElement("i"), name, state);
    return item;
  }));
}

/** 판이 끝나고 있으면 이 페이지를 다시 받아 목록만 갈아 끼운다. */
async function refreshRecent(numbers) {
  if (!numbers?.finalizes_per_s || document.hidden || Date.now() - refreshedMs < REFRESH_MS) return;
  refreshedMs = Date.now();
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(REFRESH_MS) }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("recent");
  if (fresh) document.getElementById("recent").replaceChildren(...fresh.childNodes);
}

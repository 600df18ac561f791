/**
 * 화면의 흐름: 처음 -> 줄 -> 상대를 찾음 -> 판 -> 결과. 클라이언트의 사건을 화면으로 옮기는 조립의 자리다.
 */

import { HanpanClient } from "../hanpan/index.js";
import { Arena } from "./arena.js";
import { READ_LIMIT, drawBoard, drawBoardNote } from "./board.js";
import { byId, element } from "./elements.js";
import { deviceId, rememberName, rememberPlaying, rememberedName, wasPlaying } from "./identity.js";
import { applyLanguage, marked, onLanguage, setLanguage, text } from "./language.js";
import { announce, hideBanner, hideNotice, showBack, showError, showNotice, showReconnecting } from "./notices.js";
import { colorOf } from "./palette.js";
import { drawAborted, drawResult } from "./result.js";

const SCREENS = ["lobby", "queue", "found", "match"];
const FOUND_SHOWN = 8;
const CONCEDE_CONFIRM_MS = 3000;

const client = new HanpanClient({ baseUrl: location.origin });
const arena = new Arena(client);
const form = /** @type {HTMLFormElement} */ (byId("enter"));
const nameInput = /** @type {HTMLInputElement} */ (byId("name"));
const playButton = /** @type {HTMLButtonElement} */ (byId("play"));
const resultDialog = /** @type {HTMLDialogElement} */ (byId("result"));
let ending = null;
let queuedAtMs = 0;
let queueTimer = 0;
let boards = { lobby: null, result: null };

// ---- 화면

function show(screen) {
  for (const id of SCREENS) byId(id).hidden = id !== screen;
  document.body.dataset.screen = screen;
  if (resultDialog.open) resultDialog.close();
  /** @type {HTMLElement|null} */ (byId(screen).querySelector("[tabindex='-1']"))?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function chosenMode() {
  return String(new FormData(form).get("mode"));
}

function setEntering(isEntering) {
  playButton.disabled = isEntering;
  playButton.textContent = text(isEntering ? "lobby.entering" : "lobby.play");
}

function goHome() {
  setEntering(false);
  show("lobby");
  loadBoard("lobby", chosenMode());
}

// ---- 순위표

async function loadBoard(place, mode) {
  const body = byId(`${place}-board`);
  boards[place] = { mode, entries: null, note: "board.loading" };
  drawBoardAgain(place);
  try {
    const { entries } = await client.api.leaderboard(mode, { limit: READ_LIMIT });
    if (boards[place].mode === mode) boards[place] = { mode, entries, note: null };
  } catch {
    boards[place] = { mode, entries: null, note: "board.failed" };
  }
  if (body.isConnected) drawBoardAgain(place);
}

function drawBoardAgain(place) {
  const board = boards[place];
  if (!board) return;
  byId(`${place}-board-mode`).textContent = text(`mode.${board.mode}`);
  if (board.entries) drawBoard(byId(`${place}-board`), board.entries, client.player?.playerId ?? null);
  else drawBoardNote(byId(`${place}-board`), board.note);
}

// ---- 들어가기와 줄

/** 그 이름의 선수로 붙는다. 이름을 바꿨으면 앞의 선수를 놓고 새로 붙는다. */
async function enter() {
  const before = client.player?.playerId;
  const name = rememberedName();
  const { playerId } = await client.guest({ name, deviceId: await deviceId(name) });
  if (before && before !== playerId) await client.disconnect();
  await client.connect();
}

async function play(mode) {
  hideNotice();
  setEntering(true);
  try {
    await enter();
    await client.joinQueue(mode);
  } catch (error) {
    goHome();
    showError(error);
  }
}

function submitName(event) {
  event.preventDefault();
  const name = nameInput.value.trim();
  byId("name-error").hidden = name !== "";
  nameInput.setAttribute("aria-invalid", String(name === ""));
  if (name === "") {
    byId("name-error").textContent = text("lobby.name_missing");
    nameInput.focus();
    return;
  }
  rememberName(name);
  play(chosenMode());
}

function showQueue({ mode }) {
  if (document.body.dataset.screen === "queue") return;
  queuedAtMs = performance.now();
  byId("queue-mode").textContent = text(`mode.${mode}`);
  byId("queue-mode").dataset.text = `mode.${mode}`;
  drawElapsed();
  clearInterval(queueTimer);
  queueTimer = setInterval(drawElapsed, 500);
  show("queue");
}

function drawElapsed() {
  const seconds = Math.floor((performance.now() - queuedAtMs) / 1000);
  byId("queue-elapsed").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

async function cancelQueue() {
  try {
    await client.cancelQueue();
  } catch (error) {
    // 그 사이 판을 찾았거나 끊겨 줄에서 빠졌다면, 나오려던 뜻은 이미 이루어졌거나 늦었다.
    if (error.code !== "NOT_QUEUED" && error.code !== "DISCONNECTED") showError(error);
  }
  if (document.body.dataset.screen === "queue") goHome();
}

/** 새로고침한 탭: 판이 살아 있으면 hello 뒤에 match.found가 다시 온다. */
function comeBack() {
  rememberPlaying(false);
  enter().catch(showError);
}

// ---- 판

function showFound(found) {
  rememberPlaying(true);
  hideNotice();
  clearInterval(queueTimer);
  ending = null;
  const me = client.player.playerId;
  const seated = found.players.map((player, slot) => ({ ...player, slot, isMe: player.player_id === me }));
  const sorted = seated.sort((a, b) => Number(b.isMe) - Number(a.isMe));
  const cards = sorted.slice(0, FOUND_SHOWN).map(foundCard);
  const more = sorted.length - cards.length;
  if (more > 0) cards.push(element("p.muted", text("found.more", { count: more })));
  byId("found-players").replaceChildren(...cards);
  byId("found-players").dataset.count = String(sorted.length);
  show("found");
  announce(`${text("found.title")}: ${sorted.slice(1).map(({ name }) => name).join(", ")}`);
}

function foundCard({ name, rating, slot, isMe }) {
  const card = element("div.fighter", element("b", name), element("span", String(Math.round(rating))));
  card.style.setProperty("--color", colorOf(slot, isMe));
  return card;
}

function showMatch() {
  show("match");
  arena.open();
}

function concede() {
  const button = byId("leave");
  if (button.dataset.text === "match.leave_again") {
    client.leave();
    return;
  }
  setConcedeText("match.leave_again");
  setTimeout(() => setConcedeText("match.leave"), CONCEDE_CONFIRM_MS);
}

function setConcedeText(key) {
  byId("leave").dataset.text = key;
  byId("leave").textContent = text(key);
}

// ---- 결과

function showEnding(next) {
  rememberPlaying(false);
  arena.close();
  ending = { ...next, seat: client.match };
  drawEnding();
  if (!resultDialog.open) resultDialog.showModal();
  byId("result-title").focus();
  announce(byId("result-title").textContent);
  loadBoard("result", client.match.mode);
}

function drawEnding() {
  if (!ending) return;
  if (ending.result) drawResult(ending.result, ending.seat, client.player.playerId);
  else drawAborted(ending.abortCode, ending.seat);
}

// ---- 연결

function showStatus({ status, attempt, error }) {
  byId("link").dataset.status = status;
  byId("link-text").textContent = text(`link.${status}`);
  if (status === "reconnecting") showReconnecting(attempt);
  if (status === "online") showBack();
  if (status === "offline") leaveEverything(error);
}

function leaveEverything(error) {
  hideBanner();
  if (!error) return;
  arena.close();
  clearInterval(queueTimer);
  goHome();
  showError(error);
}

// ---- 조립

client.on("status", showStatus);
client.on("queue.joined", showQueue);
client.on("queue.timeout", () => { goHome(); showNotice("queue.timeout"); });
client.on("queue.lost", (error) => { goHome(); showError(error); });
client.on("match.found", showFound);
client.on("match.start", showMatch);
client.on("match.result", (result) => showEnding({ result }));
client.on("match.aborted", ({ code }) => showEnding({ abortCode: code }));
client.on("error", showError);
for (const greeting of ["welcome", "resumed"]) {
  client.on(greeting, ({ gateway }) => { byId("link").title = gateway; });
}
client.on("latency", (latencyMs) => {
  byId("latency").textContent = text("match.latency", { latency: Math.max(1, Math.round(latencyMs)) });
});

form.addEventListener("submit", submitName);
form.addEventListener("change", (event) => {
  if (/** @type {HTMLInputElement} */ (event.target).name === "mode") loadBoard("lobby", chosenMode());
});
byId("cancel").addEventListener("click", cancelQueue);
byId("leave").addEventListener("click", concede);
byId("again").addEventListener("click", () => play(client.match.mode));
byId("home").addEventListener("click", goHome);
byId("banner-retry").addEventListener("click", () => client.retryNow());
resultDialog.addEventListener("cancel", (event) => { event.preventDefault(); goHome(); });
addEventListener("online", () => client.retryNow());
for (const button of marked("language")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}
onLanguage(() => {
  setEntering(playButton.disabled);
  byId("link-text").textContent = text(`link.${client.status}`);
  drawBoardAgain("lobby");
  drawBoardAgain("result");
  drawEnding();
});

nameInput.value = rememberedName();
applyLanguage();
show("lobby");
loadBoard("lobby", chosenMode());
if (wasPlaying()) comeBack();

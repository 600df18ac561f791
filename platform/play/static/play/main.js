/**
 * 화면의 흐름: 처음 -> 줄 -> 상대를 찾음 -> 판 -> 결과. 클라이언트의 사건을 화면으로 옮기는 조립의 자리다.
 */

import { HanpanClient } from "../hanpan/index.js";
import { Arena } from "./arena.js";
import { Boards } from "./boards.js";
import { byId } from "./elements.js";
import { Endings } from "./endings.js";
import { FoundScreen } from "./found.js";
import {
  become, findMyself, rememberMatch, rememberQueue, rememberSeen, rememberedQueue, sessionStore, whoAmI,
} from "./identity.js";
import { applyLanguage, language, marked, onLanguage, setLanguage, text } from "./language.js";
import { LinkStatus } from "./link_status.js";
import { Lobby } from "./lobby.js";
import { announce, hideNotice, showError, showNotice } from "./notices.js";
import { PracticeBot } from "./practice_bot.js";
import { QueueScreen } from "./queue_screen.js";
import { copyMatchId } from "./result.js";
import { currentScreen, show } from "./screens.js";

const CONCEDE_CONFIRM_MS = 3000;

const client = new HanpanClient({ baseUrl: location.origin, store: sessionStore });
const arena = new Arena(client);
const boards = new Boards(client);
const bot = new PracticeBot(client);
const queueScreen = new QueueScreen(client);
const foundScreen = new FoundScreen();
const endings = new Endings(client, { onShown: endMatch, boards });
const lobby = new Lobby({
  onPlay: (name, mode) => play(name, mode),
  onMode: (mode) => boards.load("lobby", mode),
});
new LinkStatus(client, { onLive: (isLive) => arena.setLive(isLive), onGivenUp: leaveEverything });

/** 로그인해 있는 나의 기기 번호. @type {string|null} */
let signedInAs = null;

// ---- 처음

function goHome() {
  queueScreen.close();
  foundScreen.close();
  lobby.settle();
  lobby.setEntering(false);
  show("lobby");
  boards.load("lobby", lobby.mode);
}

/** 그 이름의 선수로 로그인한다. 이미 그 선수면 아무 일도 없다(지난 토큰은 클라이언트가 스스로 다시 얻는다). */
async function signIn(name) {
  if (signedInAs !== null && signedInAs === whoAmI()?.deviceId && whoAmI().name === name) return;
  client.api.language = language();
  // 남긴 로그인이 있으면 그것으로, 없거나 통하지 않으면 기기 번호로 들어간다.
  await become(name, async ({ deviceId }) => (await client.restore()) ?? client.guest({ name, deviceId }));
  signedInAs = whoAmI().deviceId;
}

/** 그 이름의 선수로 붙는다. 다른 선수였으면 앞의 선수를 놓고 새로 붙는다. */
async function enter(name) {
  const before = client.player?.playerId;
  await signIn(name);
  if (before && before !== client.player.playerId) await client.disconnect();
  recallWhatWasLeft();
  await client.connect();
}

/** 끝을 보지 못한 판을 떠올린다: 살아 있으면 이어지고, 끝났으면 결과가 온다. */
function recallWhatWasLeft() {
  const { match } = whoAmI();
  if (match && client.match?.matchId !== match.matchId) client.recallMatch(match);
}

async function play(name, mode) {
  hideNotice();
  lobby.setEntering(true);
  try {
    await enter(name);
    lobby.settle();
    await client.joinQueue(mode);
  } catch (error) {
    if (error.code === "INVALID_ARGUMENT" && currentScreen() === "lobby") {
      lobby.refuseName(error.message);
      return;
    }
    goHome();
    showError(error);
  }
}

/** 새로고침했거나 떠났다 온 탭: 기다리던 줄과 두던 판으로 돌아간다. */
async function comeBack() {
  const me = await findMyself();
  lobby.draw();
  if (!me) return;
  const queue = waitNotOver(rememberedQueue());
  if (!me.match && !queue) {
    showMyRank(me.name);
    return;
  }
  lobby.setEntering(true, "lobby.coming_back");
  if (queue) {
    client.recallQueue(queue.mode);
    showQueue(queue);
  }
  try {
    await enter(me.name);
    await bot.comeBack();
  } catch (error) {
    showError(error);
  }
  lobby.setEntering(false);
}

/** 되살린 탭에 남은 옛 줄은 잇지 않는다. */
function waitNotOver(queue) {
  if (queue && queue.expiresAtMs > Date.now()) return queue;
  rememberQueue(null);
  return null;
}

/** 돌아온 나의 등수를 처음부터 보인다. 로그인하지 못하면 등수만 없을 뿐이고, 시작할 때 다시 한다. */
async function showMyRank(name) {
  try {
    await signIn(name);
  } catch {
    return;
  }
  boards.load("lobby", lobby.mode);
}

// ---- 줄

function queueJoined({ mode, ticket_id: ticketId, expires_in_ms: expiresInMs }) {
  const before = rememberedQueue();
  const nowMs = Date.now();
  // 그만둔 적이 없으면(적어 둔 줄이 있으면) 이어서 기다리는 것이다. 창은 대기표의 나이를 따른다.
  const sinceMs = before?.mode === mode ? before.sinceMs : nowMs;
  const ticketSinceMs = before?.ticketId === ticketId ? before.ticketSinceMs : nowMs;
  const queue = { mode, ticketId, sinceMs, ticketSinceMs, expiresAtMs: nowMs + expiresInMs };
  rememberQueue(queue);
  showQueue(queue);
}

function showQueue(queue) {
  queueScreen.open(queue);
  if (currentScreen() !== "queue") show("queue");
}

function leaveQueue(noticeKey) {
  rememberQueue(null);
  bot.dismiss();
  goHome();
  if (noticeKey) showNotice(noticeKey);
}

async function cancelQueue() {
  try {
    await client.cancelQueue();
  } catch (error) {
    // 그 사이 판을 찾았거나 끊겨 줄에서 빠졌다면, 나오려던 뜻은 이미 이루어졌거나 늦었다.
    if (error.code !== "NOT_QUEUED" && error.code !== "DISCONNECTED") showError(error);
  }
  if (currentScreen() === "queue") leaveQueue(null);
}

async function callBot() {
  queueScreen.sayBot("bot.coming", false);
  try {
    await bot.call(rememberedQueue().mode);
  } catch (error) {
    queueScreen.sayBot("bot.failed", true);
    showError(error);
  }
}

// ---- 판

function showFound({ match_id: matchId, mode, players }) {
  rememberQueue(null);
  rememberMatch({ matchId, mode, players });
  hideNotice();
  queueScreen.close();
  lobby.setEntering(false);
  const names = foundScreen.open(players, client.player.playerId);
  show("found");
  announce(`${text("found.title")}: ${names}`);
}

/** 판이 열렸다. 틱이 돌기까지는 상대와 남은 시간을 보인다. */
function openMatch({ starts_in_ms: startsInMs }) {
  arena.open();
  if (startsInMs > 0) foundScreen.countDown(client.match.startsAtMs);
  else showMatch();
}

function showMatch() {
  foundScreen.close();
  show("match");
  announce(text("match.started"));
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

/** 판을 떠났다. 둘의 판은 곧 결과가 온다. 여럿의 판은 내가 없어도 이어지고 나는 자유다. */
function leftMatch({ match_id: matchId }) {
  if (client.match?.matchId === matchId && client.match.players.length === 2) return;
  arena.close();
  goHome();
  showNotice("match.left");
}

function setConcedeText(key) {
  byId("leave").dataset.text = key;
  byId("leave").textContent = text(key);
}

function endMatch(matchId) {
  rememberSeen(matchId);
  rememberQueue(null);
  queueScreen.close();
  foundScreen.close();
  lobby.setEntering(false);
  arena.close();
}

// ---- 연결이 끝남

/** 다시 붙지 않는다. 까닭이 있으면 말한다. */
function leaveEverything(error) {
  // 통하지 않는 로그인은 버린다: 다음에는 기기 번호로 들어간다.
  if (error.code === "UNAUTHENTICATED") {
    sessionStore.clear();
    signedInAs = null;
  }
  rememberQueue(null);
  bot.dismiss();
  arena.close();
  goHome();
  showError(error);
}

// ---- 조립

client.on("queue.joined", queueJoined);
client.on("queue.timeout", () => leaveQueue("queue.timeout"));
client.on("queue.cancelled", ({ re }) => { if (re === undefined) leaveQueue("queue.cancelled_elsewhere"); });
client.on("queue.lost", (error) => { leaveQueue(null); showError(error); });
client.on("match.found", showFound);
client.on("match.start", openMatch);
client.on("state", ({ tick }) => { if (tick > 0 && currentScreen() === "found") showMatch(); });
client.on("match.result", (result) => endings.result(result));
client.on("match.left", leftMatch);
client.on("match.aborted", ({ match_id: matchId, code }) => endings.aborted(matchId, code));
client.on("error", showError);
client.on("latency", (latencyMs) => {
  byId("latency").textContent = text("match.latency", { latency: Math.max(1, Math.round(latencyMs)) });
});

byId("cancel").addEventListener("click", cancelQueue);
byId("call-bot").addEventListener("click", callBot);
byId("leave").addEventListener("click", concede);
byId("result-copy").addEventListener("click", copyMatchId);
byId("again").addEventListener("click", () => play(whoAmI().name, endings.mode ?? lobby.mode));
byId("home").addEventListener("click", goHome);
byId("result").addEventListener("cancel", (event) => { event.preventDefault(); goHome(); });
byId("with-bots").addEventListener("change", ({ target }) => {
  boards.withBots = /** @type {HTMLInputElement} */ (target).checked;
  boards.load("lobby", lobby.mode);
});
for (const button of marked("language")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}
onLanguage(() => {
  client.api.language = language();
  boards.draw("lobby");
  boards.draw("result");
});

applyLanguage();
show("lobby");
boards.load("lobby", lobby.mode);
comeBack();

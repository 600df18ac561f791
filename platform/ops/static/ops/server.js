/* 서버 하나: 칸들과 드레인의 진행을 살아 있게 한다. 뜻이 바뀌면 폼이 달라지므로 쪽을 다시 연다. */

import { watchLive } from "./live.js";
import { counted } from "./plural.js";
import { fillServer, seconds } from "./server_fields.js";

const card = document.getElementById("server");
const progress = document.getElementById("progress");
const bar = document.getElementById("progress-bar");
const text = document.getElementById("progress-text");
const stateNames = document.getElementById("state-names").dataset;
const wasIntended = !progress.hidden;
let most = Number(card.dataset.matches);

watchLive((reading) => {
  // 이 쪽을 그리기 전에 잰 것은 시킨 일을 모른다: 방금 바꾼 것이 되돌아간 듯 보이게 하지 않는다.
  if (!reading.servers || reading.at_ms < Number(card.dataset.atMs)) return;
  const server = reading.servers.find((each) => each.server_id === card.dataset.server);
  if (!server || server.state === "lost") {
    if (wasIntended) tell(text.dataset.textGone, 0);
    return;
  }
  fillServer(card, server, stateNames, reading.at_ms < Number(card.dataset.reopeningUntilMs));
  if (server.drain_intended !== wasIntended && !typing()) location.reload();
  if (server.drain_intended) show(server);
});

function show(server) {
  const matches = Math.max(server.load, server.running);
  most = Math.max(most, matches);
  if (server.state === "drained") {
    tell(text.dataset.textEmpty, 0);
    return;
  }
  const grace = server.drain_left_ms === null ? "–" : seconds(server.drain_left_ms);
  const line = counted(text.dataset, "textWaiting", matches)
    .replace("{matches}", matches)
    .replace("{longest}", seconds(server.longest_left_ms))
    .replace("{grace}", grace);
  tell(line, matches);
}

function tell(line, left) {
  bar.max = Math.max(1, most);
  bar.value = bar.max - Math.min(left, bar.max);
  if (text.textContent !== line) text.textContent = line;
}

/** 적고 있는 까닭을 잃게 하지 않는다. */
function typing() {
  return [...document.querySelectorAll('.order input:not([type="hidden"])')].some((input) => input.value && input.type !== "checkbox");
}

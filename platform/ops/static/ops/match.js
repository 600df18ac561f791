/* 도는 판: 1초마다 새로 보이고, MariaDB가 끝을 알면 끝난 판의 쪽이 된다. */

import { keepFresh } from "./refresh.js";

const EVERY_MS = 1_000;
const said = document.getElementById("said");

keepFresh("match", EVERY_MS, {
  isDone: (found) => !("live" in found.dataset),
  onDone: () => { said.textContent = said.dataset.textOver; },
});

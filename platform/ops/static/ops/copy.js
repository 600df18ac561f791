/* 번호를 옮겨 적는 단추. */

import { copyText } from "../front/clipboard.js";

const DONE_MS = 2_000;
const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(said);

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button.copy");
  if (!button || !(await copyText(button.dataset.copy, document.body))) return;
  const icon = button.querySelector(".icon");
  icon.textContent = "check";
  said.textContent = `${button.dataset.done} ${button.dataset.copy}`;
  setTimeout(() => {
    icon.textContent = "content_copy";
    said.textContent = "";
  }, DONE_MS);
});

/* 번호를 옮겨 적는 단추. http로 연 쪽이나 허락이 없는 브라우저에서는 보이지 않는 칸을 골라 옮긴다. */

const DONE_MS = 2_000;
const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(said);

async function copy(text) {
  if (globalThis.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // 허락하지 않았다. 아래의 길로 간다.
    }
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button.copy");
  if (!button || !(await copy(button.dataset.copy))) return;
  const icon = button.querySelector(".icon");
  icon.textContent = "check";
  said.textContent = `${button.dataset.done} ${button.dataset.copy}`;
  setTimeout(() => {
    icon.textContent = "content_copy";
    said.textContent = "";
  }, DONE_MS);
});

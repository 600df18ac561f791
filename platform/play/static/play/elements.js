/** 화면 조각을 만드는 함수들. 글은 언제나 텍스트로만 넣는다(남의 이름이 코드가 되지 않게). */

import { text } from "./language.js";

/** id로 찾는다. 없으면 틀과 코드가 어긋난 것이므로 곧바로 드러낸다. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id}가 없다`);
  return found;
}

/**
 * 요소를 만든다.
 * @param {string} tag "td.num"처럼 클래스를 붙일 수 있다
 * @param {(Node|string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  made.className = classes.join(" ");
  made.append(...children);
  return made;
}

/** 표의 머리. @param {string[]} keys 칸마다의 글의 열쇠 */
export function tableHead(keys) {
  const cells = keys.map((key) => {
    const cell = element("th", text(key));
    cell.setAttribute("scope", "col");
    return cell;
  });
  return element("thead", element("tr", ...cells));
}

/** 표의 이름 칸. 나, 봇, 포기한 이에게는 표시를 단다. */
export function nameCell(name, { isMe = false, isBot = false, hasConceded = false } = {}) {
  const content = element("div", element("span", name));
  if (isMe) content.append(element("em", text("board.me")));
  if (isBot) content.append(botMark());
  if (hasConceded) content.append(element("em.plain", text("result.conceded_mark")));
  return element("td.name", content);
}

/** 봇이라는 표시. */
export function botMark() {
  return element("em.plain", text("board.bot"));
}

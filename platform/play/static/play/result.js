/** 판의 끝: 이겼는지, 등수와 별, 레이팅이 얼마나 오르내렸는지. */

import { byId, element, nameCell, tableHead } from "./elements.js";
import { hasText, text } from "./language.js";
import { changeText, headline } from "./scoring.js";

const SHOWN = 8;
const COLUMNS = ["result.place_column", "board.name", "result.score", "result.change"];

/** 끝난 판을 그린다. @param {{status: string, results: any[]}} result */
export function drawResult(result, seat, myId) {
  const { key, values } = headline(result.results, myId);
  const mine = result.results.find((row) => row.player_id === myId);
  drawHead(seat, text(key, values), mine ? ratingNote(mine) : "");
  byId("result").dataset.outcome = mine?.place === 1 ? "win" : "other";
  byId("result-rows").replaceChildren(tableOf(result.results, seat, myId));
}

function ratingNote(row) {
  const change = changeText(row);
  if (change === "") return "";
  return text("result.rating", { before: Math.round(row.rating_before), after: Math.round(row.rating_after), change });
}

/** 중단된 판을 그린다. @param {string} code 계약의 중단 코드 */
export function drawAborted(code, seat) {
  const reason = text(hasText(`abort.${code}`) ? `abort.${code}` : "abort.other");
  drawHead(seat, text("result.aborted"), text("result.aborted_note", { reason }));
  byId("result").dataset.outcome = "aborted";
  byId("result-rows").replaceChildren();
}

function drawHead(seat, title, note) {
  byId("result-kicker").textContent = text("result.kicker", { mode: text(`mode.${seat.mode}`) });
  byId("result-title").textContent = title;
  byId("result-note").textContent = note;
}

function tableOf(results, seat, myId) {
  const shown = results.slice(0, SHOWN);
  const mine = results.slice(SHOWN).find((row) => row.player_id === myId);
  const names = new Map(seat.players.map(({ player_id: id, name }) => [id, name]));
  const rows = [...shown, ...(mine ? [mine] : [])].map((row) => rowOf(row, names, myId));
  return element("table.rows", tableHead(COLUMNS), element("tbody", ...rows));
}

function rowOf(row, names, myId) {
  const isMe = row.player_id === myId;
  const change = changeText(row);
  const direction = change.startsWith("+") ? "up" : change.startsWith("−") ? "down" : "same";
  const after = row.rating_after == null ? "" : String(Math.round(row.rating_after));
  return element(
    isMe ? "tr.me" : "tr",
    element("td.rank", String(row.place)),
    nameCell(names.get(row.player_id) ?? "?", isMe),
    element("td.num", String(row.score)),
    element("td.num", element("span.after", after), " ", element(`b.change.${direction}`, change)),
  );
}

/** 판의 끝: 이겼는지, 등수와 별, 레이팅이 얼마나 오르내렸는지. 중단된 판이면 까닭과 레이팅이 어떻게 되는지. */

import { copyText } from "../front/clipboard.js";
import { byId, element, nameCell, tableHead } from "./elements.js";
import { hasText, text } from "./language.js";
import { announce } from "./notices.js";
import { changeText, headline } from "./scoring.js";

const SHOWN = 8;
const COLUMNS = ["result.place_column", "board.name", "result.score", "result.change"];

/**
 * @typedef {object} Ending
 * @property {string} matchId
 * @property {string|null} mode
 * @property {{player_id: string, name: string, is_bot?: boolean}[]} players 이름을 아는 이들
 * @property {boolean} hasLeft 내가 기권을 눌렀다
 * @property {any[]|null} results 중단된 판이면 null
 * @property {string|null} abortCode
 * @property {boolean} wasAway 떠나 있던 사이에 끝난 판이다
 */

/** 끝을 그린다. @param {Ending} ending @param {{playerId: string, name: string}} me */
export function drawEnding(ending, me) {
  const kicker = ending.wasAway ? "result.missed_kicker" : "result.kicker";
  byId("result-kicker").textContent = text(kicker, { mode: text(ending.mode ? `mode.${ending.mode}` : "match.title") });
  if (ending.results) drawResult(ending, me);
  else drawAborted(ending.abortCode);
  drawMatchId(ending.matchId);
}

/** 판의 번호: 누르면 API의 답이 새 탭에 열리고, 옆의 단추가 번호를 옮겨 적는다. */
function drawMatchId(matchId) {
  const link = byId("result-match");
  link.textContent = matchId;
  link.href = `/api/v1/matches/${matchId}`;
  byId("result-copy").textContent = text("result.copy");
}

/** 번호를 옮기고 그렇다고 말한다. 옮기지 못했으면 글을 골라 두어 손으로 옮길 수 있다. */
export async function copyMatchId() {
  const link = byId("result-match");
  if (await copyText(link.textContent, link.parentElement)) {
    byId("result-copy").textContent = text("result.copied");
    announce(text("result.copied"));
  } else {
    getSelection()?.selectAllChildren(link);
  }
}

function drawResult(ending, me) {
  const { key, values, noteKey, isWin } = headline(ending.results, me.playerId, ending.hasLeft);
  const mine = ending.results.find((row) => row.player_id === me.playerId);
  const notes = [noteKey ? text(noteKey) : "", mine ? ratingNote(mine) : ""].filter(Boolean);
  drawHead(text(key, values), notes, isWin ? "win" : "other");
  byId("result-rows").replaceChildren(tableOf(ending, me));
}

function ratingNote(row) {
  const change = changeText(row);
  if (change === "") return "";
  return text("result.rating", { before: Math.round(row.rating_before), after: Math.round(row.rating_after), change });
}

/** @param {string|null} code 계약의 중단 코드 */
function drawAborted(code) {
  const reason = text(hasText(`abort.${code}`) ? `abort.${code}` : "abort.other");
  drawHead(text("result.aborted"), [reason, text("result.aborted_note")], "aborted");
  byId("result-rows").replaceChildren();
}

function drawHead(title, notes, outcome) {
  byId("result-title").textContent = title;
  byId("result-note").replaceChildren(...notes.map((note) => element("span", note)));
  byId("result").dataset.outcome = outcome;
}

function tableOf({ results, players }, me) {
  const shown = results.slice(0, SHOWN);
  const mine = results.slice(SHOWN).find((row) => row.player_id === me.playerId);
  const known = new Map([[me.playerId, me], ...players.map((player) => [player.player_id, player])]);
  const rows = [...shown, ...(mine ? [mine] : [])].map((row) => rowOf(row, known.get(row.player_id), me.playerId));
  return element("table.rows", tableHead(COLUMNS), element("tbody", ...rows));
}

function rowOf(row, player, myId) {
  const isMe = row.player_id === myId;
  const change = changeText(row);
  const direction = change.startsWith("+") ? "up" : change.startsWith("−") ? "down" : "same";
  const after = row.rating_after == null ? "" : String(Math.round(row.rating_after));
  const name = player?.name ?? text("result.someone");
  return element(
    isMe ? "tr.me" : "tr",
    element("td.rank", String(row.place)),
    nameCell(name, { isMe, isBot: Boolean(player?.is_bot), hasConceded: Boolean(row.conceded) }),
    element("td.num", String(row.score)),
    element("td.num", element("span.after", after), " ", element(`b.change.${direction}`, change)),
  );
}

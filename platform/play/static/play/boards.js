/** 두 자리(처음, 결과)의 순위표를 읽고 그린다. 나의 둘레도 함께 읽어, 백 등 밖의 나도 보인다. */

import { drawBoard, drawBoardNote } from "./board.js";
import { SHOWN } from "./board_rows.js";
import { byId } from "./elements.js";
import { text } from "./language.js";

/** @typedef {{mode: string, entries: {top: any[], around: any[]}|null, note: string|null}} Board */

/** 순위표 두 자리. */
export class Boards {
  /** @type {Map<string, Board>} */
  #boards = new Map();

  /** @param {import("../hanpan/client.js").HanpanClient} client */
  constructor(client) {
    this.client = client;
    this.withBots = false;
  }

  /** 읽어서 그린다. 그 사이 다른 모드를 골랐으면 버린다. @param {"lobby"|"result"} place @param {string} mode */
  async load(place, mode) {
    const board = { mode, entries: null, note: "board.loading" };
    this.#boards.set(place, board);
    this.draw(place);
    try {
      const [{ entries: top }, around] = await Promise.all([
        this.client.api.leaderboard(mode, { limit: SHOWN, includeBots: this.withBots }),
        this.#aroundMe(mode),
      ]);
      Object.assign(board, { entries: { top, around }, note: null });
    } catch {
      board.note = "board.failed";
    }
    if (this.#boards.get(place) === board) this.draw(place);
  }

  /** 다시 그린다(언어가 바뀌었다). */
  draw(place) {
    const board = this.#boards.get(place);
    if (!board) return;
    byId(`${place}-board-mode`).textContent = text(`mode.${board.mode}`);
    const container = byId(`${place}-board`);
    if (board.entries) drawBoard(container, board.entries, this.client.player?.playerId ?? null);
    else drawBoardNote(container, board.note);
  }

  /** 아직 아무도 아니거나 둔 적이 없는 모드에는 둘레가 없다. */
  async #aroundMe(mode) {
    if (!this.client.player) return [];
    const { entries } = await this.client.authorized((token) => this.client.api.aroundMe(token, mode, { includeBots: this.withBots }));
    return entries;
  }
}

/**
 * 도는 판의 화면: 클라이언트의 세계를 읽어 마당과 숫자판에 옮기고, 손의 방향을 클라이언트에 넘긴다.
 */

import { Controls } from "./controls.js";
import { byId } from "./elements.js";
import { Field } from "./field.js";
import { Hud } from "./hud.js";
import { TickClock, Trails } from "./motion.js";
import { colorOf } from "./palette.js";

const PLAYER = 0;

/** 판 하나를 보이고 조종한다. */
export class Arena {
  #client;
  #field = new Field(/** @type {HTMLCanvasElement} */ (byId("field")));
  #hud = new Hud();
  #controls;
  #clock = new TickClock(50);
  #trails = new Trails();
  #scores = new Map();
  #players = new Map();
  #frameRequest = 0;

  /** @param {import("../hanpan/client.js").HanpanClient} client */
  constructor(client) {
    this.#client = client;
    this.#controls = new Controls(byId("match"), byId("stick"), (direction) => client.setInput(direction));
    client.on("state", (world) => this.#tick(world));
  }

  /** 판이 시작되었다. */
  open() {
    const { match } = this.#client;
    this.#clock = new TickClock(1000 / match.tickRateHz);
    this.#trails = new Trails();
    this.#scores = new Map();
    this.#players = new Map(match.players.map((player) => [player.player_id, player]));
    this.#field.reset();
    this.#hud.reset();
    this.#controls.setActive(true);
    cancelAnimationFrame(this.#frameRequest);
    this.#frameRequest = requestAnimationFrame(() => this.#draw());
  }

  /** 지금 보이는 것이 서버의 지금인가. 아니면 시계가 멈춘 것을 보인다. */
  setLive(isLive) {
    this.#hud.setLive(isLive);
  }

  /** 판이 끝났다. 마지막 모습은 남겨 둔다. */
  close() {
    this.#controls.setActive(false);
    cancelAnimationFrame(this.#frameRequest);
  }

  #tick(world) {
    const nowMs = performance.now();
    this.#clock.arrived(world.tick, nowMs);
    const players = playersOf(world);
    this.#trails.record(world.tick, players);
    for (const { id, x, y, slot, score, playerId } of players) {
      const before = this.#scores.get(id);
      if (before !== undefined && score > before) this.#field.pop(x, y, colorOf(slot, this.#isMe(playerId)), nowMs);
      this.#scores.set(id, score);
    }
  }

  #isMe(playerId) {
    return playerId === this.#client.player.playerId;
  }

  #draw() {
    this.#frameRequest = requestAnimationFrame(() => this.#draw());
    const { world, setup } = this.#client.match;
    if (!world || world.tick < 0) return;
    const nowMs = performance.now();
    const serverTick = this.#clock.tickAt(nowMs);
    const players = playersOf(world).map((player) => ({
      ...player,
      ...this.#trails.at(player.id, serverTick),
      name: this.#players.get(player.playerId)?.name ?? "",
      isBot: Boolean(this.#players.get(player.playerId)?.is_bot),
      isMe: this.#isMe(player.playerId),
    }));
    const stars = entitiesOf(world).filter(({ kind }) => kind !== PLAYER);
    this.#field.draw({ edge: setup.edge, players, stars }, nowMs);
    const leftMs = Math.max(0, setup.duration_ms - serverTick * this.#clock.tickMs);
    this.#hud.draw(players, leftMs, setup.duration_ms);
  }
}

/** @returns {any[]} 세계의 모든 엔티티. 칸은 schema가 정한다. */
function entitiesOf(world) {
  return [...world.entities.values()];
}

function playersOf(world) {
  return entitiesOf(world).filter(({ kind }) => kind === PLAYER);
}

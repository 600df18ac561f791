/**
 * 마당을 캔버스에 그린다: 별, 선수, 이름, 주운 자리의 반짝임, 큰 마당의 작은 지도.
 *
 * 세계를 바꾸지 않으며, 게임의 말도 모른다. 무엇을 그릴지는 scene이 준다.
 */

import { viewOf } from "./camera.js";
import { EDGE, GRID, GROUND, INK, NAME, STAR, colorOf } from "./palette.js";

const PLAYER_RADIUS = 1.25;
/** 별과 그 빛의 반지름(칸). */
const STAR_REACH = 1.75;
const GRID_STEP = 4;
/** 그림이 자리에서 벗어나는 가장 큰 거리(칸). 이보다 먼 것은 그리지 않는다. */
const SPRITE_REACH = 3;
const POP_MS = 600;
const FONT = '"Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "NanumGothic", system-ui, sans-serif';

/**
 * @typedef {{id: number, x: number, y: number, slot: number, name: string, isMe: boolean}} DrawnPlayer
 * @typedef {object} Scene
 * @property {number} edge 마당 한 변(칸)
 * @property {DrawnPlayer[]} players
 * @property {{id: number, x: number, y: number}[]} stars
 */

/** 캔버스 하나의 그림. */
export class Field {
  #pops = [];
  #sprite = null;
  /** 지금 그리는 화면. @type {import("./camera.js").View} */
  #view;
  /** 한 칸의 픽셀 수. */
  #scale = 1;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)");
    this.size = 0;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.#fit();
  }

  /** 별을 주운 자리에 "+1"을 띄운다. */
  pop(x, y, color, nowMs) {
    if (!this.isCalm.matches) this.#pops.push({ x, y, color, startMs: nowMs });
  }

  /** 새 판: 지난 판의 자취를 지운다. */
  reset() {
    this.#pops = [];
  }

  /** @param {Scene} scene @param {number} nowMs */
  draw(scene, nowMs) {
    // 숨어 있던 캔버스는 보이고 나서야 크기를 안다.
    if (this.size === 0) this.#fit();
    if (this.size === 0) return;
    const me = scene.players.find((player) => player.isMe) ?? { x: scene.edge / 2, y: scene.edge / 2 };
    this.#view = viewOf(scene.edge, me);
    this.#scale = this.size / this.#view.size;
    this.#paintBackground();
    this.#drawGround(scene.edge);
    for (const star of scene.stars) if (this.#isNear(star)) this.#drawStar(star, nowMs);
    // 내가 남에게 가리지 않게 마지막에 그린다.
    const players = scene.players.filter((player) => this.#isNear(player)).sort((a, b) => Number(a.isMe) - Number(b.isMe));
    for (const player of players) this.#drawPlayer(player, nowMs);
    this.#drawPops(nowMs);
    if (!this.#view.isWhole) this.#drawMap(scene);
  }

  #paintBackground() {
    const { context } = this;
    const [view, scale] = [this.#view, this.#scale];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = INK;
    context.fillRect(0, 0, this.size, this.size);
    context.setTransform(scale, 0, 0, scale, -view.left * scale, -view.top * scale);
  }

  #isNear({ x, y }) {
    const { left, top, size } = this.#view;
    return x > left - SPRITE_REACH && y > top - SPRITE_REACH && x < left + size + SPRITE_REACH && y < top + size + SPRITE_REACH;
  }

  #fit() {
    const ratio = devicePixelRatio || 1;
    const size = Math.round(this.canvas.clientWidth * ratio);
    if (!size || size === this.size) return;
    this.size = size;
    this.canvas.width = size;
    this.canvas.height = size;
    this.#sprite = starSprite(Math.ceil(size / 12));
  }

  #drawGround(edge) {
    const { context } = this;
    const [view, scale] = [this.#view, this.#scale];
    context.beginPath();
    context.roundRect(-1.2, -1.2, edge + 2.4, edge + 2.4, 1.6);
    context.fillStyle = GROUND;
    context.fill();
    context.lineWidth = 2 / scale;
    context.strokeStyle = EDGE;
    context.stroke();
    context.fillStyle = GRID;
    const dot = 2.2 / scale;
    const first = (low) => Math.max(0, Math.ceil(low / GRID_STEP) * GRID_STEP);
    for (let x = first(view.left); x <= Math.min(edge, view.left + view.size); x += GRID_STEP) {
      for (let y = first(view.top); y <= Math.min(edge, view.top + view.size); y += GRID_STEP) {
        context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
      }
    }
  }

  #drawStar({ id, x, y }, nowMs) {
    const twinkle = this.isCalm.matches ? 1 : 1 + 0.1 * Math.sin(nowMs / 320 + id * 1.7);
    const reach = STAR_REACH * twinkle;
    this.context.drawImage(this.#sprite, x - reach, y - reach, reach * 2, reach * 2);
  }

  #drawPlayer(player, nowMs) {
    const { context } = this;
    const color = colorOf(player.slot, player.isMe);
    if (player.isMe) this.#drawHalo(player, color, nowMs);
    context.beginPath();
    context.arc(player.x, player.y, PLAYER_RADIUS, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.lineWidth = 0.22;
    context.strokeStyle = player.isMe ? "#ffffff" : "rgb(10 13 26 / 70%)";
    context.stroke();
    this.#drawName(player);
  }

  #drawHalo({ x, y }, color, nowMs) {
    const { context } = this;
    const breath = this.isCalm.matches ? 0.5 : 0.5 + 0.5 * Math.sin(nowMs / 400);
    context.beginPath();
    context.arc(x, y, PLAYER_RADIUS + 0.75 + 0.15 * breath, 0, 2 * Math.PI);
    context.lineWidth = 0.16;
    context.strokeStyle = color;
    context.globalAlpha = 0.45 + 0.3 * breath;
    context.stroke();
    context.globalAlpha = 1;
  }

  /** 이름은 마당의 눈금이 아니라 화면의 픽셀로 그린다(작은 화면에서도 읽히게). */
  #drawName({ x, y, name, isMe }) {
    const { context } = this;
    const [view, scale] = [this.#view, this.#scale];
    const ratio = devicePixelRatio || 1;
    const above = y - view.top > 4.5;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.font = `${isMe ? 700 : 500} ${Math.round(12 * ratio)}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3 * ratio;
    context.strokeStyle = "rgb(10 13 26 / 85%)";
    context.fillStyle = isMe ? "#ffffff" : NAME;
    const half = context.measureText(name).width / 2;
    const textX = Math.min(Math.max((x - view.left) * scale, half + 4), this.size - half - 4);
    const textY = (y - view.top) * scale + (above ? -1 : 1) * ((PLAYER_RADIUS + (isMe ? 0.9 : 0)) * scale + 11 * ratio);
    context.strokeText(name, textX, textY);
    context.fillText(name, textX, textY);
    context.restore();
  }

  #drawPops(nowMs) {
    const { context } = this;
    this.#pops = this.#pops.filter(({ startMs }) => nowMs - startMs < POP_MS);
    for (const { x, y, color, startMs } of this.#pops) {
      const share = (nowMs - startMs) / POP_MS;
      context.globalAlpha = 1 - share;
      context.beginPath();
      context.arc(x, y, 1 + share * 2.6, 0, 2 * Math.PI);
      context.lineWidth = 2.5 / this.#scale;
      context.strokeStyle = color;
      context.stroke();
      context.globalAlpha = 1;
    }
  }

  #drawMap({ edge, players, stars }) {
    const { context } = this;
    const view = this.#view;
    const size = this.size * 0.2;
    const unit = size / edge;
    const gap = this.size * 0.02;
    context.setTransform(unit, 0, 0, unit, this.size - size - gap, gap);
    context.fillStyle = "rgb(10 13 26 / 78%)";
    context.fillRect(0, 0, edge, edge);
    context.lineWidth = 1.5 / unit;
    context.strokeStyle = EDGE;
    context.strokeRect(0, 0, edge, edge);
    context.fillStyle = STAR;
    const dot = 1.6 / unit;
    for (const { x, y } of stars) context.fillRect(x - dot / 2, y - dot / 2, dot, dot);
    for (const player of players) {
      const reach = (player.isMe ? 4 : 2.4) / unit;
      context.fillStyle = colorOf(player.slot, player.isMe);
      context.fillRect(player.x - reach / 2, player.y - reach / 2, reach, reach);
    }
    context.strokeStyle = "rgb(255 255 255 / 55%)";
    const [left, top] = [Math.max(0, view.left), Math.max(0, view.top)];
    context.strokeRect(left, top, Math.min(view.size, edge - left), Math.min(view.size, edge - top));
  }
}

/** 빛나는 별 하나를 미리 그려 둔다. 틱마다 그림자를 계산하지 않기 위해서다. */
function starSprite(size) {
  const sprite = document.createElement("canvas");
  sprite.width = size;
  sprite.height = size;
  const context = sprite.getContext("2d");
  const center = size / 2;
  const glow = context.createRadialGradient(center, center, 0, center, center, center);
  glow.addColorStop(0, "rgb(255 209 102 / 55%)");
  glow.addColorStop(0.45, "rgb(255 209 102 / 16%)");
  glow.addColorStop(1, "rgb(255 209 102 / 0%)");
  context.fillStyle = glow;
  context.fillRect(0, 0, size, size);
  context.translate(center, center);
  context.beginPath();
  for (let corner = 0; corner < 10; corner += 1) {
    const reach = (corner % 2 ? 0.19 : 0.4) * size * 0.98;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    context.lineTo(Math.cos(angle) * reach, Math.sin(angle) * reach);
  }
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = size * 0.05;
  context.strokeStyle = STAR;
  context.fillStyle = STAR;
  context.stroke();
  context.fill();
  return sprite;
}

/** 마당의 색: 나는 언제나 같은 색이고, 다른 선수는 자리 번호로 정해진다. */

const OTHERS = ["#ff7d8f", "#7aa8ff", "#c58bff", "#ffab6b", "#5fd0e6", "#ff8fd0", "#b8d96b", "#a3a9c9"];

export const MINE = "#5ce6b0";
export const STAR = "#ffd166";
export const INK = "#0a0d1a";
export const GROUND = "#121730";
export const GRID = "#1e2547";
export const EDGE = "#39437a";
export const NAME = "#e8ebff";

/** 선수의 색. @param {number} slot @param {boolean} isMe */
export function colorOf(slot, isMe) {
  return isMe ? MINE : OTHERS[slot % OTHERS.length];
}

/**
 * 마당의 어디를 얼마나 크게 볼지. 작은 마당은 통째로, 큰 마당은 나를 따라가며 본다. 순수하다.
 */

const WIDEST_VIEW = 60;
/** 가장자리에 선 선수의 몸과 이름이 잘리지 않을 여백(칸). */
const MARGIN = 2.5;

/**
 * @typedef {object} View
 * @property {number} left 보이는 왼쪽 끝(칸)
 * @property {number} top
 * @property {number} size 보이는 한 변(칸)
 * @property {boolean} isWhole 마당이 다 보이는가
 */

/**
 * @param {number} edge 마당 한 변(칸)
 * @param {{x: number, y: number}} me
 * @returns {View}
 */
export function viewOf(edge, me) {
  const whole = edge + 2 * MARGIN;
  if (whole <= WIDEST_VIEW) return { left: -MARGIN, top: -MARGIN, size: whole, isWhole: true };
  const clamp = (center) => Math.min(Math.max(center - WIDEST_VIEW / 2, -MARGIN), edge + MARGIN - WIDEST_VIEW);
  return { left: clamp(me.x), top: clamp(me.y), size: WIDEST_VIEW, isWhole: false };
}

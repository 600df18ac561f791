/**
 * 손에서 방향으로: 화살표와 WASD, 그리고 화면을 누른 채 끄는 손가락. 방향은 -1, 0, 1의 짝이다.
 */

const KEYS = {
  ArrowUp: [0, -1], KeyW: [0, -1],
  ArrowDown: [0, 1], KeyS: [0, 1],
  ArrowLeft: [-1, 0], KeyA: [-1, 0],
  ArrowRight: [1, 0], KeyD: [1, 0],
};
const DEAD_ZONE_PX = 12;
const STICK_REACH_PX = 44;

/**
 * 끈 거리를 여덟 방향으로 바꾼다.
 * @param {number} x
 * @param {number} y
 * @returns {{dx: number, dy: number}}
 */
export function directionOf(x, y) {
  if (Math.hypot(x, y) < DEAD_ZONE_PX) return { dx: 0, dy: 0 };
  const eighth = Math.round(Math.atan2(y, x) / (Math.PI / 4));
  const angle = (eighth * Math.PI) / 4;
  return { dx: Math.round(Math.cos(angle)), dy: Math.round(Math.sin(angle)) };
}

/** 켜져 있는 동안 방향이 바뀔 때마다 알린다. */
export class Controls {
  #held = new Map();
  #origin = null;
  #isActive = false;

  /**
   * @param {HTMLElement} surface 손가락이 닿는 곳
   * @param {HTMLElement} stick 손가락 밑의 조이스틱 그림
   * @param {(direction: {dx: number, dy: number}) => void} onDirection
   */
  constructor(surface, stick, onDirection) {
    this.surface = surface;
    this.stick = stick;
    this.onDirection = onDirection;
    addEventListener("keydown", (event) => this.#keyDown(event));
    addEventListener("keyup", (event) => this.#keyUp(event));
    addEventListener("blur", () => this.#release());
    surface.addEventListener("pointerdown", (event) => this.#press(event));
    surface.addEventListener("pointermove", (event) => this.#drag(event));
    for (const type of ["pointerup", "pointercancel"]) surface.addEventListener(type, () => this.#lift());
  }

  setActive(isActive) {
    this.#isActive = isActive;
    this.#held.clear();
    this.#lift();
  }

  #keyDown(event) {
    if (!this.#isActive || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.code]) return;
    event.preventDefault();
    this.#held.set(event.code, KEYS[event.code]);
    this.#tellKeys();
  }

  #keyUp(event) {
    if (this.#held.delete(event.code)) this.#tellKeys();
  }

  /** 창을 떠나면 keyup이 오지 않는다: 모두 놓은 것으로 친다. */
  #release() {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#tellKeys();
  }

  #tellKeys() {
    const vectors = [...this.#held.values()];
    const sum = (axis) => Math.sign(vectors.reduce((total, vector) => total + vector[axis], 0));
    this.onDirection({ dx: sum(0), dy: sum(1) });
  }

  #press(event) {
    if (!this.#isActive || !event.isPrimary || event.target.closest("button")) return;
    event.preventDefault();
    this.surface.setPointerCapture(event.pointerId);
    this.#origin = { x: event.clientX, y: event.clientY };
    const box = this.surface.getBoundingClientRect();
    this.stick.hidden = false;
    this.stick.style.translate = `${event.clientX - box.left}px ${event.clientY - box.top}px`;
    this.#drawKnob(0, 0);
  }

  #drag(event) {
    if (!this.#origin || !event.isPrimary) return;
    const [x, y] = [event.clientX - this.#origin.x, event.clientY - this.#origin.y];
    this.#drawKnob(x, y);
    this.onDirection(directionOf(x, y));
  }

  #lift() {
    this.stick.hidden = true;
    if (!this.#origin) return;
    this.#origin = null;
    this.onDirection({ dx: 0, dy: 0 });
  }

  #drawKnob(x, y) {
    const length = Math.hypot(x, y) || 1;
    const share = Math.min(1, STICK_REACH_PX / length);
    /** @type {HTMLElement} */ (this.stick.firstElementChild).style.translate = `${x * share}px ${y * share}px`;
  }
}

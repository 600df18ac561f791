/* 살아 있는 숫자의 소켓: 잇고, 끊기면 다시 잇고, 보이지 않는 탭은 쉬게 한다. 무엇을 그리는지는 모른다.

값이 끊기면 따라가던 곳(data-follows)을 흐리게 하고 언제의 것인지 말한다. */

import { fresh, stale } from "./staleness.js";


const PATH = "/ops/live";
const BASE_MS = 500;
const CAP_MS = 10_000;
const STALE_MS = 5_000;
const HIDDEN_MS = 60_000;
const SIGNED_OUT = 4401;
const NOT_ALLOWED = 4403;
const FINAL = new Map([[SIGNED_OUT, "signed-out"], [NOT_ALLOWED, "not-allowed"]]);

/** 다음에 이을 때까지 쉴 밀리초. `failures`는 1부터, `random`은 0에서 1이다. */
export function retryDelayMs(failures, random) {
  return Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1)) * (0.5 + random / 2);
}

class LiveFeed {
  constructor({ onReading, onState }) {
    this.onReading = onReading;
    this.onState = onState;
    this.failures = 0;
    this.lastReadingMs = 0;
    document.addEventListener("visibilitychange", () => this.#visibility());
    setInterval(() => this.#checkStale(), 1000);
    this.#open();
  }

  #open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${PATH}`);
    this.socket.onmessage = (event) => {
      this.failures = 0;
      this.lastReadingMs = Date.now();
      this.onState("live");
      this.onReading(JSON.parse(event.data));
    };
    this.socket.onclose = (event) => this.#closed(event.code);
  }

  #closed(code) {
    this.socket = null;
    if (FINAL.has(code)) {
      this.onState(FINAL.get(code));
      return;
    }
    if (this.resting) return;
    this.failures += 1;
    this.onState("lost");
    this.retry = setTimeout(() => this.#open(), retryDelayMs(this.failures, Math.random()));
  }

  #checkStale() {
    if (this.socket && this.lastReadingMs && Date.now() - this.lastReadingMs > STALE_MS) this.onState("stale");
  }

  /** 오래 가려진 탭은 소켓을 놓는다: 아무도 보지 않으면 서버도 재지 않는다. */
  #visibility() {
    clearTimeout(this.restTimer);
    if (document.hidden) {
      this.restTimer = setTimeout(() => {
        this.resting = true;
        clearTimeout(this.retry);
        this.socket?.close();
      }, HIDDEN_MS);
    } else if (this.resting) {
      this.resting = false;
      this.failures = 0;
      this.#open();
    }
  }
}

/** 소켓을 열고 위 띠의 표지를 돌본다. */
export function watchLive(onReading) {
  const pill = document.getElementById("live-status");
  const notice = document.getElementById("redis-down");
  const followers = document.querySelectorAll("[data-follows]");
  let lastMs = 0;
  const show = (state) => {
    followers.forEach((each) => (state === "live" ? fresh(each) : stale(each, lastMs)));
    if (pill.dataset.state === state) return;
    pill.dataset.state = state;
    pill.querySelector("span").textContent = pill.getAttribute(`data-text-${state}`);
  };
  return new LiveFeed({
    onState: show,
    onReading: (reading) => {
      lastMs = Date.now();
      notice.hidden = reading.redis;
      onReading(reading);
    },
  });
}

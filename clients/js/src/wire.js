/**
 * 소켓 하나의 삶: 열고, 요청과 답을 짝짓고, 살아 있는지 재고, 닫힌 까닭을 알린다.
 *
 * 다시 붙는 일은 모른다(client.js가 새 Wire를 만든다). 기다리는 것에는 모두 기한이 있다.
 */

import { HanpanError, LOCAL_CODES, errorFromFrame } from "./errors.js";

const OPEN_DEADLINE_MS = 5000;
const REQUEST_DEADLINE_MS = 5000;
const PING_EVERY_MS = 2000;
/** ping을 보내고 이만큼 아무 말도 없으면 죽은 소켓이다. PING_EVERY_MS와 더해 5초 안에 안다. */
const SILENT_SOCKET_MS = 3000;
const ABNORMAL_CLOSE = 1006;

/**
 * @typedef {object} WireHandlers
 * @property {(message: any) => void} onMessage 요청의 답까지, 온 순서대로 모든 글 프레임
 * @property {(data: ArrayBuffer) => void} onState
 * @property {(latencyMs: number) => void} onLatency
 */

/** 16진수 글자 bytes*2개. */
function randomHex(bytes) {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(values, (value) => value.toString(16).padStart(2, "0")).join("");
}

/** 소켓 하나. 한 번 닫히면 다시 쓰지 않는다. */
export class Wire {
  /** 계약의 하위 프로토콜 이름. */
  static SUBPROTOCOL = "hanpan.v1";

  #socket;
  #handlers;
  #pending = new Map();
  #lastId = 0;
  #openTimer;
  #pingTimer = null;
  #silenceTimer = null;
  #settleOpened;
  #settleClosed;

  /**
   * @param {WebSocket} socket 갓 만든 소켓
   * @param {WireHandlers} handlers
   */
  constructor(socket, handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    /** 열리면 참, 기한 안에 열리지 않으면 거짓. @type {Promise<boolean>} */
    this.opened = new Promise((resolve) => { this.#settleOpened = resolve; });
    /** 닫히면 닫힘 코드로 이행한다(실패하지 않는다). @type {Promise<number>} */
    this.closed = new Promise((resolve) => { this.#settleClosed = resolve; });
    this.#openTimer = setTimeout(() => this.drop(), OPEN_DEADLINE_MS);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#start();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#finish(event.code);
  }

  /** 열려 있는가. 여는 중이거나 닫혔으면 거짓. */
  get isOpen() {
    return this.#socket.readyState === 1;
  }

  /** 답을 기다리지 않고 보낸다. 보낼 수 없으면 거짓. @returns {boolean} */
  send(message) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /**
   * 보내고 답을 기다린다. `trace`를 붙여 기한이 지났을 때에도 서버 로그를 찾을 수 있다.
   * @returns {Promise<any>} 답 메시지
   * @throws {HanpanError}
   */
  request(type, fields = {}, deadlineMs = REQUEST_DEADLINE_MS) {
    const id = `c${(this.#lastId += 1)}`;
    const traceId = randomHex(16);
    return new Promise((resolve, reject) => {
      const fail = (code, text) => {
        this.#pending.delete(id);
        reject(new HanpanError(code, text, { traceId }));
      };
      const timer = setTimeout(() => fail(LOCAL_CODES.DEADLINE, "서버의 답이 늦습니다"), deadlineMs);
      this.#pending.set(id, { resolve, reject, fail, timer });
      const isSent = this.send({ t: type, id, trace: `00-${traceId}-${randomHex(8)}-01`, ...fields });
      if (!isSent) this.#take(id).fail(LOCAL_CODES.DISCONNECTED, "연결이 끊겨 있습니다");
    });
  }

  /**
   * 소켓을 버리고 그 코드로 닫힌 것으로 친다. 닫는 악수를 기다리지 않는다(끊긴 망에서는 오래 걸린다).
   * @param {number} [code]
   */
  drop(code = ABNORMAL_CLOSE) {
    this.#socket.close();
    this.#finish(code);
  }

  /**
   * 살아 있는지 지금 묻는다. 기한 안에 무슨 말이든 오지 않으면 버린다.
   * 브라우저는 서버의 ping을 보여 주지 않는다: 조용히 죽은 소켓은 이쪽에서 알아내야 한다.
   */
  probe() {
    this.send({ t: "ping", ts: Math.round(performance.now()) });
    this.#silenceTimer ??= setTimeout(() => this.drop(), SILENT_SOCKET_MS);
  }

  #start() {
    clearTimeout(this.#openTimer);
    this.#pingTimer = setInterval(() => this.probe(), PING_EVERY_MS);
    this.#settleOpened(true);
  }

  #receive(data) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = null;
    if (typeof data !== "string") {
      this.#handlers.onState(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.t === "pong") {
      this.#handlers.onLatency(performance.now() - message.ts);
      return;
    }
    // 답이면 통지로도 먼저 보인 다음 기다리던 쪽이 이어 간다.
    if (message.t !== "error" || message.re === undefined) this.#handlers.onMessage(message);
    const waiting = message.re !== undefined && this.#take(message.re);
    if (!waiting) return;
    if (message.t === "error") waiting.reject(errorFromFrame(message));
    else waiting.resolve(message);
  }

  #take(id) {
    const waiting = this.#pending.get(id);
    if (!waiting) return null;
    this.#pending.delete(id);
    clearTimeout(waiting.timer);
    return waiting;
  }

  #finish(code) {
    clearTimeout(this.#openTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#silenceTimer);
    Object.assign(this.#socket, { onopen: null, onmessage: null, onclose: null });
    for (const id of [...this.#pending.keys()]) {
      this.#take(id).fail(LOCAL_CODES.DISCONNECTED, "답을 기다리다 끊겼습니다");
    }
    this.#settleOpened(false);
    this.#settleClosed(code);
  }
}

/**
 * 시험용 소켓: 망 없이 서버의 말을 흉내 낸다. 브라우저 WebSocket의 쓰는 부분만 있다.
 */

/** 소켓을 만들 때마다 적어 두는 WebSocket 대역. */
export function fakeSockets() {
  const sockets = [];
  class FakeSocket {
    readyState = 0;
    sent = [];

    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      sockets.push(this);
      queueMicrotask(() => this.open());
    }

    open() {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.readyState = 3;
    }

    /** 서버가 글 프레임을 보낸다. */
    say(message) {
      this.onmessage?.({ data: JSON.stringify(message) });
    }

    /** 서버가 상태 프레임을 보낸다. */
    state(bytes) {
      this.onmessage?.({ data: bytes });
    }

    /** 마지막으로 받은 요청에 답한다. */
    reply(message) {
      this.say({ ...message, re: this.last.id });
    }

    /** 서버가 닫는다. */
    cut(code = 1006) {
      this.readyState = 3;
      this.onclose?.({ code });
    }

    get last() {
      return this.sent.at(-1);
    }
  }
  return { FakeSocket, sockets };
}

/** 조건이 참이 될 때까지 사건 루프를 돌린다. */
export async function until(condition, what = "조건") {
  const deadline = Date.now() + 3000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`기다렸지만 오지 않았다: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
